import { AppFailure } from '../app-failure.ts';
import type { Raw } from '../plan/inherit.ts';
import type { CorePlan, Step } from '../plan/plan.ts';
import { isJobSpec, modeOf, replicasOf } from './converge.ts';
import { scaleLabel, stackImageLabel, toFamiliarImage, toScopedName, withDigest } from './names.ts';
import { specChanges } from './normal.ts';
import { type ObservedService, type ObservedStack, seenSpec } from './observed.ts';
import { imageOf, withPlatforms } from './spec-image.ts';

/* Changes of services that run already, without their file. */

const plan = (observed: ObservedStack, action: CorePlan['action'], steps: readonly Step[]): CorePlan => ({
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
    hint: `It has: ${services.map((one) => one.name.slice(stack.length + 1)).join(', ')}.`,
  });
}

function change(observed: ObservedStack, service: ObservedService, body: Raw, cause: string): readonly Step[] {
  const key = service.name.slice(observed.stack.length + 1);
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

const waitFor = ({ stack }: ObservedStack, { name }: ObservedService, after: string): Step => ({
  id: `wait-converged ${name}`,
  target: name.slice(stack.length + 1),
  service: name.slice(stack.length + 1),
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
  Labels: { ...(spec.Labels as Raw), [scaleLabel]: String(count) },
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
    return change(observed, service, scaledTo(service.spec, count), `replicas ${now} → ${count}`);
  });
  return plan(observed, 'scale', steps);
}

export interface UpdateRequest {
  readonly services: readonly string[];
  /** For one service. */
  readonly image?: string;
  /** Replaces the tasks although nothing changed. */
  readonly force?: boolean;
}

/** Another image, or the newest of the same; with `force` fresh tasks in any case. */
export function planUpdateStack(observed: ObservedStack, { services, image, force }: UpdateRequest): CorePlan {
  requireServices(observed);
  const chosen = services.length === 0 ? observed.services : services.map((name) => findService(observed, name));
  if (image !== undefined && chosen.length !== 1) {
    throw new AppFailure({ code: 'usage', message: '--image needs the name of one service.' });
  }
  const steps = chosen.flatMap((service) => {
    const labels = service.spec.Labels as Readonly<Record<string, string>>;
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
    return changes.length === 0 ? [] : change(observed, service, body, changes.join(', '));
  });
  return plan(observed, 'restart', steps);
}

/**
 * Fresh tasks of the very same spec, in the way of the service's update_config, and no registry is asked: what
 * `docker service update --force` does. A job runs once more only where it is named.
 */
export function planRestartStack(observed: ObservedStack, services: readonly string[]): CorePlan {
  requireServices(observed);
  const chosen =
    services.length === 0
      ? observed.services.filter(({ spec }) => !isJobSpec(spec))
      : services.map((name) => findService(observed, name));
  const steps = chosen.flatMap((service) =>
    change(observed, service, forced(service.spec), 'its tasks are replaced, as asked for'),
  );
  return plan(observed, 'restart', steps);
}

/** The same spec, which Swarm nevertheless makes new tasks for. */
const forced = (spec: Raw): Raw => {
  const task = spec.TaskTemplate as Raw;
  return { ...spec, TaskTemplate: { ...task, ForceUpdate: Number(task.ForceUpdate ?? 0) + 1 } };
};

/** Back to what ran before the last change, of the services named or of every one that can. */
export function planRollbackStack(observed: ObservedStack, services: readonly string[]): CorePlan {
  requireServices(observed);
  const chosen = services.length === 0 ? observed.services : services.map((name) => findService(observed, name));
  const steps = chosen.flatMap((service): readonly Step[] => {
    if (service.previous === undefined) {
      if (services.length === 0) return [];
      throw new AppFailure({
        code: 'usage',
        message: `${service.name} was never changed; there is nothing to go back to.`,
      });
    }
    const changes = specChanges(service.spec, service.previous);
    if (changes.length === 0) return [];
    const key = service.name.slice(observed.stack.length + 1);
    const id = `rollback-service ${service.name}`;
    return [
      {
        id,
        target: key,
        service: key,
        cause: changes.join(', '),
        destructive: false,
        after: [],
        kind: 'rollback-service',
        serviceId: service.id,
        version: service.version,
        seen: seenSpec(service),
      },
      waitFor(observed, service, id),
    ];
  });
  return plan(observed, 'rollback', steps);
}

/** What the services run, as their files wrote it: whose registries are asked for an update. */
export const imagesOf = ({ services }: ObservedStack): readonly string[] =>
  services.flatMap(
    ({ spec }) => (spec.Labels as Readonly<Record<string, string>> | undefined)?.[stackImageLabel] ?? [],
  );
