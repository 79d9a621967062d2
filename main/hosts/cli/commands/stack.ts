import { splitId } from '../../../../preload/contract/ids.ts';
import type { Operation, Plan } from '../../../../preload/contract/model.ts';
import type { ObservedStack } from '../../../core/swarm/observed.ts';
import type { DeployOptions } from '../../../core/swarm/plan.ts';
import { publishedPorts } from '../../../core/swarm/published-ports.ts';
import type { VolumeBackup } from '../../../core/swarm/volume-data.ts';
import { findObstacle } from '../../../services/obstacles.ts';
import type { StackTarget } from '../../../services/services.ts';
import type { StackRequest } from '../../../services/swarm-plan.ts';
import type { PortReport } from '../../../services/swarm-ports.ts';
import { programName } from '../../shared/program-name.ts';
import { exitCodes, toExitCode } from '../exit-codes.ts';
import { unlessInterrupted } from '../interrupt.ts';
import { diagnosticText, errorText } from '../present/errors.ts';
import { planText } from '../present/plan.ts';
import { wasNotBegun } from '../present/progress.ts';
import { statusRows, toStatus } from '../present/stack.ts';
import { columns, count } from '../present/table.ts';
import { confirm } from '../prompt.ts';
import { type Command, type Context, cancelled, usage } from '../run.ts';
import { askConsent } from '../values.ts';
import { follow } from './change.ts';

export interface StackChange {
  readonly request: StackRequest;
  /** The stack's name as an argument, as docker has it; `-p` means the same. */
  readonly name?: string | undefined;
  /** What is to be agreed to in any case, as a sentence. */
  readonly asks?: string;
  /** The user has agreed to all of it, and to what it gives away of the keychain, with a plan that this one is a part of. */
  readonly agreed?: boolean;
}

export const stackTarget = ({ target }: Context, name?: string): StackTarget =>
  name === undefined ? target : { ...target, project: name };

/** Throws `usage` where nobody can be asked, `cancelled` where the answer is no. */
export async function agreeTo({ io, globals, signal }: Context, what: string): Promise<void> {
  if (globals.yes) return;
  if (!io.canAsk) throw usage(what, 'Agree with --yes.');
  if (!(await confirm(`${what} Go on?`, false, signal))) throw cancelled();
}

const planned = (context: Context, { request, name }: StackChange): Promise<Plan> =>
  unlessInterrupted(context.services.swarm.plan(stackTarget(context, name), request), context.signal, cancelled);

export interface RollbackFlags extends DeployOptions {
  readonly services: readonly string[];
  readonly to?: unknown;
  readonly backup?: boolean;
}

/** Of services, each by itself; or of the whole stack to one of its deploys. */
export function rollbackStack({ services, to, prune, resetScale, timeout, backup }: RollbackFlags): Command {
  const care = backup === undefined ? {} : { backup };
  if (typeof to !== 'string') {
    const alone = Object.entries({ prune, resetScale, timeout }).find(([, value]) => value !== undefined);
    if (alone !== undefined) throw usage(`--${alone[0] === 'resetScale' ? 'reset-scale' : alone[0]} needs --to.`);
    return changeStack({ request: { kind: 'rollback', services, ...care } });
  }
  if (services.length > 0) throw usage('--to takes the whole stack back: name no service, and the stack with -p.');
  const options = {
    ...(prune === undefined ? {} : { prune }),
    ...(resetScale === undefined ? {} : { resetScale }),
    ...(timeout === undefined ? {} : { timeout }),
  };
  return changeStack({ request: { kind: 'go-back', to, options, ...care } });
}

export function endCanary(end: string, services: readonly string[]): Command {
  if (end !== 'promote' && end !== 'rollback') throw usage(`stack canary takes promote or rollback, not ${end}.`);
  return changeStack({ request: { kind: 'canary', end, services } });
}

/** The plan, and nothing else. The exit code is the one that running it would end with at once. */
export const planStack =
  (change: StackChange): Command =>
  async (context) => {
    const { io } = context;
    const plan = await planned(context, change);
    io.data(plan);
    io.say(planText(plan, io.paint));
    const obstacle = findObstacle(plan);
    return obstacle === undefined ? exitCodes.done : toExitCode(obstacle.error.code);
  };

/** On a terminal, where data have no backup and none was asked for: the plan with one, if that is wanted. */
async function offerBackup(
  context: Context,
  change: StackChange,
  plan: Plan,
): Promise<{ readonly plan: Plan; readonly request: StackRequest }> {
  const { io, globals, signal } = context;
  const data = plan.warnings.filter(({ rule }) => rule === 'swarm-backup');
  const asks = data.length > 0 && plan.problems.length === 0 && io.canAsk && !globals.yes;
  if (!asks || change.request.backup !== undefined) return { plan, request: change.request };
  for (const { message } of data) io.say(message);
  if (!(await confirm('Copy these volumes to this machine first?', false, signal))) {
    return { plan, request: change.request };
  }
  const request = { ...change.request, backup: true };
  return { plan: await planned(context, { ...change, request }), request };
}

const aboutData = new Set(['swarm-backup', 'backup-in-use']);

/** Where what was started and taken back had data under it: the copies that this plan made before. undefined: it had none. */
async function copiesMade(
  context: Context,
  { warnings, steps }: Plan,
  operation: Operation,
): Promise<readonly VolumeBackup[] | undefined> {
  const touched =
    warnings.some(({ rule }) => aboutData.has(rule)) || steps.some(({ kind }) => kind === 'backup-volume');
  return touched ? copiesSince(context, operation) : undefined;
}

async function copiesSince({ services }: Context, { startedAt, stack }: Operation): Promise<readonly VolumeBackup[]> {
  const { project } = splitId(stack);
  return (await services.swarm.backups.list()).filter((one) => one.stack === project && one.at >= startedAt);
}

const writtenText = (backups: readonly VolumeBackup[]): string =>
  [
    'What ran meanwhile may have written to the volumes that the plan names.',
    ...backups.map(
      ({ id, volume, node }) => `  ${volume} on ${node} as it was before: ${programName()} stack restore-volume ${id}`,
    ),
    ...(backups.length === 0 ? ['  There is no copy from before it: --backup makes one next time.'] : []),
  ].join('\n');

/** Once, when all has converged: the ports of what this deploy changed. */
async function tryChanged(
  { services }: Context,
  target: StackTarget,
  { steps }: Plan,
  observed: ObservedStack,
): Promise<PortReport | undefined> {
  const changing = steps.filter(({ kind }) => kind === 'create-service' || kind === 'update-service');
  const changed = new Set(changing.flatMap(({ service }) => service ?? []));
  const ports = publishedPorts(observed).filter(({ service, protocol }) => changed.has(service) && protocol === 'tcp');
  if (ports.length === 0) return undefined;
  // The deploy is done, whether its ports can be tried or not.
  return services.swarm.tryPorts(target, [...changed]).catch(() => undefined);
}

/**
 * Plan, show, run, say how it ended. A plan that changed meanwhile is an error here: somebody else is at work on the same
 * Swarm, and that is to be looked at.
 */
export const changeStack =
  (change: StackChange): Command =>
  async (context) => {
    const { io, services } = context;
    const target = stackTarget(context, change.name);
    const { plan, request } = await offerBackup(context, change, await planned(context, change));
    io.data({ type: 'plan', ...plan });
    const obstacle = findObstacle(plan);
    if (obstacle !== undefined) {
      for (const warning of plan.warnings) io.warn(diagnosticText(warning, io.paint));
      throw obstacle;
    }
    io.say(planText(plan, io.paint));
    if (plan.steps.length === 0) {
      io.data({ type: 'result', state: 'done', steps: 0 });
      return exitCodes.done;
    }
    if (change.asks !== undefined) await agreeTo(context, change.asks);
    const given = (plan.credentials ?? []).map(({ name }) => name);
    const agree = change.agreed === true ? given : await askConsent(context, plan);
    const { operation: id } = await services.swarm.run(target, request, {
      fingerprint: plan.fingerprint,
      agree,
    });
    io.data({ type: 'operation', operation: id });
    const operation = await follow(context, id, false);
    if (operation.state !== 'done') return sayFailed(context, plan, operation);
    const result = await lookAfter(context, { request, target, plan, operation });
    io.data({ type: 'result', state: 'done', steps: operation.steps.length, ...result });
    return exitCodes.done;
  };

async function sayFailed(context: Context, plan: Plan, operation: Operation): Promise<number> {
  const { io } = context;
  const { state, steps, progress } = operation;
  const skipped = Object.values(progress).filter(wasNotBegun).length;
  if (skipped > 0) io.say(io.paint('dim', `○ ${count(skipped, 'step')} not begun`));
  const error = operation.error ?? { code: state === 'cancelled' ? 'cancelled' : 'internal', message: 'Cancelled.' };
  const backups = error.code === 'service.failed' ? await copiesMade(context, plan, operation) : undefined;
  io.data({ type: 'result', state, steps: steps.length, error, ...(backups === undefined ? {} : { backups }) });
  if (!io.json) io.warn(errorText(error, io.paint));
  if (backups !== undefined) io.say(writtenText(backups));
  return state === 'cancelled' ? exitCodes.cancelled : toExitCode(error.code);
}

interface DoneChange {
  readonly request: StackRequest;
  readonly target: StackTarget;
  readonly plan: Plan;
  readonly operation: Operation;
}

/** Says what is there now, and gives it as data. */
async function lookAfter(context: Context, { request, target, plan, operation }: DoneChange): Promise<object> {
  const { io, services } = context;
  if (request.kind === 'remove') return {};
  if (request.kind === 'restore-volume') {
    const [before] = await copiesSince(context, operation);
    if (before === undefined) return {};
    io.say(`What it held before is ${before.id}.`);
    return { before };
  }
  const where = { ...target, project: splitId(plan.stack).project };
  const observed = await services.swarm.look(where);
  const tried = request.kind === 'deploy' ? await tryChanged(context, where, plan, observed) : undefined;
  const status = toStatus(observed, tried?.ports);
  io.say(columns(statusRows(status, io.paint)).join('\n'));
  for (const finding of tried?.findings ?? []) io.warn(diagnosticText(finding, io.paint));
  return { services: status, ...(tried === undefined ? {} : { findings: tried.findings }) };
}
