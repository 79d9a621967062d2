import { AppFailure } from '../app-failure.ts';
import type { Raw } from '../plan/inherit.ts';
import type { CorePlan, Step } from '../plan/plan.ts';
import { canariesOf, canaryCause, toCanary } from './canary.ts';
import { canaryOf } from './canary-spec.ts';
import { withChecks } from './check-images.ts';
import { isJobSpec, modeOf, replicasOf } from './converge.ts';
import { scaleLabel, stackImageLabel, toFamiliarImage, toKey, toScopedName, withDigest } from './names.ts';
import { specChanges } from './normal.ts';
import { type ObservedService, type ObservedStack, seenSpec } from './observed.ts';
import { imageOf, labelsOf, withPlatforms } from './spec-image.ts';

/* Changes of services that run already, without their file. */

/** A plan of these steps alone. */
export const planOf = (observed: ObservedStack, action: CorePlan['action'], steps: readonly Step[]): CorePlan => ({
  project: observed.stack,
  action,
  steps,
  losses: [],
  conflicts: [],
  problems: [],
  warnings: [],
});

/** Throws `stack.not-found` for a stack that the Swarm does not have. */
export function requireServices({ stack, services }: ObservedStack): void {
  if (services.length > 0) return;
  throw new AppFailure({
    code: 'stack.not-found',
    message: `There is no stack ${stack} on this Swarm.`,
    hint: 'claude-env stack ls shows those that are there.',
  });
}

/** A service by its name in the file, or its whole name. Throws `usage`, `stack.not-found`. */
export function findService(observed: ObservedStack, name: string): ObservedService {
  const { stack, services } = observed;
  requireServices(observed);
  const found =
    services.find((one) => one.name === toScopedName(stack, name)) ?? services.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new AppFailure({
    code: 'usage',
    message: `The stack ${stack} has no service ${name}.`,
    hint: `It has: ${services.map((one) => toKey(stack, one.name)).join(', ')}.`,
  });
}

/** Those that are named, each once and found as by `findService`; of none, all. Throws `usage`, `stack.not-found`. */
export function chooseServices(observed: ObservedStack, names: readonly string[]): readonly ObservedService[] {
  requireServices(observed);
  return names.length === 0 ? observed.services : [...new Set(names.map((name) => findService(observed, name)))];
}

/** An update, and the wait for it. */
export function changeStep(
  observed: ObservedStack,
  service: ObservedService,
  body: Raw,
  cause: string,
): readonly Step[] {
  const key = toKey(observed.stack, service.name);
  const id = `update-service ${service.name}`;
  const base = { target: key, service: key, destructive: false };
  return [
    {
      ...base,
      id,
      cause,
      after: [],
      kind: 'update-service',
      body,
      image: imageOf(body),
      serviceId: service.id,
      version: service.version,
      seen: seenSpec(service),
    },
    waitFor(observed, service, id),
  ];
}

export const waitFor = ({ stack }: ObservedStack, { name }: ObservedService, after: string): Step => ({
  id: `wait-converged ${name}`,
  target: toKey(stack, name),
  service: toKey(stack, name),
  cause: 'updated',
  destructive: false,
  after: [after],
  kind: 'wait-converged',
  stack,
  name,
  // Going back ends in the state that is a failure elsewhere.
  changed: after.startsWith('update-service'),
  rollback: false,
});

const scaledTo = (spec: Raw, count: number): Raw => ({
  ...spec,
  Labels: { ...labelsOf(spec), [scaleLabel]: String(count) },
  Mode: { Replicated: { Replicas: count } },
});

/** Replicas by the service's name; a global service or a job has none to set. */
export function planScaleStack(observed: ObservedStack, replicas: Readonly<Record<string, number>>): CorePlan {
  const steps = Object.entries(replicas).flatMap(([name, count]) => {
    const service = findService(observed, name);
    const now = replicasOf(service.spec);
    if (now === undefined) {
      const mode = Object.keys(modeOf(service.spec))[0] ?? '';
      throw new AppFailure({ code: 'usage', message: `${name} is ${mode}: it has no replicas to set.` });
    }
    if (now === count) return [];
    return changeStep(observed, service, scaledTo(service.spec, count), `replicas ${now} → ${count}`);
  });
  const chosen = Object.keys(replicas).map((name) => findService(observed, name));
  return { ...planOf(observed, 'scale', steps), problems: canariesOf(observed, chosen) };
}

export interface UpdateRequest {
  readonly services: readonly string[];
  /** For one service. */
  readonly image?: string;
  /** Replaces the tasks although nothing changed. */
  readonly force?: boolean;
  /** So many tasks first; the others when that is promoted. */
  readonly canary?: number;
}

/** Another image, or the newest of the same; with `force` fresh tasks in any case. `operator`: who opens a canary. */
export function planUpdateStack(
  observed: ObservedStack,
  { services, image, force, canary }: UpdateRequest,
  operator = '',
): CorePlan {
  const chosen = chooseServices(observed, services);
  if (image !== undefined && chosen.length !== 1) {
    throw new AppFailure({ code: 'usage', message: '--image needs the name of one service.' });
  }
  const problems = [...canariesOf(observed, chosen)];
  const steps = chosen.flatMap((service) => {
    const labels = labelsOf(service.spec);
    const written = image ?? labels[stackImageLabel] ?? imageOf(service.spec);
    const digest = observed.digests[written];
    const next =
      digest !== undefined
        ? withDigest(written, digest)
        : image === undefined
          ? imageOf(service.spec)
          : toFamiliarImage(image);
    const task = service.spec.TaskTemplate as Raw;
    const bare: Raw = {
      ...service.spec,
      Labels: { ...labels, [stackImageLabel]: written },
      TaskTemplate: { ...task, ContainerSpec: { ...(task.ContainerSpec as Raw), Image: next } },
    };
    const placed = digest === undefined ? bare : withPlatforms(bare, observed.platforms?.[written]);
    const body = force === true ? forced(placed) : placed;
    const changes = [
      ...specChanges(service.spec, body),
      ...(force === true ? ['its tasks are replaced, as asked for'] : []),
    ];
    if (changes.length === 0) return [];
    const cause = changes.join(', ');
    if (canary === undefined) return changeStep(observed, service, body, cause);
    const key = toKey(observed.stack, service.name);
    const asked = toCanary({ key, there: service, body, tasks: canary, by: operator });
    if ('body' in asked) return changeStep(observed, service, asked.body, canaryCause(asked.body, cause));
    problems.push(asked.problem);
    return [];
  });
  return { ...planOf(observed, 'restart', withChecks(observed, steps)), problems };
}

/**
 * Fresh tasks of the very same spec, in the way of the service's update_config, and no registry is asked: what
 * `docker service update --force` does. A job runs once more only where it is named.
 */
export function planRestartStack(observed: ObservedStack, services: readonly string[]): CorePlan {
  const all = chooseServices(observed, services);
  const chosen = services.length === 0 ? all.filter(({ spec }) => !isJobSpec(spec)) : all;
  const steps = chosen.flatMap((service) =>
    changeStep(observed, service, forced(service.spec), 'its tasks are replaced, as asked for'),
  );
  return { ...planOf(observed, 'restart', steps), problems: canariesOf(observed, chosen) };
}

/** The same spec, which Swarm nevertheless makes new tasks for. */
const forced = (spec: Raw): Raw => {
  const task = spec.TaskTemplate as Raw;
  return { ...spec, TaskTemplate: { ...task, ForceUpdate: Number(task.ForceUpdate ?? 0) + 1 } };
};

export function rollbackStep({ stack }: ObservedStack, service: ObservedService, cause: string): Step {
  const key = toKey(stack, service.name);
  return {
    id: `rollback-service ${service.name}`,
    target: key,
    service: key,
    cause,
    destructive: false,
    after: [],
    kind: 'rollback-service',
    serviceId: service.id,
    version: service.version,
    seen: seenSpec(service),
  };
}

/** Back to what ran before the last change, of the services named or of every one that can. */
export function planRollbackStack(observed: ObservedStack, services: readonly string[]): CorePlan {
  const chosen = chooseServices(observed, services);
  const steps = chosen.flatMap((service): readonly Step[] => {
    if (service.previous === undefined) {
      if (services.length === 0) return [];
      throw new AppFailure({
        code: 'usage',
        message: `${service.name} was never changed; there is nothing to go back to.`,
      });
    }
    // The other half of an update that had a canary: there is no way back to that by itself.
    if (canaryOf(service.previous) !== undefined) {
      if (services.length === 0) return [];
      throw new AppFailure({
        code: 'usage',
        message: `What ${service.name} was before its last change is a canary, which has ended.`,
        hint: `claude-env stack history -p ${observed.stack} shows deploys; stack rollback --to N goes back to one.`,
      });
    }
    const changes = specChanges(service.spec, service.previous);
    if (changes.length === 0) return [];
    const step = rollbackStep(observed, service, changes.join(', '));
    return [step, waitFor(observed, service, step.id)];
  });
  return planOf(observed, 'rollback', steps);
}

/** What the services run, as their files wrote it: whose registries are asked for an update. */
export const imagesOf = ({ services }: ObservedStack): readonly string[] =>
  services.flatMap(({ spec }) => labelsOf(spec)[stackImageLabel] ?? []);
