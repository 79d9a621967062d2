import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ActionOptions, RunOptions } from '../../../../preload/contract/api.ts';
import { splitId } from '../../../../preload/contract/ids.ts';
import type { Operation, Plan } from '../../../../preload/contract/model.ts';
import { AppFailure } from '../../../core/app-failure.ts';
import { parseDotenv } from '../../../core/compose/dotenv.ts';
import { splitVolume } from '../../../core/compose/short/volumes.ts';
import { splitWords } from '../../../core/compose/short/words.ts';
import { toRunName } from '../../../core/plan/run-service.ts';
import { findObstacle } from '../../../services/obstacles.ts';
import type { AttachControl } from '../../../services/ports.ts';
import { exitCodes, toExitCode } from '../exit-codes.ts';
import type { SignalName } from '../interrupt.ts';
import type { Io } from '../io.ts';
import { errorText } from '../present/errors.ts';
import { planText } from '../present/plan.ts';
import { type Command, type Context, usage } from '../run.ts';
import { joinTerminal } from '../terminal.ts';
import { askMissing } from '../values.ts';
import { agree, type ChangeOptions, follow, planned, startRun } from './change.ts';
import { requirePrepared } from './first-run.ts';
import { requireServices } from './named-services.ts';

export interface RunFlags {
  readonly service: string;
  readonly command: readonly string[];
  readonly detach: boolean;
  readonly tty: boolean;
  readonly interactive: boolean;
  readonly quiet: boolean;
  readonly environment: readonly string[];
  readonly envFiles: readonly string[];
  readonly volumes: readonly string[];
  readonly entrypoint: string | undefined;
  /** What needs nothing done to it. */
  readonly plain: Omit<
    RunOptions,
    'slug' | 'detach' | 'tty' | 'interactive' | 'environment' | 'volumes' | 'entrypoint'
  >;
  readonly options: Pick<ActionOptions, 'build' | 'noDeps' | 'removeOrphans' | 'pull'>;
}

/** Standard output is the command's own, so what we say goes to standard error. */
const besideOutput = (io: Io, quiet: boolean): Io => ({
  ...io,
  live: !io.json && !quiet && process.stderr.isTTY === true && process.env.TERM !== 'dumb',
  columns: () => process.stderr.columns ?? 80,
  rows: () => process.stderr.rows ?? 24,
  say: (text) => {
    if (!io.json && !quiet) process.stderr.write(`${text}\n`);
  },
  raw: (chunk) => {
    process.stderr.write(chunk);
  },
});

/**
 * Variables of -e and of the files, as compose has them: a bare name takes the project's own value or is left out, a file
 * may use the variables of -e, and -e wins.
 */
async function readEnvironment(flags: RunFlags, project: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const given = new Map<string, string>();
  for (const text of flags.environment) {
    const equals = text.indexOf('=');
    const key = equals < 0 ? text : text.slice(0, equals);
    const value = equals < 0 ? (process.env[key] ?? project.get(key)) : text.slice(equals + 1);
    if (value !== undefined) given.set(key, value);
  }
  const fromFiles = new Map<string, string>();
  for (const file of flags.envFiles) {
    const text = await readFile(resolve(file), 'utf8').catch(() => {
      throw new AppFailure({ code: 'file.not-found', message: `There is no file ${resolve(file)}.` });
    });
    const { values, problems } = parseDotenv(text, (name) => given.get(name));
    const [problem] = problems;
    if (problem !== undefined) {
      const line = text.slice(0, problem.offset).split('\n').length;
      throw new AppFailure({ code: 'file.invalid', message: `${file}:${line}: ${problem.message}` });
    }
    for (const [key, value] of values) if (!fromFiles.has(key)) fromFiles.set(key, value);
  }
  return [...new Map([...fromFiles, ...given])].map(([key, value]) => `${key}=${value}`);
}

function readWords(line: string): readonly string[] {
  const found = splitWords(line);
  if (found !== undefined) return found.words;
  throw usage(`--entrypoint ${line} is not understood.`, 'Close its quotes.');
}

/** `./x:/y` is meant from where the command is typed. */
function absoluteVolume(spec: string): string {
  const parts = splitVolume(spec);
  const [source = '', ...rest] = parts;
  const home = /^~(?=[\\/]|$)/.test(source) ? (process.env.HOME ?? process.env.USERPROFILE ?? '~') : undefined;
  if (rest.length === 0 || (home === undefined && !source.startsWith('.'))) return spec;
  return [home === undefined ? resolve(source) : home + source.slice(1), ...rest].join(':');
}

/** Ends badly: said, and its exit code. */
function failed(context: Context, operation: Operation): number {
  const { io } = context;
  const found = operation.error ?? { code: 'cancelled' as const, message: 'Cancelled.' };
  if (io.json) io.data({ type: 'result', state: operation.state, error: found });
  else io.warn(errorText(found, io.paint));
  return operation.state === 'cancelled' ? exitCodes.cancelled : toExitCode(found.code);
}

/** A one-off container of a service: its dependencies are brought up, it runs, and its exit code becomes ours. */
export const runOnce =
  (flags: RunFlags): Command =>
  async (whole) => {
    const context: Context = { ...whole, io: besideOutput(whole.io, flags.quiet) };
    const { io, services, target } = context;
    await requirePrepared(context);
    await requireServices(context, [flags.service]);
    const loaded = await services.stacks.load(target);
    const isTty = flags.tty && process.stdin.isTTY === true && process.stdout.isTTY === true && !io.json;
    const run: RunOptions = {
      ...flags.plain,
      slug: randomBytes(32).toString('hex'),
      detach: flags.detach,
      tty: isTty,
      interactive: flags.interactive,
      command: [...flags.command],
      environment: [...(await readEnvironment(flags, loaded.variables))],
      volumes: flags.volumes.map(absoluteVolume),
      ...(flags.entrypoint === undefined ? {} : { entrypoint: [...readWords(flags.entrypoint)] }),
    };
    const change: ChangeOptions = { action: 'run', options: { ...flags.options, services: [flags.service], run } };
    let plan = await planned(context, change);
    if (await askMissing(context, plan)) plan = await planned(context, change);
    const name = toRunName(splitId(plan.stack).project, flags.service, run);
    io.data({ type: 'plan', ...plan });
    // The one-off alone needs no words, as with docker compose.
    const alone = plan.steps.every(({ target: on }) => on === name);
    const obstacle = findObstacle(plan);
    if (obstacle !== undefined) throw obstacle;
    if (!alone || plan.warnings.length > 0) io.say(planText(plan, io.paint));
    await agree(context, plan);
    const operation = await follow(context, await startRun(context, change, plan), flags.quiet || alone);
    if (operation.state !== 'done') return failed(context, operation);
    return flags.detach ? tellId(whole, plan, name) : attach(whole, { engine: splitId(plan.stack).engine, name, run });
  };

async function tellId({ io, services, signal }: Context, plan: Plan, name: string): Promise<number> {
  const connection = services.engines.get(splitId(plan.stack).engine);
  const [container] = await connection.inspectContainers([name], signal);
  // With --rm it may be gone already.
  io.data({ container: name, ...(container === undefined ? {} : { id: container.id }) });
  io.say(container?.id ?? name);
  return exitCodes.done;
}

interface Attach {
  readonly engine: string;
  readonly name: string;
  readonly run: RunOptions;
}

/** Signals of this process go to the command, as docker has it; what it makes of them decides. */
async function attach(context: Context, { engine, name, run }: Attach): Promise<number> {
  const { io, services, takeSignals } = context;
  let control: AttachControl | undefined;
  let early: SignalName | undefined;
  const giveBack = takeSignals((signal) => {
    if (control === undefined) early = signal;
    // It may have ended.
    else control.kill(signal).catch(() => undefined);
  });
  try {
    const ended = await joinTerminal(io, run.tty === true, ({ tty, input, onOutput, onStart }) =>
      services.engines.get(engine).attach(name, {
        tty,
        removed: run.remove === true,
        ...(run.interactive === true ? { input } : {}),
        onOutput,
        onStart: (started) => {
          control = started;
          onStart(started);
          if (early !== undefined) started.kill(early).catch(() => undefined);
        },
      }),
    );
    io.data({ container: name, ...ended });
    if (!ended.detached) return ended.exitCode;
    io.warn(`Left ${name}; it goes on.`);
    return exitCodes.done;
  } finally {
    giveBack();
  }
}
