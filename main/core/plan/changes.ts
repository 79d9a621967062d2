import type { ActionOptions } from '../../../preload/contract/api.ts';
import type { Project, Service } from '../compose/project.ts';
import { toContainerSpec, toHookSpec } from './container-spec.ts';
import type { Draft } from './draft.ts';
import type { ServiceGraph } from './graph.ts';
import type { ImagePlan } from './images.ts';
import { temporaryPrefix } from './labels.ts';
import { idMark } from './later-ids.ts';
import type { ObjectsPlan } from './networks.ts';
import type { LaterIds, Observed, ObservedContainer, Sha256, Step } from './plan.ts';
import type { Decision } from './reconcile.ts';
import { type ContainerReference, referencedServices } from './references.ts';
import { secretVolumeOf, toMemory } from './secret-volumes.ts';
import type { Profiles } from './security.ts';
import type { Selection } from './selection.ts';
import type { Unit } from './starting.ts';

type CreateStep = Extract<Step, { readonly kind: 'create-container' }>;

/* Decisions about containers as steps: remove, create, recreate, rename; what starts them comes later (starting.ts). */

export interface ChangeContext {
  readonly project: Project;
  readonly observed: Observed;
  readonly options: ActionOptions;
  readonly sha256: Sha256;
  readonly selection: Selection;
  readonly dependents: ServiceGraph;
  readonly draft: Draft;
  readonly images: ReadonlyMap<string, ImagePlan>;
  readonly objects: ObjectsPlan;
  readonly decisions: ReadonlyMap<string, readonly Decision[]>;
  readonly profiles?: Profiles | undefined;
  readonly keptId: ContainerReference;
  readonly nameOf: ContainerReference;
  /** Last step that makes a service's containers exist under their names. */
  readonly made: Map<string, string[]>;
  /** Stop step by the id of the container it stops: whoever takes over its port comes after. */
  readonly stops: Map<string, string>;
  readonly hooksDue?: ReadonlySet<string> | undefined;
  /** By name that another container still has: the step after which it is free. */
  readonly freed: ReadonlyMap<string, string>;
}

const isReplaced = (decisions: readonly Decision[] | undefined): boolean =>
  (decisions ?? []).some((decision) => decision.kind === 'recreate');

/** `depends_on.restart: true`: who depends on a container that is replaced stops before it and starts after it. */
export function stopDependents(context: ChangeContext): ReadonlyMap<string, string> {
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

export function changeService(
  service: Service,
  context: ChangeContext,
  bounced: ReadonlyMap<string, string>,
): readonly Unit[] {
  const { decisions } = context;
  const own = decisions.get(service.name) ?? [];
  const removed: string[] = [];
  for (const decision of own) {
    if (decision.kind === 'remove') removed.push(removeContainer(service, decision, context));
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
  { container, cause, leftover }: Extract<Decision, { readonly kind: 'remove' }>,
  { draft, options, stops }: ChangeContext,
): string {
  const hooks = (service.pre_stop ?? []).map(toHookSpec);
  const stop = draft.stop(container, cause, { timeout: options.timeout, hooks });
  if (stop !== undefined) stops.set(container.id, stop);
  // A leftover never ran, so the volumes that are its own hold nothing; inherited ones the engine keeps (seen on 20.10).
  return draft.remove(container, cause, { removeVolumes: leftover === true, after: stop === undefined ? [] : [stop] });
}

function keepContainer(
  service: Service,
  decision: Extract<Decision, { readonly kind: 'keep' | 'start' | 'restart' }>,
  bouncedBy: string | undefined,
  { project, options, draft, made, freed, hooksDue, stops }: ChangeContext,
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
            after: freedBy(freed, rename),
          }),
        ];
  if (ready.length > 0) made.set(service.name, ready);
  const common = { service: service.name, name, reference: container.id, ready, container };
  if (bouncedBy !== undefined) return { ...common, action: 'start', cause: bouncedBy };
  if (decision.kind === 'restart' && toMemory(project, service, container) !== undefined) {
    // The engine's own restart loses what is kept in memory.
    const hooks = (service.pre_stop ?? []).map(toHookSpec);
    const stop = draft.stop(container, decision.cause, { timeout: options.timeout, hooks, after: ready });
    if (stop !== undefined) stops.set(container.id, stop);
    const stopped = stop === undefined ? ready : [...ready, stop];
    return { ...common, ready: stopped, action: 'start', cause: decision.cause };
  }
  if (decision.kind !== 'keep') return { ...common, action: decision.kind, cause: decision.cause };
  const hooks = container.state === 'running' ? (service.post_start ?? []) : [];
  if (hooks.length > 0 && hooksDue?.has(name) === true) {
    return { ...common, action: 'hooks', cause: 'post_start did not come to its end when the container was started' };
  }
  if (hooks.length > 0 && container.health === 'unhealthy') {
    return { ...common, action: 'hooks', cause: 'unhealthy: initialisation did not succeed' };
  }
  return { ...common, action: 'keep', cause: '' };
}

/** Create; or, for what is replaced: create beside it, stop, remove, rename (compose's own four steps). */
function makeContainer(
  service: Service,
  decision: Extract<Decision, { readonly kind: 'create' | 'recreate' }>,
  removed: readonly string[],
  context: ChangeContext,
): Unit {
  const { project, observed, options, draft, images, objects, stops, made } = context;
  const former = decision.kind === 'recreate' ? decision.container : undefined;
  const isGone = former !== undefined && objects.removed.has(former.id);
  const old = isGone ? undefined : former;
  if (isGone && draft.has(`stop-container ${former.name}`)) stops.set(former.id, `stop-container ${former.name}`);
  const image = images.get(service.name);
  const later = createLater(context);
  const spec = toContainerSpec({
    project,
    service,
    number: decision.number,
    apiVersion: observed.engine.apiVersion,
    sha256: context.sha256,
    reference: (name) => context.keptId(name) ?? later.mark(name),
    containersOf: (name) => namesOf(context.decisions.get(name)),
    replaces: old !== undefined,
    profiles: context.profiles,
  });
  const name = old === undefined ? decision.name : `${temporaryPrefix(old)}${decision.name}`;
  const create = draft.add({
    kind: 'create-container',
    target: name,
    service: service.name,
    name,
    image: spec.image,
    ...(service.platform === undefined ? {} : { platform: service.platform }),
    body: spec.body,
    connect: spec.connect,
    ...inheritance(former, isGone, context),
    ...later.given(spec.hashed),
    cause: decision.cause,
    after: [
      ...(image?.step === undefined ? [] : [image.step]),
      ...objectSteps(service, project, objects),
      ...referencedServices(service).flatMap((other) => made.get(other) ?? []),
      ...(service.links ?? []).flatMap((link) => made.get(link.split(':')[0] ?? '') ?? []),
      // A leftover may hold the very name.
      ...removed,
      ...freedBy(context.freed, name),
    ],
  });
  if (old === undefined) {
    made.set(service.name, [...(made.get(service.name) ?? []), create]);
    const cause = isGone ? `recreated: ${decision.cause}` : 'new container';
    return { service: service.name, name, reference: name, action: 'start', cause, ready: [create] };
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
    after: [remove, ...freedBy(context.freed, decision.name)],
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

/** The engine names a volume that nobody named by 64 hexadecimal digits. */
const anonymousVolume = /^[0-9a-f]{64}$/;

/** Anonymous volumes stay with the service, unless new ones were asked for. */
function inheritance(
  former: ObservedContainer | undefined,
  isGone: boolean,
  { options, draft }: ChangeContext,
): Pick<CreateStep, 'replaces' | 'inherits'> {
  if (former === undefined) return {};
  const anonymous = former.mounts.filter(({ name = '' }) => anonymousVolume.test(name));
  if (options.renewAnonVolumes === true) {
    for (const { target } of anonymous)
      draft.lose(`anonymous volume of ${former.name} at ${target}: a new one is made`);
    return {};
  }
  if (!isGone) return { replaces: former.id };
  return anonymous.length === 0
    ? {}
    : { inherits: anonymous.map(({ name = '', target, readOnly }) => ({ name, target, readOnly })) };
}

/** Collects the containers whose ids a body has to wait for. */
function createLater({ nameOf, sha256 }: ChangeContext) {
  const names: Record<string, string> = {};
  return {
    mark: (service: string): string | undefined => {
      const name = nameOf(service);
      if (name === undefined) return undefined;
      const mark = idMark(name, sha256);
      names[mark] = name;
      return mark;
    },
    given: (hashed: string): { readonly later?: LaterIds } =>
      Object.keys(names).length === 0 ? {} : { later: { names, hashed } },
  };
}

function freedBy(freed: ReadonlyMap<string, string>, name: string): readonly string[] {
  const step = freed.get(name);
  return step === undefined ? [] : [step];
}

function namesOf(decisions: readonly Decision[] | undefined): readonly string[] {
  return (decisions ?? []).flatMap((decision) => {
    if (decision.kind === 'remove') return [];
    if (decision.kind === 'create' || decision.kind === 'recreate') return [decision.name];
    return [decision.rename ?? decision.container.name];
  });
}

function dependentStopsOf(name: string, { dependents, decisions, stops }: ChangeContext): readonly string[] {
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
    ...[...volumes, secretVolumeOf(project, service)?.name ?? ''].flatMap((name) => objects.volumes.get(name) ?? []),
  ];
}
