import type { ActionOptions } from '../../../preload/contract/api.ts';
import type { PlanAction } from '../../../preload/contract/model.ts';
import { AppFailure } from '../app-failure.ts';
import type { Project, Service } from '../compose/project.ts';
import { withApiSocket } from './api-socket.ts';
import { toHookSpec } from './container-spec.ts';
import { toDeliveries } from './deliveries.ts';
import { planDown, planStops } from './down.ts';
import { createDraft, type Draft, isRunning } from './draft.ts';
import {
  orderServices,
  type ServiceGraph,
  toDependents,
  toObservedGraph,
  toServiceGraph,
  withDependencies,
  withoutCycles,
} from './graph.ts';
import { planImagesOnly } from './image-actions.ts';
import { planLifecycle } from './lifecycle.ts';
import type { CorePlan, ObservedContainer } from './plan.ts';
import { claimPorts } from './port-conflicts.ts';
import { isLeftover } from './reconcile.ts';
import { planRun } from './run.ts';
import { missingCause, secretVolumeOf, toMemory } from './secret-volumes.ts';
import { addStartSteps, type Unit } from './starting.ts';
import { planUp, type UpInput } from './up.ts';

export interface PlanInput extends Omit<UpInput, 'project' | 'decisions'> {
  /** undefined for a project that is known by its labels only: start, stop, restart and down work all the same. */
  readonly project: Project | undefined;
  /** The project's name; with a project, its own. */
  readonly name: string;
}

/** The plan for any action. Throws an AppFailure: `usage`, `file.invalid`, `stack.not-found`. */
export function planFor(action: PlanAction, given: PlanInput): CorePlan {
  const input = { ...given, project: given.project && withApiSocket(given.project) };
  switch (action) {
    case 'up':
      return planUp({ ...input, project: needProject(input, action) });
    case 'down':
      return planDown(withKnownServices(input));
    case 'build':
    case 'pull':
      return planImagesOnly(action, input, needProject(input, action));
    case 'start':
    case 'restart':
      return planStart(action, withKnownServices(input));
    case 'stop':
      return planStop(withKnownServices(input));
    case 'scale':
      return planScale({ ...input, project: needProject(input, action) });
    case 'run':
      return planRun({ ...input, project: needProject(input, action) });
    case 'kill':
    case 'pause':
    case 'unpause':
    case 'rm':
      return planLifecycle(action, withKnownServices(input));
    case 'deploy':
    case 'rollback':
    case 'restore-volume':
      throw new AppFailure({ code: 'usage', message: `${action} is for a Swarm.`, hint: 'claude-env stack deploy' });
  }
}

/** `up` for the services whose number is given; like compose's, it also makes anew what has changed. */
function planScale(input: UpInput): CorePlan {
  const services = Object.keys(input.options.scale ?? {});
  if (services.length === 0) {
    throw new AppFailure({ code: 'usage', message: 'scale needs a service and a number.', hint: 'scale web=3' });
  }
  return { ...planUp({ ...input, options: { ...input.options, services } }), action: 'scale' };
}

function needProject({ project, name }: PlanInput, action: PlanAction): Project {
  if (project !== undefined) return project;
  throw new AppFailure({
    code: 'stack.not-found',
    message: `${action} needs the compose file of ${name}, and it is not where the containers' labels say`,
    hint: 'open the file where it is now; start, stop, restart and down work without it',
  });
}

/** Throws `usage` for a service that neither the file nor a container has. */
function withKnownServices(input: PlanInput): PlanInput {
  const { project, observed, options } = input;
  const known = new Set([
    ...(project?.services.keys() ?? []),
    ...(project?.inactive.keys() ?? []),
    ...observed.containers.map((container) => container.service),
  ]);
  const missing = (options.services ?? []).filter((service) => !known.has(service));
  if (missing.length === 0) return input;
  throw new AppFailure({
    code: 'usage',
    message: `project ${input.name} has no service ${missing.map((service) => `"${service}"`).join(', ')}`,
    ...(known.size === 0 ? {} : { hint: `it has: ${[...known].join(', ')}` }),
  });
}

interface Scope {
  readonly graph: ServiceGraph;
  readonly services: ReadonlyMap<string, Service> | undefined;
  readonly containers: readonly ObservedContainer[];
}

/** One-offs are left alone: they belong to whoever runs them. So are half-made successors, which the next `up` removes. */
function toScope({ project, observed }: PlanInput): Scope {
  const containers = observed.containers.filter(
    (container) => !container.oneOff && container.state !== 'removing' && !isLeftover(container, observed.containers),
  );
  if (project === undefined)
    return { graph: withoutCycles(toObservedGraph(containers)), services: undefined, containers };
  const all = [...project.services.values(), ...project.inactive.values()];
  const graph = new Map(toServiceGraph(all));
  // Orphans are part of the project as long as they are there.
  for (const container of containers) if (!graph.has(container.service)) graph.set(container.service, new Map());
  return { graph, services: new Map(all.map((service) => [service.name, service])), containers };
}

function planStop(input: PlanInput): CorePlan {
  const { options, project } = input;
  const draft = createDraft();
  const { graph, containers } = toScope(input);
  const asked = options.services ?? [];
  const chosen = containers.filter((container) => asked.length === 0 || asked.includes(container.service));
  planStops({ draft, graph, containers: chosen, project, timeout: options.timeout, cause: () => 'stop was asked for' });
  return draft.finish(input.name, 'stop');
}

function planStart(action: 'start' | 'restart', input: PlanInput): CorePlan {
  const { options, observed } = input;
  const draft = createDraft();
  const scope = toScope(input);
  const { order } = orderServices(scope.graph);
  const asked = new Set(options.services ?? []);
  const chosen = asked.size === 0 ? new Set(order) : withScope(action, scope.graph, asked, options);
  const stops = new Map<string, string>();
  const units = new Map<string, readonly Unit[]>();
  for (const service of order) {
    const own = scope.containers.filter((container) => container.service === service);
    // What is not chosen still counts as a dependency that is there.
    const toUnit = (container: ObservedContainer): Unit =>
      chosen.has(service)
        ? changed(action, container, { project: input.project, asked, scope, options, draft, stops })
        : keep(container);
    units.set(service, own.map(toUnit));
  }
  warnAboutMissing(input, units, chosen, draft);
  warnAboutSecrets(input, units, draft);
  const services = scope.services;
  const claimed =
    services === undefined ? units : claimPorts({ project: input.name, services, observed, units, stops, draft });
  addStartSteps({
    draft,
    graph: scope.graph,
    units: claimed,
    services,
    filesOf: (service) => (input.project === undefined ? [] : toDeliveries(input.project, service)),
    memoryOf: (service, container) => input.project && toMemory(input.project, service, container),
    imageOf: () => undefined,
    wait: options.wait === true,
  });
  return draft.finish(input.name, action);
}

/** `start` takes along what the services depend on; `restart` takes those that ask for it with `restart: true`. */
function withScope(
  action: 'start' | 'restart',
  graph: ServiceGraph,
  asked: ReadonlySet<string>,
  options: ActionOptions,
): ReadonlySet<string> {
  if (options.noDeps === true) return asked;
  if (action === 'start') return withDependencies(graph, asked);
  const dependents = toDependents(graph);
  const also = [...asked].flatMap((service) =>
    [...(dependents.get(service) ?? [])].filter(([, how]) => how.restart === true).map(([name]) => name),
  );
  return new Set([...asked, ...also]);
}

const keep = (container: ObservedContainer): Unit => ({
  service: container.service,
  name: container.name,
  reference: container.id,
  action: 'keep',
  cause: '',
  ready: [],
  container,
});

interface ChangeInput {
  readonly project: Project | undefined;
  readonly asked: ReadonlySet<string>;
  readonly scope: Scope;
  readonly options: ActionOptions;
  readonly draft: Draft;
  readonly stops: Map<string, string>;
}

function changed(action: 'start' | 'restart', container: ObservedContainer, input: ChangeInput): Unit {
  const { asked } = input;
  const unit = keep(container);
  const isAsked = asked.size === 0 || asked.has(container.service);
  if (action === 'start') {
    const missing = missingCause(container);
    if (missing !== undefined) return again(container, missing, input);
    if (container.state === 'running' || container.state === 'restarting') return unit;
    const cause = isAsked ? 'start was asked for' : 'another service depends on it';
    return container.state === 'paused' ? again(container, 'is paused', input) : { ...unit, action: 'start', cause };
  }
  const cause = isAsked ? 'restart was asked for' : 'a service it depends on with restart: true is restarted';
  return again(container, cause, input, true);
}

/**
 * Stopped and started: by the engine's own restart where that does. It knows no pre_stop hooks, and it loses what is kept
 * in memory.
 */
function again(container: ObservedContainer, cause: string, input: ChangeInput, withHooks = false): Unit {
  const { project, scope, options, draft, stops } = input;
  const unit = keep(container);
  const service = scope.services?.get(container.service);
  const hooks = withHooks && isRunning(container) ? (service?.pre_stop ?? []).map(toHookSpec) : [];
  const memory = project === undefined || service === undefined ? undefined : toMemory(project, service, container);
  if (hooks.length === 0 && memory === undefined) {
    return { ...unit, action: 'restart', cause, timeout: options.timeout };
  }
  const stop = draft.stop(container, cause, { timeout: options.timeout, hooks });
  if (stop !== undefined) stops.set(container.id, stop);
  return { ...unit, action: 'start', cause, ready: stop === undefined ? [] : [stop] };
}

/** Made by docker compose: its secrets are what that has copied into it, and stay so. */
function warnAboutSecrets({ project }: PlanInput, units: ReadonlyMap<string, readonly Unit[]>, draft: Draft): void {
  if (project === undefined) return;
  for (const [name, own] of units) {
    const service = project.services.get(name);
    if (service === undefined || secretVolumeOf(project, service) === undefined) continue;
    const others = own.filter(
      ({ action, container }) => action !== 'keep' && toMemory(project, service, container) === undefined,
    );
    if (others.length === 0) continue;
    draft.warn({
      severity: 'warning',
      rule: 'secrets-not-in-memory',
      message: `${others.map((unit) => unit.name).join(', ')}: made without the volume that keeps secrets in memory, so none are brought`,
      hint: 'up makes it anew',
      at: ['services', name, 'secrets'],
    });
  }
}

/** A service of the file without a container: start and restart make none. */
function warnAboutMissing(
  { project, options }: PlanInput,
  units: ReadonlyMap<string, readonly Unit[]>,
  chosen: ReadonlySet<string>,
  draft: Draft,
): void {
  const wanted = (options.services ?? []).length > 0 ? chosen : new Set(project?.services.keys() ?? []);
  const missing = [...wanted].filter((service) => (units.get(service) ?? []).length === 0);
  if (missing.length === 0) return;
  draft.warn({
    severity: 'warning',
    rule: 'no-container',
    message: `no container to start for: ${missing.join(', ')}`,
    hint: 'up makes it',
  });
}
