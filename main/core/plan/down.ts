import type { ActionOptions } from '../../../preload/contract/api.ts';
import type { Project } from '../compose/project.ts';
import { toHookSpec } from './container-spec.ts';
import { createDraft, type Draft } from './draft.ts';
import {
  orderServices,
  type ServiceGraph,
  toDependents,
  toObservedGraph,
  toServiceGraph,
  withoutCycles,
} from './graph.ts';
import { label } from './labels.ts';
import { removeNetwork } from './networks.ts';
import type { CorePlan, Observed, ObservedContainer } from './plan.ts';
import { isSecretVolume, removeSecretVolumes } from './secret-volumes.ts';

export interface DownInput {
  /** undefined: nobody has the file, and the labels have to do. */
  readonly project: Project | undefined;
  readonly name: string;
  readonly observed: Observed;
  readonly options: ActionOptions;
}

/**
 * Stop and remove in reverse dependency order, then the networks; volumes only when told. With services named: only their
 * containers. Containers of services that the file no longer has stay unless told otherwise, and so do one-offs (compose's
 * `down` leaves both to `--remove-orphans`, seen on 2.40.3); without a file there is no such thing, and everything with the
 * project's label goes.
 */
export function planDown(input: DownInput): CorePlan {
  const { project, observed, options, name } = input;
  const draft = createDraft();
  const asked = options.services;
  const all = observed.containers.filter((container) => container.state !== 'removing');
  const isOrphan = (container: ObservedContainer): boolean =>
    project !== undefined &&
    (container.oneOff || (!project.services.has(container.service) && !project.inactive.has(container.service)));
  const gone = all.filter((container) => {
    if (asked !== undefined && asked.length > 0) {
      return asked.includes(container.service) && (!container.oneOff || options.removeOrphans === true);
    }
    return options.removeOrphans === true || !isOrphan(container);
  });
  const stays = all.filter((container) => !gone.includes(container));
  const graph =
    project === undefined
      ? toObservedGraph(all)
      : toServiceGraph([...project.services.values(), ...project.inactive.values()]);
  const removed = removeContainers({ ...input, draft, graph, containers: gone });
  if (asked !== undefined && asked.length > 0) return draft.finish(name, 'down');

  const orphans = stays.filter(isOrphan);
  if (orphans.length > 0) {
    draft.warn({
      severity: 'warning',
      rule: 'orphans',
      message: `these stay, because they are one-offs or the file does not have their services: ${orphans.map((container) => container.name).join(', ')}`,
      hint: 'remove them too with --remove-orphans',
    });
  }
  removeNetworks({ ...input, draft, removed, stays });
  removeSecretVolumes({ observed, project: name, draft }, removed);
  if (options.volumes === true) removeVolumes({ ...input, draft, removed, stays });
  return draft.finish(name, 'down');
}

interface RemovedContainer {
  readonly container: ObservedContainer;
  /** That removes it. */
  readonly step: string;
}

/** By id of the container. */
type Removed = ReadonlyMap<string, RemovedContainer>;

/** The engine names a volume that nobody named by 64 hexadecimal digits. */
const anonymousVolume = /^[0-9a-f]{64}$/;

interface RemoveContainersInput extends DownInput {
  readonly draft: Draft;
  readonly graph: ServiceGraph;
  readonly containers: readonly ObservedContainer[];
}

function removeContainers(input: RemoveContainersInput): Removed {
  const { draft, graph, containers, project, options } = input;
  const stops = planStops({
    draft,
    graph,
    containers,
    project,
    timeout: options.timeout,
    cause: () => 'the project goes down',
  });
  const removed = new Map<string, RemovedContainer>();
  for (const container of containers) {
    const stop = stops.get(container.id);
    const lostForGood =
      project !== undefined &&
      !container.oneOff &&
      !project.services.has(container.service) &&
      !project.inactive.has(container.service);
    const step = draft.remove(
      container,
      lostForGood ? `the file has no service ${container.service}` : 'the project goes down',
      {
        after: stop === undefined ? [] : [stop],
        removeVolumes: options.volumes === true,
        destructive: lostForGood || options.volumes === true,
      },
    );
    if (lostForGood) draft.lose(`container ${container.name}`);
    removed.set(container.id, { container, step });
  }
  if (options.volumes === true) removeAnonymousVolumes(removed.values(), draft);
  return removed;
}

/**
 * Each once, though several containers may share it (volumes_from). A step of its own: one that was handed on when its
 * container was made anew the engine takes for a named volume and keeps (seen on 20.10; docker compose leaves it behind).
 */
export function removeAnonymousVolumes(removed: Iterable<RemovedContainer>, draft: Draft): void {
  const volumes = new Map<string, { readonly at: string; readonly after: string[] }>();
  for (const { container, step } of removed) {
    for (const { name = '', target } of container.mounts) {
      if (!anonymousVolume.test(name)) continue;
      const known = volumes.get(name);
      if (known === undefined) volumes.set(name, { at: `${container.name} at ${target}`, after: [step] });
      else known.after.push(step);
    }
  }
  for (const [name, { at, after }] of volumes) {
    draft.lose(`anonymous volume of ${at}`);
    draft.add({
      kind: 'remove-volume',
      target: `of ${at}`,
      name,
      cause: 'removal of volumes was asked for',
      destructive: true,
      after,
    });
  }
}

export interface StopsInput {
  readonly draft: Draft;
  readonly graph: ServiceGraph;
  readonly containers: readonly ObservedContainer[];
  readonly project: Project | undefined;
  readonly timeout: number | undefined;
  readonly cause: (container: ObservedContainer) => string;
}

/** Stop steps by container id: whoever depends on a service stops before it. */
export function planStops(input: StopsInput): ReadonlyMap<string, string> {
  const { draft, containers, project } = input;
  const graph = withoutCycles(input.graph);
  const dependents = toDependents(graph);
  const stops = new Map<string, string>();
  /** What has to have stopped before a dependency may: own steps, or of those above when there is nothing to stop. */
  const stopped = new Map<string, readonly string[]>();
  const { order } = orderServices(graph);
  const unknown = containers.map((container) => container.service).filter((service) => !graph.has(service));
  for (const service of [...new Set(unknown), ...[...order].reverse()]) {
    const above = [...(dependents.get(service)?.keys() ?? [])].flatMap((dependent) => stopped.get(dependent) ?? []);
    const after = [...new Set(above)];
    const hooks = (project?.services.get(service)?.pre_stop ?? []).map(toHookSpec);
    const own = containers
      .filter((container) => container.service === service)
      .flatMap((container) => {
        const how = { after, timeout: input.timeout, hooks: container.oneOff ? [] : hooks };
        const step = draft.stop(container, input.cause(container), how);
        if (step === undefined) return [];
        stops.set(container.id, step);
        return [step];
      });
    stopped.set(service, own.length > 0 ? own : after);
  }
  return stops;
}

interface RemoveObjectsInput extends DownInput {
  readonly draft: Draft;
  readonly removed: Removed;
  readonly stays: readonly ObservedContainer[];
}

function removeNetworks({ project, name, observed, draft, removed, stays }: RemoveObjectsInput): void {
  const external = new Set(
    [...(project?.networks.values() ?? [])]
      .filter((network) => network.external === true)
      .map((network) => network.name),
  );
  for (const network of Object.values(observed.networks)) {
    if (external.has(network.name) || network.labels[label.project] !== name) continue;
    const own = stays.filter((container) => container.networks[network.name] !== undefined);
    const users = [...own.map((container) => container.name), ...(network.guests ?? [])];
    if (users.length > 0) {
      draft.warn({
        severity: 'warning',
        rule: 'network-in-use',
        message: `network ${network.name} stays: ${users.join(', ')} use it`,
      });
      continue;
    }
    // Not after the stops: the engine answers those before it has taken the endpoints away (20.10 under load: 403).
    const after = [...removed.values()].flatMap(({ container, step }) =>
      container.networks[network.name] === undefined ? [] : [step],
    );
    removeNetwork(draft, network, 'the project goes down', after);
  }
}

function removeVolumes({ project, name, observed, draft, removed, stays }: RemoveObjectsInput): void {
  const external = new Set(
    [...(project?.volumes.values() ?? [])].filter((volume) => volume.external === true).map((volume) => volume.name),
  );
  for (const volume of Object.values(observed.volumes)) {
    if (external.has(volume.name) || volume.labels[label.project] !== name || isSecretVolume(volume)) continue;
    const uses = (container: ObservedContainer): boolean =>
      container.mounts.some((mount) => mount.name === volume.name);
    const users = stays.filter(uses);
    if (users.length > 0) {
      draft.warn({
        severity: 'warning',
        rule: 'volume-in-use',
        message: `volume ${volume.name} stays: ${users.map((container) => container.name).join(', ')} use it`,
      });
      continue;
    }
    draft.lose(`volume ${volume.name}`);
    draft.add({
      kind: 'remove-volume',
      target: volume.name,
      name: volume.name,
      cause: 'removal of volumes was asked for',
      destructive: true,
      after: [...removed.values()].flatMap(({ container, step }) => (uses(container) ? [step] : [])),
    });
  }
}
