import type { ActionOptions } from '../../../preload/contract/api.ts';
import type { Diagnostic } from '../../../preload/contract/errors.ts';
import { AppFailure } from '../app-failure.ts';
import type { Project, Service } from '../compose/project.ts';
import { checkServices } from './checks.ts';
import { toContainerSpec, toHookSpec } from './container-spec.ts';
import { createDraft, type Draft } from './draft.ts';
import { type ServiceGraph, toDependents } from './graph.ts';
import { type ImagePlan, planImages } from './images.ts';
import { toContainerName } from './labels.ts';
import { type ObjectsPlan, planObjects } from './networks.ts';
import { planOrphans } from './orphans.ts';
import type { CorePlan, Observed, ObservedContainer, Sha256 } from './plan.ts';
import { claimPorts } from './port-conflicts.ts';
import { type Decision, reconcileService } from './reconcile.ts';
import { type ContainerReference, referencedServices } from './references.ts';
import { type Selection, selectServices } from './selection.ts';
import { addStartSteps, type Unit } from './starting.ts';

export interface UpInput {
  readonly project: Project;
  readonly observed: Observed;
  readonly options: ActionOptions;
  readonly sha256: Sha256;
}

interface Context extends UpInput {
  readonly selection: Selection;
  readonly dependents: ServiceGraph;
  readonly draft: Draft;
  readonly images: ReadonlyMap<string, ImagePlan>;
  readonly objects: ObjectsPlan;
  readonly decisions: ReadonlyMap<string, readonly Decision[]>;
  readonly keptId: ContainerReference;
  readonly nameOf: ContainerReference;
  /** Last step that makes a service's containers exist under their names. */
  readonly made: Map<string, string[]>;
  /** Stop step by the id of the container it stops: whoever takes over its port comes after. */
  readonly stops: Map<string, string>;
}

/**
 * What `up` has to do. No step for what is as the file says. Throws `usage` for an unknown service and `file.invalid`
 * (with every problem) for what cannot be brought up at all: missing external networks or volumes, images nobody has.
 */
export function planUp(input: UpInput): CorePlan {
  const { project, observed, options, sha256 } = input;
  const draft = createDraft();
  const problems: Diagnostic[] = [];
  const selection = selectServices(project, { services: options.services, withDependencies: options.noDeps !== true });
  const services = [...selection.services.values()].filter((service) => runsHere(service, draft));
  const images = planImages({ project, services, observed, options, draft, problems });
  checkServices({ project, services, images, problems });
  const objects = planObjects({ project, services, observed, timeout: options.timeout, sha256, draft, problems });
  if (problems.length > 0) throw toFailure(project, problems);

  const decisions = new Map<string, readonly Decision[]>();
  const keptId: ContainerReference = (name) => firstKept(decisions.get(name))?.id;
  const nameOf: ContainerReference = (name) => firstName(decisions.get(name), project, name);
  for (const service of services) {
    const forced = options.forceRecreate === true && selection.asked.has(service.name);
    const image = images.get(service.name) ?? {};
    decisions.set(
      service.name,
      reconcileService({ project, service, observed, image, objects, forceRecreate: forced, sha256, keptId, nameOf }),
    );
  }

  const made = new Map<string, string[]>();
  const stops = new Map<string, string>();
  const dependents = toDependents(selection.graph);
  const context: Context = {
    ...input,
    selection,
    dependents,
    draft,
    images,
    objects,
    decisions,
    keptId,
    nameOf,
    made,
    stops,
  };
  planOrphans({ project, observed, draft, remove: options.removeOrphans === true, timeout: options.timeout, stops });
  const bounced = stopDependents(context);
  const units = new Map<string, readonly Unit[]>();
  for (const service of services) units.set(service.name, changeService(service, context, bounced));

  const ready = claimPorts({ project: project.name, services: selection.services, observed, units, stops, draft });
  addStartSteps({
    draft,
    graph: selection.graph,
    units: ready,
    services: selection.services,
    imageOf: (name) => images.get(name)?.image,
    wait: options.wait === true,
  });
  return draft.finish(project.name, 'up');
}

/** A service that a provider or a model runner makes is no container of ours. */
function runsHere(service: Service, draft: Draft): boolean {
  if (service.provider === undefined) return true;
  draft.warn({
    severity: 'warning',
    rule: 'provider-not-run',
    message: `service ${service.name} has a provider, which is not run here; it is left out`,
  });
  return false;
}

function toFailure(project: Project, problems: readonly Diagnostic[]): AppFailure {
  const first = problems[0]?.message ?? '';
  return new AppFailure({
    code: 'file.invalid',
    message: problems.length === 1 ? first : `${project.name} cannot be brought up: ${problems.length} problems`,
    diagnostics: [...problems],
  });
}

function firstKept(decisions: readonly Decision[] | undefined): ObservedContainer | undefined {
  for (const decision of decisions ?? []) {
    if (decision.kind === 'keep' || decision.kind === 'start' || decision.kind === 'restart') return decision.container;
  }
  return undefined;
}

function firstName(decisions: readonly Decision[] | undefined, project: Project, name: string): string | undefined {
  for (const decision of decisions ?? []) {
    if (decision.kind === 'create' || decision.kind === 'recreate') return decision.name;
    if (decision.kind !== 'remove') return decision.rename ?? decision.container.name;
  }
  const service = project.services.get(name);
  return service === undefined ? undefined : toContainerName(project.name, service, 1);
}

const isReplaced = (decisions: readonly Decision[] | undefined): boolean =>
  (decisions ?? []).some((decision) => decision.kind === 'recreate');

/** `depends_on.restart: true`: who depends on a container that is replaced stops before it and starts after it. */
function stopDependents(context: Context): ReadonlyMap<string, string> {
  const { selection, dependents, decisions, draft, options, stops } = context;
  const causes = new Map<string, string>();
  for (const [name, own] of decisions) {
    if (!isReplaced(own)) continue;
    for (const [dependent, how] of dependents.get(name) ?? []) {
      if (how.restart !== true) continue;
      for (const decision of decisions.get(dependent) ?? []) {
        if (decision.kind !== 'keep') continue;
        const cause = `${name}, which it depends on with restart: true, is recreated`;
        const service = selection.services.get(dependent);
        const hooks = (service?.pre_stop ?? []).map(toHookSpec);
        const step = draft.stop(decision.container, cause, { timeout: options.timeout, hooks });
        if (step !== undefined) stops.set(decision.container.id, step);
        causes.set(decision.container.id, cause);
      }
    }
  }
  return causes;
}

function changeService(service: Service, context: Context, bounced: ReadonlyMap<string, string>): readonly Unit[] {
  const { decisions } = context;
  const own = decisions.get(service.name) ?? [];
  const removed: string[] = [];
  for (const decision of own) {
    if (decision.kind === 'remove') removed.push(removeContainer(service, decision.container, decision.cause, context));
  }
  return own.flatMap((decision): readonly Unit[] => {
    switch (decision.kind) {
      case 'remove':
        return [];
      case 'create':
      case 'recreate':
        return [makeContainer(service, decision, removed, context)];
      default:
        return [keepContainer(service, decision, bounced.get(decision.container.id), context)];
    }
  });
}

function removeContainer(
  service: Service,
  container: ObservedContainer,
  cause: string,
  { draft, options, stops }: Context,
): string {
  const hooks = (service.pre_stop ?? []).map(toHookSpec);
  const stop = draft.stop(container, cause, { timeout: options.timeout, hooks });
  if (stop !== undefined) stops.set(container.id, stop);
  return draft.remove(container, cause, { after: stop === undefined ? [] : [stop] });
}

function keepContainer(
  service: Service,
  decision: Extract<Decision, { readonly kind: 'keep' | 'start' | 'restart' }>,
  bouncedBy: string | undefined,
  { draft, made }: Context,
): Unit {
  const { container, rename } = decision;
  const name = rename ?? container.name;
  const ready =
    rename === undefined
      ? []
      : [
          draft.add({
            kind: 'rename-container',
            target: container.name,
            service: service.name,
            container: container.id,
            to: rename,
            cause: 'an interrupted recreation left it under its temporary name',
          }),
        ];
  if (ready.length > 0) made.set(service.name, ready);
  const common = { service: service.name, name, reference: container.id, ready, container };
  if (bouncedBy !== undefined) return { ...common, action: 'start', cause: bouncedBy };
  if (decision.kind !== 'keep') return { ...common, action: decision.kind, cause: decision.cause };
  const again =
    (service.post_start ?? []).length > 0 && container.state === 'running' && container.health === 'unhealthy';
  return again
    ? { ...common, action: 'hooks', cause: 'unhealthy: initialisation did not succeed' }
    : { ...common, action: 'keep', cause: '' };
}

/** Create; or, for what is replaced: create beside it, stop, remove, rename (compose's own four steps). */
function makeContainer(
  service: Service,
  decision: Extract<Decision, { readonly kind: 'create' | 'recreate' }>,
  removed: readonly string[],
  context: Context,
): Unit {
  const { project, observed, options, draft, images, objects, stops, made } = context;
  const old = decision.kind === 'recreate' ? decision.container : undefined;
  const image = images.get(service.name);
  const spec = toContainerSpec({
    project,
    service,
    number: decision.number,
    apiVersion: observed.engine.apiVersion,
    sha256: context.sha256,
    reference: (name) => context.keptId(name) ?? context.nameOf(name),
    containersOf: (name) => namesOf(context.decisions.get(name)),
    ...(old === undefined ? {} : { replaces: old }),
  });
  const name = old === undefined ? decision.name : `${old.id.slice(0, 12)}_${decision.name}`;
  const create = draft.add({
    kind: 'create-container',
    target: name,
    service: service.name,
    name,
    image: spec.image,
    ...(service.platform === undefined ? {} : { platform: service.platform }),
    body: spec.body,
    connect: spec.connect,
    ...(old === undefined ? {} : { replaces: old.id }),
    cause: decision.cause,
    after: [
      ...(image?.step === undefined ? [] : [image.step]),
      ...objectSteps(service, project, objects),
      ...referencedServices(service).flatMap((other) => made.get(other) ?? []),
      ...(service.links ?? []).flatMap((link) => made.get(link.split(':')[0] ?? '') ?? []),
      // A leftover may hold the very name.
      ...removed,
    ],
  });
  if (old === undefined) {
    made.set(service.name, [...(made.get(service.name) ?? []), create]);
    return { service: service.name, name, reference: name, action: 'start', cause: 'new container', ready: [create] };
  }
  const hooks = (service.pre_stop ?? []).map(toHookSpec);
  const after = [create, ...dependentStopsOf(service.name, context)];
  // A changed network has stopped it already; still it goes only when its successor is there.
  const stoppedEarlier = draft.has(`stop-container ${old.name}`);
  const stop = draft.stop(old, decision.cause, { timeout: options.timeout, hooks, after });
  if (stop !== undefined) stops.set(old.id, stop);
  const ready = stop === undefined ? after : stoppedEarlier ? [stop, create] : [stop];
  const remove = draft.remove(old, decision.cause, { after: ready });
  const rename = draft.add({
    kind: 'rename-container',
    target: name,
    service: service.name,
    container: name,
    to: decision.name,
    cause: `takes the place of ${old.name}`,
    after: [remove],
  });
  made.set(service.name, [...(made.get(service.name) ?? []), rename]);
  return {
    service: service.name,
    name: decision.name,
    reference: decision.name,
    action: 'start',
    cause: `recreated: ${decision.cause}`,
    ready: [rename],
  };
}

function namesOf(decisions: readonly Decision[] | undefined): readonly string[] {
  return (decisions ?? []).flatMap((decision) => {
    if (decision.kind === 'remove') return [];
    return [decision.kind === 'create' || decision.kind === 'recreate' ? decision.name : decision.container.name];
  });
}

function dependentStopsOf(name: string, { dependents, decisions, stops }: Context): readonly string[] {
  return [...(dependents.get(name) ?? [])].flatMap(([dependent, how]) =>
    how.restart !== true
      ? []
      : (decisions.get(dependent) ?? []).flatMap((decision) => {
          const stop = decision.kind === 'keep' ? stops.get(decision.container.id) : undefined;
          return stop === undefined ? [] : [stop];
        }),
  );
}

function objectSteps(service: Service, project: Project, objects: ObjectsPlan): readonly string[] {
  const networks = [...(service.networks?.keys() ?? [])].map((key) => project.networks.get(key)?.name ?? key);
  const volumes = (service.volumes ?? []).flatMap((mount) =>
    mount.type === 'volume' && mount.source !== undefined
      ? [project.volumes.get(mount.source)?.name ?? mount.source]
      : [],
  );
  return [
    ...networks.flatMap((name) => objects.networks.get(name) ?? []),
    ...volumes.flatMap((name) => objects.volumes.get(name) ?? []),
  ];
}
