import type { AppError, Diagnostic } from '../../preload/contract/errors.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { SecretOrigin } from '../core/compose/x-claude-env.ts';
import type { SecretReference } from '../core/plan/plan.ts';
import type { Files, Programs } from './ports.ts';
import type { Trust } from './trust.ts';

export type CommandOrigin = Extract<SecretOrigin, { from: 'command' }>;

export interface CommandSourcesOptions {
  readonly files: Files;
  readonly programs: Programs;
  readonly trust: Pick<Trust, 'judge'>;
}

/** Somebody may have to unlock a password manager by a finger or in a dialog. */
const patience = 60_000;
/** As a keychain's value. */
const maxBytes = 64 * 1024;

/** What gives a secret, without its arguments: those may name more than everybody should read. */
const titleOf = ({ command }: CommandOrigin): string => `\`${command[0] ?? ''} …\``;

/**
 * Values that a program of the user's prints (`op read …`, `vault kv get …`): run without a shell and without input, for files
 * that the user has marked as trusted, and only with the very words that stand in them.
 */
export function createCommandSources({ files, programs, trust }: CommandSourcesOptions) {
  /** Why it may not be run, for a stack of these files; undefined: it may. */
  const refusal = async (origin: CommandOrigin, stackFiles: readonly string[]): Promise<AppError | undefined> => {
    const { where } = origin;
    const at = where === undefined ? {} : { where };
    const { untrusted, commands } = await trust.judge([...stackFiles, ...(where === undefined ? [] : [where.file])]);
    const [first] = untrusted;
    if (first !== undefined) {
      const all = untrusted.map(({ path }) => path).join(' ');
      return {
        code: 'source.untrusted',
        message: `${titleOf(origin)} may not be run: ${first.path} ${first.changed ? 'has changed since it was trusted' : 'is not trusted'}.`,
        hint: `Read it, then: npx claude-env trust add ${all}`,
        ...at,
      };
    }
    const words = JSON.stringify(origin.command);
    if (commands.some((one) => JSON.stringify(one) === words)) return undefined;
    return {
      code: 'source.untrusted',
      message: `${titleOf(origin)} may not be run: the trusted files do not have these very words.`,
      hint: 'Write the whole command in one of the files that -f names, and trust that.',
      ...at,
    };
  };

  const findProgram = async (origin: CommandOrigin): Promise<string> => {
    const [name = ''] = origin.command;
    if (/^(?:\/|[A-Za-z]:[\\/])/.test(name)) return name;
    // A program of the project's own could be another one tomorrow, and nobody would have agreed to that.
    if (/[\\/]/.test(name)) {
      throw failure(origin, 'is a relative path', 'Name a program that is on PATH, or its absolute path.');
    }
    const found = await programs.find(name);
    if (found !== undefined) return found;
    throw failure(origin, 'is not installed: it is on no folder of PATH', 'Install it, or correct its name.');
  };

  /** The value, without the line break at its end. Throws `source.untrusted` and `source.failed`. */
  const run = async (origin: CommandOrigin, stackFiles: readonly string[], signal?: AbortSignal): Promise<string> => {
    const refused = await refusal(origin, stackFiles);
    if (refused !== undefined) throw new AppFailure(refused);
    const program = await findProgram(origin);
    const end = await programs.run({
      program,
      args: origin.command.slice(1),
      cwd: files.home(),
      env: files.environment(),
      timeout: patience,
      maxBytes,
      ...(signal === undefined ? {} : { signal }),
    });
    switch (end.kind) {
      case 'not-started':
        throw failure(origin, `could not be started: ${end.reason}`, 'Try it in a terminal.');
      case 'late':
        throw failure(
          origin,
          `did not end within ${patience / 1000} s`,
          'Log in to it in a terminal, and start again.',
          true,
        );
      case 'too-much':
        throw failure(
          origin,
          `wrote more than ${maxBytes / 1024} KiB, which is no secret`,
          'Let it print the value alone.',
        );
      case 'cancelled':
        throw new AppFailure({ code: 'cancelled', message: `${titleOf(origin)}: cancelled.` });
      case 'ended':
        break;
    }
    if (end.code !== 0) {
      throw failure(
        origin,
        `ended with ${end.code === null ? 'a signal' : `code ${end.code}`}; what it wrote is not shown, because it may hold the value`,
        'Run it in a terminal to see why: often it wants a login.',
      );
    }
    const value = end.output.replace(/\r?\n$/, '');
    if (value === '') throw failure(origin, 'printed nothing', 'Run it in a terminal: it has to print the value.');
    return value;
  };

  return {
    run,
    /** What keeps commands that these references need from being run. */
    problems: async (
      references: readonly SecretReference[],
      stackFiles: readonly string[],
    ): Promise<readonly Diagnostic[]> => {
      const found = new Map<string, Diagnostic>();
      for (const { origin, kind, name } of references) {
        if (origin?.from !== 'command') continue;
        const refused = await refusal(origin, stackFiles);
        if (refused === undefined) continue;
        const { message, hint, where } = refused;
        found.set(`${kind} ${name}`, {
          severity: 'error',
          rule: 'command-untrusted',
          message: `${kind} ${name}: ${message}`,
          ...(hint === undefined ? {} : { hint }),
          ...(where === undefined ? {} : { where }),
        });
      }
      return [...found.values()];
    },
  };
}
export type CommandSources = ReturnType<typeof createCommandSources>;

function failure(origin: CommandOrigin, what: string, hint: string, retry = false): AppFailure {
  return new AppFailure({
    code: 'source.failed',
    message: `${titleOf(origin)} ${what}.`,
    hint,
    ...(origin.where === undefined ? {} : { where: origin.where }),
    ...(retry && { retry: true }),
  });
}
