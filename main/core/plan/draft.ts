import type { PlanAction } from '../../../preload/contract/model.ts';
import type { Conflict, CorePlan, HookSpec, ObservedContainer, Step } from './plan.ts';
import type { Problem } from './problem.ts';

type WaitKind = 'wait-healthy' | 'wait-completed' | 'wait-running';
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** A step as a planner says it: the id follows from kind and target. */
export type NewStep = DistributiveOmit<Step, 'id' | 'after' | 'destructive'> & {
  readonly after?: Iterable<string>;
  readonly destructive?: boolean;
  /** Tells apart two steps of one kind on one target. */
  readonly suffix?: string;
};

export interface NewWait {
  readonly kind: WaitKind;
  /** Name for people; `container` is the reference that the engine gets. */
  readonly target: string;
  readonly container: string;
  readonly service: string;
  readonly cause: string;
  readonly after: readonly string[];
  readonly optional: boolean;
  readonly orRunning?: boolean;
  readonly mayRecover?: boolean;
  readonly timeout?: number;
}

/** A plan being made. Steps keep the order in which they were said; saying the same step again adds nothing. */
export interface Draft {
  readonly add: (step: NewStep) => string;
  /** Several may wait for the same thing: the causes are joined, and it is optional only when it is for all of them. */
  readonly wait: (wait: NewWait) => string;
  readonly stop: (container: ObservedContainer, cause: string, how: StopHow) => string | undefined;
  readonly remove: (container: ObservedContainer, cause: string, how: RemoveHow) => string;
  readonly has: (id: string) => boolean;
  readonly warn: (warning: Problem) => void;
  readonly lose: (what: string) => void;
  readonly conflict: (conflict: Conflict) => void;
  readonly finish: (project: string, action: PlanAction, problems?: readonly Problem[]) => CorePlan;
}

export interface StopHow {
  readonly after?: Iterable<string>;
  readonly timeout?: number | undefined;
  readonly hooks?: readonly HookSpec[];
}
export interface RemoveHow {
  readonly after?: Iterable<string>;
  readonly removeVolumes?: boolean;
  readonly destructive?: boolean;
}

/** States in which a container has a process, or soon has one again. */
export const isRunning = (container: ObservedContainer): boolean =>
  container.state === 'running' || container.state === 'paused' || container.state === 'restarting';

export function createDraft(): Draft {
  const steps = new Map<string, Step>();
  const warnings: Problem[] = [];
  const losses: string[] = [];
  const conflicts: Conflict[] = [];

  const add = (step: NewStep): string => {
    const { suffix, after, destructive, ...rest } = step;
    const id = `${step.kind} ${step.target}${suffix === undefined ? '' : ` ${suffix}`}`;
    if (!steps.has(id)) {
      steps.set(id, { ...rest, id, after: [...new Set(after)], destructive: destructive ?? false } as Step);
    }
    return id;
  };

  const wait = (next: NewWait): string => {
    const id = `${next.kind} ${next.target}`;
    const before = steps.get(id);
    if (before === undefined) return add(next);
    const cause = before.cause.split('; ').includes(next.cause) ? before.cause : `${before.cause}; ${next.cause}`;
    if (!('optional' in before)) return id;
    steps.set(id, { ...before, cause, optional: before.optional && next.optional });
    return id;
  };

  const stop: Draft['stop'] = (container, cause, how) => {
    if (!isRunning(container)) return undefined;
    return add({
      kind: 'stop-container',
      target: container.name,
      service: container.service,
      cause,
      container: container.id,
      hooks: how.hooks ?? [],
      ...(how.timeout === undefined ? {} : { timeout: how.timeout }),
      after: how.after ?? [],
    });
  };

  const remove: Draft['remove'] = (container, cause, how) => {
    // The engine refuses to disconnect what is being removed (seen on 20.10), so that comes first where it is to be.
    const disconnects = Object.keys(container.networks)
      .map((network) => `disconnect-network ${container.name} from ${network}`)
      .filter((id) => steps.has(id));
    return add({
      kind: 'remove-container',
      target: container.name,
      service: container.service,
      cause,
      container: container.id,
      removeVolumes: how.removeVolumes ?? false,
      destructive: how.destructive ?? false,
      after: [...(how.after ?? []), ...disconnects],
    });
  };

  return {
    add,
    wait,
    stop,
    remove,
    has: (id) => steps.has(id),
    warn: (warning) => warnings.push(warning),
    lose: (what) => losses.push(what),
    conflict: (conflict) => conflicts.push(conflict),
    finish: (project, action, problems = []) => ({
      project,
      action,
      steps: inOrder([...steps.values()]),
      losses,
      conflicts,
      problems,
      warnings,
    }),
  };
}

/** As said, but nothing before what it comes after: a name may be freed by a step of a service that comes later. */
function inOrder(steps: readonly Step[]): readonly Step[] {
  const done = new Set<string>();
  const ordered: Step[] = [];
  let rest = steps;
  while (rest.length > 0) {
    const waiting: Step[] = [];
    for (const step of rest) {
      if (!step.after.every((id) => done.has(id))) {
        waiting.push(step);
        continue;
      }
      done.add(step.id);
      ordered.push(step);
    }
    // They wait for each other, or for a step that is not there: run-plan says so.
    if (waiting.length === rest.length) return [...ordered, ...waiting];
    rest = waiting;
  }
  return ordered;
}
