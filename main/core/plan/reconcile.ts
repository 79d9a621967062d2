import type { Project, Service } from '../compose/project.ts';
import { configHash } from './config-hash.ts';
import { isRunning } from './draft.ts';
import { explainChange } from './explain.ts';
import type { ImagePlan } from './images.ts';
import { temporaryPrefix, toContainerName } from './labels.ts';
import type { ObjectsPlan } from './networks.ts';
import { findOpaqueChanges, opaqueCause } from './opaque-changes.ts';
import type { Observed, ObservedContainer, Sha256 } from './plan.ts';
import { type ContainerReference, referencedServices, resolveReferences } from './references.ts';
import { missingCause, secretCause } from './secret-volumes.ts';

/** What becomes of one container. `rename`: an interrupted recreation left it under its temporary name. */
export type Decision =
  | { readonly kind: 'keep'; readonly container: ObservedContainer; readonly rename?: string }
  | {
      /** `restart` for a paused one: the engine has no start for it. */
      readonly kind: 'start' | 'restart';
      readonly container: ObservedContainer;
      readonly cause: string;
      readonly rename?: string;
    }
  | { readonly kind: 'create'; readonly number: number; readonly name: string; readonly cause: string }
  | {
      readonly kind: 'recreate';
      readonly container: ObservedContainer;
      readonly number: number;
      readonly name: string;
      readonly cause: string;
    }
  | {
      readonly kind: 'remove';
      readonly container: ObservedContainer;
      readonly cause: string;
      /** A successor that was never put in place. */
      readonly leftover?: true;
    };

export interface ReconcileInput {
  readonly project: Project;
  readonly service: Service;
  readonly observed: Observed;
  readonly image: ImagePlan;
  readonly objects: ObjectsPlan;
  readonly forceRecreate: boolean;
  /** What is there stays, whatever the file says now. */
  readonly noRecreate: boolean;
  readonly sha256: Sha256;
  /** Ids of containers that stay, by service; undefined where the service's container is made by this plan. */
  readonly keptId: ContainerReference;
}

/** How many containers the file asks for. */
export const toScale = (service: Service): number => service.scale ?? service.deploy?.replicas ?? 1;

/**
 * Step 1 or 2 of a recreation was reached and no further: the old one is still there, and its half-made successor is of no
 * use. The name tells, for compose's label `replace` is the same for every recreation.
 */
export const isLeftover = (container: ObservedContainer, all: readonly ObservedContainer[]): boolean =>
  all.some((old) => container.name.startsWith(temporaryPrefix(old)));

/** Every container of the service gets a decision; new ones are added up to the scale. */
export function reconcileService(input: ReconcileInput): readonly Decision[] {
  const { project, service, observed } = input;
  const own = observed.containers.filter(
    (container) => container.service === service.name && !container.oneOff && container.state !== 'removing',
  );
  const leftovers = own.filter((container) => isLeftover(container, own));
  const current = own.filter((container) => !leftovers.includes(container));
  const judged = current
    .map((container) => ({ container, cause: recreateCause(container, input) }))
    .sort(
      (a, b) =>
        Number(a.cause !== undefined) - Number(b.cause !== undefined) || a.container.number - b.container.number,
    );
  const scale = toScale(service);
  const decisions: Decision[] = leftovers.map((container) => ({
    kind: 'remove',
    container,
    cause: 'left over from an interrupted recreation',
    leftover: true,
  }));
  for (const [index, { container, cause }] of judged.entries()) {
    if (index >= scale) {
      decisions.push({ kind: 'remove', container, cause: `scaled down to ${scale}` });
    } else if (cause !== undefined) {
      const name = toContainerName(project.name, service, container.number);
      decisions.push({ kind: 'recreate', container, number: container.number, name, cause });
    } else {
      decisions.push(keepOrStart(container, input));
    }
  }
  const highest = Math.max(0, ...current.map((container) => container.number));
  for (let extra = 0; extra < scale - judged.length; extra += 1) {
    const number = highest + 1 + extra;
    decisions.push({
      kind: 'create',
      number,
      name: toContainerName(project.name, service, number),
      cause: current.length === 0 ? 'not there yet' : `scaled up to ${scale}`,
    });
  }
  return decisions;
}

/**
 * Step 3 of a recreation was reached: the old one is gone, or going, and the new one still has its temporary name. It may
 * even run: docker compose never renames what it was killed over (seen with 2.40.3).
 */
function renameOf(container: ObservedContainer, { project, service, observed }: ReconcileInput): string | undefined {
  const name = toContainerName(project.name, service, container.number);
  if (!/^[0-9a-f]{12}_/.test(container.name) || container.name.slice(13) !== name) return undefined;
  // Another service's container that has the name may be about to go; see names.ts.
  const taken = observed.containers.some(
    (other) => other.name === name && other.service === service.name && other.state !== 'removing',
  );
  return taken ? undefined : name;
}

function keepOrStart(container: ObservedContainer, input: ReconcileInput): Decision {
  const rename = renameOf(container, input);
  const renamed = rename === undefined ? {} : { rename };
  switch (container.state) {
    case 'running':
    case 'restarting': {
      const cause = missingCause(container);
      return cause === undefined
        ? { kind: 'keep', container, ...renamed }
        : { kind: 'restart', container, cause, ...renamed };
    }
    case 'paused':
      return { kind: 'restart', container, cause: 'is paused', ...renamed };
    case 'created':
      return { kind: 'start', container, cause: 'was created but never started', ...renamed };
    default:
      return { kind: 'start', container, cause: stoppedCause(container), ...renamed };
  }
}

const stoppedCause = (container: ObservedContainer): string =>
  container.exitCode === undefined ? 'is stopped' : `is stopped (exit code ${container.exitCode})`;

/** Why a container cannot stay, in compose's own order of rules (interop.md, "Hash and recreation"); undefined: it can. */
function recreateCause(container: ObservedContainer, input: ReconcileInput): string | undefined {
  const { service, observed, image, objects, project } = input;
  if (input.forceRecreate) return 'recreation was asked for';
  if (objects.removed.has(container.id)) return 'a volume that it uses is made anew';
  if (container.state === 'dead') return 'is dead: the engine could not remove it';
  const uses = [...(service.networks?.keys() ?? [])].map((key) => project.networks.get(key)?.name ?? key);
  // Without its network it could not be started again.
  if (input.noRecreate && !uses.some((name) => objects.remade.has(name))) return undefined;
  if (image.replacedBecause !== undefined) return image.replacedBecause;
  const remade = referencedServices(service).find((name) => input.keptId(name) === undefined);
  if (remade !== undefined && !acceptsHash(container, input)) return `uses the container of ${remade}, which is new`;
  if (container.configHash === undefined) return 'has no configuration hash: docker compose v2 did not make it';
  if (!acceptsHash(container, input)) return explainChange(container, service, input);
  const given = opaqueCause(findOpaqueChanges(container, service, project));
  if (given !== undefined) return given;
  if (image.image !== undefined && container.imageLabel !== image.image.id) {
    return container.imageLabel === undefined ? 'does not say which image it was made from' : 'image changed';
  }
  for (const key of service.networks?.keys() ?? []) {
    const name = project.networks.get(key)?.name ?? key;
    const cause = networkCause(container, name, observed, objects);
    if (cause !== undefined) return cause;
  }
  for (const mount of service.volumes ?? []) {
    if (mount.type !== 'volume' || mount.source === undefined) continue;
    const name = project.volumes.get(mount.source)?.name ?? mount.source;
    if (!container.mounts.some((there) => there.name === name)) return `volume ${name} is not mounted`;
  }
  return secretCause(container, project, service);
}

/** Equal to the hash over this file, with the ids of the containers that it refers to. */
const acceptsHash = (container: ObservedContainer, { service, sha256, keptId }: ReconcileInput): boolean =>
  container.configHash === configHash(resolveReferences(service, keptId), sha256);

function networkCause(
  container: ObservedContainer,
  name: string,
  observed: Observed,
  objects: ObjectsPlan,
): string | undefined {
  if (objects.remade.has(name)) return `network ${name} is made anew`;
  const connection = container.networks[name];
  if (connection === undefined) return `is not connected to network ${name}`;
  const network = observed.networks[name];
  if (network === undefined) return objects.networks.has(name) ? `network ${name} is made anew` : undefined;
  // A container that never ran has no network id yet.
  if (connection.id === '' && !isRunning(container)) return undefined;
  return connection.id === network.id ? undefined : `network ${name} is another one now`;
}
