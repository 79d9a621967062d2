import type { Raw } from '../plan/inherit.ts';
import { type Canary, canaryOf } from './canary-spec.ts';
import { specChanges } from './normal.ts';
import type { ObservedService, SeenTask } from './observed.ts';

/*
 * Whether a service is what it was asked to be: `docker service` calls that converged when running = desired for Monitor
 * (5 s unless UpdateConfig says otherwise). Pure: a look at the service and its tasks goes in, a verdict comes out.
 */

export interface Convergence {
  readonly kind: 'converged' | 'waiting' | 'failed';
  readonly running: number;
  readonly desired: number;
  /** For people: `2 of 3 tasks run`, and why not more. */
  readonly text: string;
  /** The task that says most about a failure. */
  readonly culprit?: SeenTask;
  /** The engine went back to the former spec by itself. */
  readonly rolledBack?: boolean;
}

const defaultMonitor = 5_000;
/** Failed tasks of one place after which a service counts as unable to start. */
const failuresAllowed = 3;
/** Milliseconds that a task may have no node: nodes come back, and other tasks end. */
export const patienceForNode = 20_000;

/** UpdateConfig.Monitor in milliseconds. */
export function monitorOf(spec: Raw): number {
  const monitor = (spec.UpdateConfig as { readonly Monitor?: number } | undefined)?.Monitor ?? 0;
  return monitor > 0 ? monitor / 1e6 : defaultMonitor;
}

interface Mode {
  readonly Replicated?: { readonly Replicas?: number };
  readonly ReplicatedJob?: { readonly TotalCompletions?: number };
  readonly Global?: Raw;
  readonly GlobalJob?: Raw;
}
export const modeOf = (spec: Raw): Mode => (spec.Mode ?? {}) as Mode;
/** Its tasks come to an end. */
export const isJobSpec = (spec: Raw): boolean => {
  const { ReplicatedJob, GlobalJob } = modeOf(spec);
  return ReplicatedJob !== undefined || GlobalJob !== undefined;
};
export const replicasOf = (spec: Raw): number | undefined => {
  const mode = modeOf(spec);
  return mode.Global === undefined && mode.GlobalJob === undefined && mode.ReplicatedJob === undefined
    ? (mode.Replicated?.Replicas ?? 1)
    : undefined;
};

const over = new Set(['failed', 'rejected', 'orphaned']);
/** Members of a task's spec whose change replaces the task. */
const replacing = ['ContainerSpec', 'Resources', 'LogDriver', 'Networks', 'ForceUpdate'] as const;
const isCurrent = (task: SeenTask, template: Raw): boolean =>
  replacing.every((member) => JSON.stringify(task.spec[member] ?? null) === JSON.stringify(template[member] ?? null));

/** An update from one spec to the other makes new tasks. */
export const tasksReplaced = (before: Raw, after: Raw): boolean => {
  const part = ({ TaskTemplate }: Raw): Raw => {
    const task = TaskTemplate as Raw;
    return { TaskTemplate: Object.fromEntries(replacing.map((member) => [member, task[member]])) };
  };
  const forced = ({ TaskTemplate }: Raw): number => Number((TaskTemplate as Raw).ForceUpdate ?? 0);
  return forced(before) !== forced(after) || specChanges(part(before), part(after)).length > 0;
};

const latest = (tasks: readonly SeenTask[]): SeenTask | undefined =>
  [...tasks].sort((a, b) => b.createdAt - a.createdAt)[0];

/** What a task has to say about its end. */
export function taskError(task: SeenTask): string {
  const exit = task.exitCode === undefined || task.exitCode === 0 ? '' : ` (exit code ${task.exitCode})`;
  const said = task.error ?? task.state;
  return said.includes('non-zero exit') ? `it ended with exit code ${task.exitCode ?? '?'}` : `${said}${exit}`;
}

/**
 * `now` is a manager's clock, which made the tasks' creation times. `changed`: an update was just asked for, so that one
 * that Swarm took back is a failure; else it is history, and what runs now counts.
 */
export function judgeService(
  service: ObservedService,
  tasks: readonly SeenTask[],
  now: number,
  { changed = false }: { readonly changed?: boolean } = {},
): Convergence {
  const { template } = service;
  const own = tasks.filter(({ service: id }) => id === service.id);
  const wanted = own.filter(({ desired }) => desired === 'running' || desired === 'ready');
  const state = service.update?.state ?? '';
  const done = state === 'completed' || state === 'rollback_completed';
  const settled = state === '' || done;
  const running = wanted.filter((task) => task.state === 'running' && (done || isCurrent(task, template))).length;
  const desired = desiredOf(service.spec, own);
  const fresh = own.filter(({ createdAt }) => createdAt >= service.updatedAt);
  const failed = fresh.filter(({ state }) => over.has(state));
  const culprit = latest(failed) ?? latest(own.filter(({ state }) => over.has(state)));
  const base = { running, desired };
  const because = culprit === undefined ? '' : `: ${taskError(culprit)}`;
  const end = (kind: Convergence['kind'], text: string, more: Partial<Convergence> = {}): Convergence => ({
    ...base,
    kind,
    text,
    ...(culprit === undefined || kind === 'converged' ? {} : { culprit }),
    ...more,
  });

  if (state === 'paused') return end('failed', `its update was stopped${because}`);
  if (state === 'rollback_paused') return end('failed', `going back to what ran before was stopped, too${because}`);
  if (state === 'rollback_completed' && changed) {
    return end('failed', `its update failed, and Swarm went back to what ran before${because}`, { rolledBack: true });
  }
  if (isJobSpec(service.spec)) return judgeJob(own, service, failed, end);
  const surplus = wanted.filter((task) => task.state === 'running').length > desired;
  if (settled && running >= desired && !surplus && wanted.every((task) => task.state === 'running')) {
    const back = state === 'rollback_completed' ? ', after it was rolled back' : '';
    return end('converged', `${running} of ${desired} tasks run${back}`);
  }
  const canary = canaryOf(service.spec);
  const all = wanted.filter((task) => task.state === 'running').length;
  const waits = canary !== undefined && state === 'updating';
  if (waits && running >= canary.tasks && all === desired && all === wanted.length) {
    return end('converged', `${all} of ${desired} tasks run, ${canaryText(canary, running)}`, { running: all });
  }
  const stuck = wanted.find(
    (task) => task.state === 'pending' && task.error !== undefined && now - task.createdAt > patienceForNode,
  );
  if (stuck !== undefined) return end('failed', `a task finds no node: ${stuck.error}`, { culprit: stuck });
  const policy = (template.RestartPolicy ?? {}) as { readonly Condition?: string };
  const inLoop = [...countBySlot(failed).values()].some((count) => count >= failuresAllowed);
  if (state !== 'updating' && state !== 'rollback_started' && culprit !== undefined) {
    if (inLoop) return end('failed', `its tasks keep ending${because}`);
    if (policy.Condition === 'none' && failed.length > 0 && wanted.length === 0)
      return end('failed', `its task ended${because}`);
  }
  const doing = state === 'rollback_started' ? 'going back to what ran before, ' : '';
  const pending = wanted.find(({ state: now, error }) => now !== 'running' && error !== undefined);
  const slow = pending?.error ?? (failed.length > 0 ? `${failed.length} failed${because}` : '');
  const count = waits
    ? `${all} of ${desired} tasks run, ${running} of ${canary.tasks} as the canary`
    : `${running} of ${desired} tasks run`;
  return end('waiting', `${doing}${count}${slow === '' ? '' : ` (${slow})`}`);
}

/** Swarm goes on with a canary where a task of before ends, or another manager takes over: what is counted is said. */
const canaryText = ({ tasks, by }: Canary, running: number): string =>
  `${running} of them ${running === 1 ? 'is' : 'are'} the canary of ${by}${running > tasks ? ` (asked for: ${tasks})` : ''}`;

/** Tasks that run with the service's newest spec. */
export const newTasks = ({ id, template }: ObservedService, tasks: readonly SeenTask[]): number =>
  tasks.filter(
    (task) =>
      task.service === id && task.desired === 'running' && task.state === 'running' && isCurrent(task, template),
  ).length;

function judgeJob(
  own: readonly SeenTask[],
  service: ObservedService,
  failed: readonly SeenTask[],
  end: (kind: Convergence['kind'], text: string) => Convergence,
): Convergence {
  const completed = own.filter((task) => task.state === 'complete' && isCurrent(task, service.template)).length;
  const total =
    modeOf(service.spec).ReplicatedJob?.TotalCompletions ??
    (modeOf(service.spec).GlobalJob === undefined ? 1 : own.length);
  const text = `${completed} of ${total} done`;
  if (completed >= total && own.length > 0) return end('converged', text);
  const lost = [...countBySlot(failed).values()].some((count) => count >= failuresAllowed);
  return end(lost ? 'failed' : 'waiting', lost ? `its tasks keep failing, ${text}` : text);
}

const countBySlot = (tasks: readonly SeenTask[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const { slot, node = '' } of tasks) {
    const place = slot === undefined || slot === 0 ? node : String(slot);
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return counts;
};

/** A global service has as many as there are nodes for it, which the tasks themselves show. */
function desiredOf(spec: Raw, tasks: readonly SeenTask[]): number {
  const replicas = replicasOf(spec);
  if (replicas !== undefined) return replicas;
  return new Set(tasks.filter(({ desired }) => desired === 'running').map(({ node, id }) => node ?? id)).size;
}

/** Converged, and for longer than a deploy would watch it: there is nothing to wait for. */
export function isStable(service: ObservedService, tasks: readonly SeenTask[], now: number): boolean {
  if (judgeService(service, tasks, now).kind !== 'converged') return false;
  const youngest = Math.max(
    0,
    ...tasks.filter((task) => task.service === service.id && task.state === 'running').map(({ at }) => at),
  );
  return now - youngest >= monitorOf(service.spec);
}
