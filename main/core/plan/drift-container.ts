import type { Project, Service } from '../compose/project.ts';
import { fitsMarks, hasMark } from '../opaque.ts';
import { looksSecret } from '../secrecy/judge.ts';
import { configHash } from './config-hash.ts';
import { toContainerSpec } from './container-spec.ts';
import type { Finding } from './drift.ts';
import { anonymousVolume } from './facet-mounts.ts';
import { type Facets, toFacets } from './facets.ts';
import { type Raw, withImage } from './inherit.ts';
import { opaqueLabel, secretFilesLabel, toContainerName } from './labels.ts';
import { findOpaqueChanges } from './opaque-changes.ts';
import type { ContainerDetails, Observed, ObservedContainer, Sha256 } from './plan.ts';
import { referencedServices, resolveReferences } from './references.ts';
import { atLeastApi } from './resources.ts';

/* One container against its service: the body that the planner would send, against what the engine shows. */

export interface Comparison {
  readonly project: Project;
  readonly observed: Observed;
  readonly sha256: Sha256;
  /** Config of an image by id; undefined: it is not on the engine any more. */
  readonly imageConfig: (id: string) => Raw | undefined;
  /** See DriftInput. */
  readonly distrust?: boolean;
}

/** Of a service, without one-offs and what is on its way out, by number. */
export const containersOf = (observed: Observed, service: string): readonly ObservedContainer[] =>
  observed.containers
    .filter((container) => container.service === service && !container.oneOff && container.state !== 'removing')
    .sort((a, b) => a.number - b.number);

export function toImageConfig(observed: Observed, more?: ReadonlyMap<string, Raw>): Comparison['imageConfig'] {
  const known = new Map(Object.values(observed.images).map(({ id, config }) => [id, config]));
  return (id) => more?.get(id) ?? known.get(id);
}

export function compareContainer(
  container: ObservedContainer,
  service: Service,
  input: Comparison,
): readonly Finding[] {
  const { details } = container;
  const given = opaqueFindings(container, service, input.project);
  if (details === undefined) return given;
  const image = input.imageConfig(container.imageId);
  const sameFile = isMadeFromThis(container, service, input);
  const wanted = wantedFacets(container, service, input, image);
  const actual = actualFacets(container, details, service, input);
  const found = differences({ wanted, actual, container, image })
    .filter((difference) => !sameFile || input.distrust === true || canChangeLater(difference))
    .map((difference) => toFinding(difference, container, service));
  if (found.length + given.length > 0 || sameFile) return [...found, ...given];
  // Something of the file counts in the hash and shows nowhere, or another program takes its hash in another way.
  return [
    {
      subject: 'service',
      name: service.name,
      containers: [container.name],
      key: 'config-hash',
      change: 'changed',
      engine: container.configHash === undefined ? 'none' : 'of another configuration',
      at: ['services', service.name],
    },
  ];
}

/**
 * While the hash is the file's, nothing but what the engine lets be changed in place can differ: `docker update`,
 * `rename`, `network connect`. A limit that the engine shows none of was not taken away but never set: it leaves out what
 * its kernel cannot do, with a warning.
 */
function canChangeLater([key, , actual]: Difference): boolean {
  // What is kept in memory counts in no hash, and `up` makes the container anew for it.
  if (/^(networks\.|restart$|container_name$)/.test(key) || key === `labels.${secretFilesLabel}`) return true;
  return (
    /^(cpus$|cpu_|cpuset$|mem_|memswap_limit$|pids_limit$)/.test(key) && actual !== undefined && actual !== 'unlimited'
  );
}

/** With the other containers' ids in it or their names; see references.ts. */
function isMadeFromThis(container: ObservedContainer, service: Service, input: Comparison): boolean {
  const first = (name: string): ObservedContainer | undefined => containersOf(input.observed, name)[0];
  const hash = (reference: (name: string) => string | undefined): string =>
    configHash(resolveReferences(service, reference), input.sha256);
  if (container.configHash === hash((name) => first(name)?.id)) return true;
  return referencedServices(service).length > 0 && container.configHash === hash((name) => first(name)?.name);
}

const ownNames = (container: ObservedContainer, service: Service): ReadonlySet<string> =>
  new Set([container.name, service.name, container.id.slice(0, 12), container.id]);

function common(container: ObservedContainer, service: Service, input: Comparison) {
  const { project, observed } = input;
  const keys = new Map([...project.networks.values()].map(({ key, name }) => [name, key]));
  return {
    networkKey: (name: string) => keys.get(name),
    containerName: (reference: string) =>
      observed.containers.find(({ id, name }) => id === reference || name === reference)?.name ?? reference,
    ownNames: ownNames(container, service),
  };
}

function wantedFacets(
  container: ObservedContainer,
  service: Service,
  input: Comparison,
  image: Raw | undefined,
): Facets {
  const { project, observed, sha256 } = input;
  const { body, connect } = toContainerSpec({
    project,
    service,
    number: container.number,
    apiVersion: observed.engine.apiVersion,
    sha256,
    reference: (name) => containersOf(input.observed, name)[0]?.id,
    containersOf: (name) => containersOf(input.observed, name).map((one) => one.name),
  });
  const { HostConfig, NetworkingConfig, ...config } = body;
  const endpoints = (NetworkingConfig as { readonly EndpointsConfig?: Readonly<Record<string, Raw>> } | undefined)
    ?.EndpointsConfig;
  const joined = connect.map(({ network, body: one }) => [network, (one.EndpointConfig ?? {}) as Raw] as const);
  const facets = new Map(
    toFacets({
      ...common(container, service, input),
      config: withImage(config, image ?? {}),
      hostConfig: HostConfig as Raw,
      networks: { ...endpoints, ...Object.fromEntries(joined) },
    }),
  );
  // Before API 1.43 (engine 24) they are not kept.
  if (!atLeastApi(observed.engine.apiVersion, 43)) {
    for (const key of [...facets.keys()]) if (key.startsWith('annotations.')) facets.delete(key);
  }
  facets.set('container_name', toContainerName(project.name, service, container.number));
  return facets;
}

function actualFacets(
  container: ObservedContainer,
  { config, hostConfig, networks }: ContainerDetails,
  service: Service,
  input: Comparison,
): Facets {
  const facets = new Map(toFacets({ ...common(container, service, input), config, hostConfig, networks }));
  const mode = String(hostConfig.NetworkMode ?? '');
  // In its own network `host`, `none` or the default bridge it is connected to a network of that name.
  if (service.network_mode !== undefined) {
    for (const key of [...facets.keys()]) if (key.startsWith('networks.')) facets.delete(key);
  }
  if (config.Hostname === container.id.slice(0, 12) || mode === 'host' || mode.startsWith('container:')) {
    if (service.hostname === undefined) facets.delete('hostname');
  }
  facets.set('container_name', container.name);
  return facets;
}

interface Sides {
  readonly wanted: Facets;
  readonly actual: Facets;
  readonly container: ObservedContainer;
  readonly image: Raw | undefined;
}
type Difference = readonly [key: string, wanted: string | undefined, actual: string | undefined];

function differences({ wanted, actual, container, image }: Sides): readonly Difference[] {
  const keys = [...new Set([...wanted.keys(), ...actual.keys()])];
  return keys.flatMap((key): readonly Difference[] => {
    const left = wanted.get(key);
    const right = actual.get(key);
    if (left === right || (left !== undefined && right !== undefined && fitsMarks(left, right))) return [];
    if ((left === undefined || right === undefined) && isDefault(key, left ?? right ?? '', left === undefined))
      return [];
    // What an image that is gone has brought cannot be told from what the file has dropped.
    if (left === undefined && image === undefined && isInherited(key)) return [];
    // What the image declares as a volume, and compose's own names of an earlier version.
    if (left === undefined && key.startsWith('volumes.') && right === anonymousVolume && declares(image, key))
      return [];
    if (key === 'container_name' && isLegacyName(left ?? '', container.name)) return [];
    return [[key, left, right]];
  });
}

const declares = (image: Raw | undefined, key: string): boolean =>
  image === undefined || Object.hasOwn((image.Volumes ?? {}) as object, key.slice('volumes.'.length));

const isInherited = (key: string): boolean =>
  /^(environment\.|labels\.|healthcheck\.|command$|entrypoint$|user$|working_dir$|stop_signal$|stop_grace_period$|expose$)/.test(
    key,
  );

/** docker-compose 1.29 joins names with `_`. */
const isLegacyName = (wanted: string, actual: string): boolean =>
  wanted.replaceAll('-', '_') === actual.replaceAll('-', '_');

/**
 * What the engine fills in where the file says nothing, and where saying it changes nothing. Some are the daemon's own
 * settings (namespaces, runtime, logging), so what the file does not say cannot be held against them.
 */
const defaults: Readonly<Record<string, RegExp>> = {
  stop_signal: /^(SIGTERM|15)$/,
  stop_grace_period: /^10s$/,
  working_dir: /^\/$/,
  shm_size: /^64m$/,
  ipc: /^(private|shareable)$/,
  cgroup: /^(private|host)$/,
  isolation: /^default$/,
  runtime: /^(runc|io\.containerd\.runc\.v2)$/,
  init: /^true$/,
  memswap_limit: /^unlimited$/,
  network_mode: /^(default|bridge)$/,
  mac_address: /./,
};
const onlyFilledIn = new Set(['init', 'mac_address', 'memswap_limit']);

function isDefault(key: string, value: string, filledIn: boolean): boolean {
  if (key.startsWith('logging.')) return filledIn;
  const pattern = defaults[key];
  return pattern !== undefined && (filledIn || !onlyFilledIn.has(key)) && pattern.test(value);
}

/** That another value is in the keychain now, or none; never what it is. */
const opaqueFindings = (container: ObservedContainer, service: Service, project: Project): readonly Finding[] =>
  findOpaqueChanges(container, service, project).map(({ name, change }) => ({
    subject: 'service',
    name: service.name,
    containers: [container.name],
    key: `keychain.${name}`,
    change: change === 'added' ? 'only-in-file' : change === 'gone' ? 'only-on-engine' : 'changed',
    hidden: true,
    at: ['services', service.name],
  }));

/**
 * A container that was made with values from the keychain may have one anywhere where the file may put one, and the file
 * need not say so any more: what differs there is named, and not shown.
 */
const mayBeGiven = (section: string, { labels }: ObservedContainer): boolean =>
  (labels[opaqueLabel] ?? '') !== '' &&
  /^(environment|command|entrypoint|labels|annotations|healthcheck|logging)$/.test(section);

function toFinding([key, wanted, actual]: Difference, container: ObservedContainer, service: Service): Finding {
  const [section = key] = key.split('.');
  const hidden =
    hasMark(wanted ?? '') ||
    mayBeGiven(section, container) ||
    looksSecret(key, wanted ?? '') ||
    looksSecret(key, actual ?? '');
  return {
    subject: 'service',
    name: service.name,
    containers: [container.name],
    key,
    change: wanted === undefined ? 'only-on-engine' : actual === undefined ? 'only-in-file' : 'changed',
    ...(hidden ? { hidden } : {}),
    ...(hidden || wanted === undefined ? {} : { file: wanted }),
    ...(hidden || actual === undefined ? {} : { engine: actual }),
    at: ['services', service.name, ...placeOf(section, key.slice(section.length + 1), service)],
  };
}

/** Mounts and ports are lists in the file. */
function placeOf(section: string, rest: string, service: Service): readonly (string | number)[] {
  const index =
    section === 'volumes'
      ? (service.volumes ?? []).findIndex(({ target }) => target === rest)
      : section === 'ports'
        ? (service.ports ?? []).findIndex(({ target, protocol }) => `${target}/${protocol}` === rest)
        : -1;
  return index >= 0 ? [section, index] : rest === '' ? [section] : [section, rest];
}
