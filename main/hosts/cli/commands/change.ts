import type { ActionOptions } from '../../../../preload/contract/api.ts';
import { splitId } from '../../../../preload/contract/ids.ts';
import type { Operation, Plan, PlanAction } from '../../../../preload/contract/model.ts';
import { AppFailure } from '../../../core/app-failure.ts';
import type { Project } from '../../../core/compose/project.ts';
import { findObstacle } from '../../../services/obstacles.ts';
import { programName } from '../../shared/program-name.ts';
import { exitCodes, toExitCode } from '../exit-codes.ts';
import { commandPrefix, meansLocal } from '../globals.ts';
import { unlessInterrupted } from '../interrupt.ts';
import { settledServices } from '../live-view.ts';
import { diagnosticText, errorText } from '../present/errors.ts';
import { planText } from '../present/plan.ts';
import { liveProgress, type ProgressView, plainProgress, reduceOperation, wasNotBegun } from '../present/progress.ts';
import { serviceData } from '../present/services.ts';
import { doneText, nothingToDoText } from '../present/summary.ts';
import { count } from '../present/table.ts';
import { confirm } from '../prompt.ts';
import { type Command, type Context, cancelled, usage } from '../run.ts';
import { askConsent, askMissing } from '../values.ts';
import { tellLogin } from './claude-login.ts';
import { type LocalOptions, moveTakenPorts, prepareLocal, requirePrepared } from './first-run.ts';
import { requireServices } from './named-services.ts';
import { bringToContainers } from './team/config.ts';

export interface ChangeOptions {
  readonly action: PlanAction;
  readonly options: ActionOptions;
  readonly local?: LocalOptions;
  /** Nothing but failures. */
  readonly quiet?: boolean;
}

/** The others follow the containers' labels when a file cannot be used. */
const needsFile: ReadonlySet<PlanAction> = new Set(['up', 'build', 'pull', 'scale', 'run']);

/** After these a dev container has lost what was in its memory. */
const starts: ReadonlySet<PlanAction> = new Set(['up', 'start', 'restart']);

const destroys = (plan: Plan): boolean => plan.losses.length > 0 || plan.steps.some(({ destructive }) => destructive);

/** Asks before something is lost for good; what `up` can bring back is not asked about, as docker compose users expect. */
export async function agree(context: Context, plan: Plan): Promise<void> {
  const { io, globals, signal } = context;
  if (!destroys(plan) || globals.yes) return;
  if (!io.canAsk) {
    throw usage(
      `This loses something that cannot be had back: ${plan.losses.join(', ') || 'see the plan'}.`,
      `Say so with \`--yes\`, or look at it first with \`${programName()} plan\`.`,
    );
  }
  if (!(await confirm('Go on?', false, signal))) throw cancelled();
}

/** On a terminal the local stack's taken ports can be moved at once; elsewhere the command that does it is named. */
async function resolveConflicts(context: Context, plan: Plan): Promise<boolean> {
  const { io, globals, signal } = context;
  const moves = new Map(
    plan.conflicts.flatMap(({ port, alternative }) =>
      port.host === undefined || alternative === undefined ? [] : [[port.host, alternative] as const],
    ),
  );
  const local = meansLocal(globals);
  if (local && io.canAsk && moves.size === plan.conflicts.length) {
    const list = [...moves].map(([from, to]) => `${from} to ${to}`).join(', ');
    if (await confirm(`Move ${list} and go on?`, true, signal)) {
      await moveTakenPorts(context, moves);
      return true;
    }
  }
  const first = plan.conflicts[0];
  const flags = plan.conflicts
    .map(({ port, alternative }) => `--port ${port.container}=${alternative ?? 'PORT'}`)
    .join(' ');
  throw new AppFailure({
    code: 'port.taken',
    message: plan.conflicts
      .map(({ port, service, owner }) => `Port ${port.host ?? port.container} for ${service} is held by ${owner}.`)
      .join('\n'),
    hint: local
      ? `Free it, or take another: \`${commandPrefix(globals)} up ${flags}\`.`
      : `Free it, or publish ${first?.service ?? 'the service'} on another port in the compose file.`,
  });
}

/** Problems end it here, with every finding. Ports alone may be moved. */
function refuse(plan: Plan): void {
  const obstacle = findObstacle(plan);
  if (obstacle !== undefined && plan.problems.length > 0) throw obstacle;
}

/** Follows one operation to its end. Ctrl-C cancels it; the end is waited for, so that nothing is left running. */
export async function follow(context: Context, id: string, quiet: boolean): Promise<Operation> {
  const { io, services, signal } = context;
  const loud = () => (io.live ? liveProgress(io, io.raw) : plainProgress(io));
  const view: ProgressView = quiet ? { update: () => undefined, end: () => undefined } : loud();
  let operation: Operation | undefined;
  const stop = services.operations.subscribe((frame) => {
    const next = reduceOperation(operation, id, frame);
    if (next === undefined) return;
    operation = next.operation;
    for (const change of next.changes) {
      io.data({ type: 'progress', ...change });
      view.update(operation, change);
    }
  });
  const cancel = () => services.operations.cancel(id);
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  try {
    return await services.operations.finished(id);
  } finally {
    signal.removeEventListener('abort', cancel);
    view.end();
    stop();
  }
}

export async function planned(context: Context, { action, options }: ChangeOptions): Promise<Plan> {
  const { services, target, signal } = context;
  return unlessInterrupted(services.stacks.plan(target, action, options), signal, cancelled);
}

/**
 * Starts the plan. When the world moved since it was made (a health check passed, a file in a build context changed, what a
 * killed program asked for is still being carried out) the new plan is shown and taken, with the same question when it
 * loses something; five times at most.
 */
export async function startRun(context: Context, change: ChangeOptions, plan: Plan, attempt = 0): Promise<string> {
  const { io, services, target } = context;
  try {
    const agreed = await askConsent(context, plan);
    const options = { ...change.options, fingerprint: plan.fingerprint, agree: agreed };
    return (await services.stacks.run(target, change.action, options)).operation;
  } catch (error) {
    const moved = error instanceof AppFailure && error.error.code === 'plan.changed';
    if (!moved || attempt === 5) throw error;
    const fresh = await planned(context, change);
    io.data({ type: 'plan', ...fresh });
    io.say(`The plan has changed meanwhile.\n${planText(fresh, io.paint)}`);
    await agree(context, fresh);
    return startRun(context, change, fresh, attempt + 1);
  }
}

/**
 * Looks at the engine from now on, so that the MCP servers of the local stack are asked as soon as their container runs;
 * the end waits for them. Resolves with the project that names them. Every other stack is looked at when it is done.
 */
async function followServers({ services, target }: Context, { stack }: Plan): Promise<Project | undefined> {
  // Whatever goes wrong here is said where the answer is used.
  void services.live.ready(splitId(stack).engine).catch(() => undefined);
  return (await services.stacks.load(target)).project;
}

/** Every action but `run`: plan, show, ask where something is lost, run, sum up. */
export const change =
  (change: ChangeOptions): Command =>
  async (context) => {
    const { globals, services, signal } = context;
    const quiet = change.quiet === true;
    const io = quiet ? { ...context.io, say: () => undefined } : context.io;
    if (meansLocal(globals) && change.local !== undefined) await prepareLocal(context, change.local);
    else if (needsFile.has(change.action)) await requirePrepared(context);
    await requireServices(context, change.options.services);

    let plan = await planned(context, change);
    const show = () => {
      io.data({ type: 'plan', ...plan });
      // What stands in the way is told by the failure that follows, with everything else that does.
      if (plan.problems.length > 0) {
        for (const warning of plan.warnings) io.warn(diagnosticText(warning, io.paint));
        return;
      }
      if (plan.steps.length > 0 || plan.conflicts.length > 0 || plan.warnings.length > 0)
        io.say(planText(plan, io.paint));
    };
    show();
    if (await askMissing(context, plan)) {
      plan = await planned(context, change);
      show();
    }
    refuse(plan);
    if (plan.conflicts.length > 0 && (await resolveConflicts(context, plan))) {
      plan = await planned(context, change);
      show();
      refuse(plan);
      if (plan.conflicts.length > 0) await resolveConflicts(context, plan);
    }
    const project = meansLocal(globals) ? await followServers(context, plan) : undefined;
    if (plan.steps.length === 0) {
      const { list } = await settledServices(services, { stack: plan.stack, project, signal });
      io.say(nothingToDoText(change.action, list));
      // After a restart by others nothing differs from the file, and the memory is empty.
      if (meansLocal(globals) && starts.has(change.action)) await bringToContainers({ ...context, io });
      io.data({ type: 'result', state: 'done', steps: 0, services: list.map(serviceData) });
      return exitCodes.done;
    }
    await agree(context, plan);
    const id = await startRun(context, change, plan);
    io.data({ type: 'operation', operation: id });
    const operation = await follow(context, id, quiet);
    const error = operation.error;
    if (operation.state !== 'done') {
      const skipped = Object.values(operation.progress).filter(wasNotBegun).length;
      if (skipped > 0) io.say(io.paint('dim', `○ ${count(skipped, 'step')} not begun`));
      const found = error ?? {
        code: operation.state === 'cancelled' ? 'cancelled' : 'internal',
        message: 'Cancelled.',
      };
      io.data({ type: 'result', state: operation.state, steps: operation.steps.length, error: found });
      if (!io.json) io.warn(errorText(found, io.paint));
      return operation.state === 'cancelled' ? exitCodes.cancelled : toExitCode(found.code);
    }
    const { list } = await settledServices(services, { stack: plan.stack, project, signal });
    io.say(
      doneText({
        operation,
        services: list,
        prefix: commandPrefix(globals),
        shell: meansLocal(globals) ? 'bash' : 'sh',
        now: Date.now(),
        paint: io.paint,
      }),
    );
    if (meansLocal(globals) && starts.has(change.action)) await bringToContainers({ ...context, io });
    io.data({ type: 'result', state: 'done', steps: operation.steps.length, services: list.map(serviceData) });
    if (meansLocal(globals) && change.action === 'up' && !io.json && !quiet) await tellLogin(context, plan.stack);
    return exitCodes.done;
  };
