import type { Network, Project, Volume } from '../compose/project.ts';
import { fitsMarks, hasMark } from '../opaque.ts';
import { looksSecret } from '../secrecy/judge.ts';
import { networkHash, volumeHash } from './config-hash.ts';
import type { DriftInput, Finding } from './drift.ts';
import { sorted, stable, toText } from './facet-text.ts';
import type { Raw } from './inherit.ts';
import { label, opaqueLabel } from './labels.ts';
import { builtInNetworks } from './networks.ts';
import { isSecretVolume } from './secret-volumes.ts';

/* Networks and volumes: there or not, of this project or not, and made as the file says or in another way. */

export function objectDrift(input: DriftInput): readonly Finding[] {
  const { project, observed } = input;
  return [
    ...[...project.networks.values()].flatMap((network) => networkDrift(network, input)),
    ...[...project.volumes.values()].flatMap((volume) => volumeDrift(volume, input)),
    ...extras('network', Object.values(observed.networks), input),
    ...extras('volume', Object.values(observed.volumes), input),
  ];
}

type Kind = 'network' | 'volume';
const sections = { network: 'networks', volume: 'volumes' } as const;

const finding = (
  kind: Kind,
  object: { readonly key: string; readonly name: string },
  change: Finding['change'],
): Finding => ({
  subject: kind,
  name: object.name,
  containers: [],
  key: '',
  change,
  at: [sections[kind], object.key],
});

function networkDrift(network: Network, { observed, details, sha256, project }: DriftInput): readonly Finding[] {
  const there = observed.networks[network.name];
  if (there === undefined) {
    return network.external === true && builtInNetworks.has(network.name)
      ? []
      : [finding('network', network, 'missing')];
  }
  if (network.external === true || there.labels[label.project] !== project.name) return [];
  if (there.configHash === networkHash(network, sha256)) return [];
  return orHash(
    compare('network', network, {
      wanted: toNetworkFacets(network),
      actual: seenNetwork(details.networks.get(network.name)),
      given: opaqueLabel in there.labels,
    }),
    'network',
    network,
  );
}

function volumeDrift(volume: Volume, { observed, details, sha256, project }: DriftInput): readonly Finding[] {
  const there = observed.volumes[volume.name];
  if (there === undefined) return [finding('volume', volume, 'missing')];
  if (volume.external === true || there.labels[label.project] !== project.name) return [];
  if (there.configHash === volumeHash(volume, sha256)) return [];
  return orHash(
    compare('volume', volume, {
      wanted: toVolumeFacets(volume),
      actual: seenVolume(details.volumes.get(volume.name)),
      given: opaqueLabel in there.labels,
    }),
    'volume',
    volume,
  );
}

/** Made with another hash and nothing to be seen: said all the same, since `up` goes by the hash. */
function orHash(found: readonly Finding[], kind: Kind, object: Network | Volume): readonly Finding[] {
  return found.length > 0
    ? found
    : [{ ...finding(kind, object, 'changed'), key: 'config-hash', engine: 'of another configuration' }];
}

type Facets = ReadonlyMap<string, string>;

function toMap(values: Readonly<Record<string, unknown>>): Map<string, string> {
  return new Map(
    Object.entries(values).flatMap(([key, value]) => {
      const text = toText(value);
      return text === undefined ? [] : [[key, text] as const];
    }),
  );
}
const prefixed = (prefix: string, values: Iterable<readonly [string, unknown]>): Record<string, unknown> =>
  Object.fromEntries(
    [...values]
      .filter(([key]) => !key.startsWith('com.docker.compose.') && key !== opaqueLabel)
      .map(([key, value]) => [`${prefix}.${key}`, value]),
  );

const record = (value: unknown): Raw => (typeof value === 'object' && value !== null ? (value as Raw) : {});

function toNetworkFacets(network: Network): Facets {
  const pools = (network.ipam?.config ?? []).map((pool) =>
    stable({
      subnet: pool.subnet,
      ip_range: pool.ip_range,
      gateway: pool.gateway,
      aux: Object.fromEntries(pool.aux_addresses ?? []),
    }),
  );
  return toMap({
    driver: network.driver ?? 'bridge',
    internal: network.internal,
    attachable: network.attachable,
    enable_ipv6: network.enable_ipv6,
    'ipam.driver': network.ipam?.driver ?? 'default',
    ...(pools.length > 0 ? { 'ipam.config': sorted(pools) } : {}),
    ...prefixed('driver_opts', network.driver_opts ?? []),
    ...prefixed('labels', network.labels ?? []),
  });
}

function seenNetwork(raw: Raw | undefined): Facets | undefined {
  if (raw === undefined) return undefined;
  const ipam = record(raw.IPAM);
  const pools = (Array.isArray(ipam.Config) ? ipam.Config.map(record) : []).map((pool) =>
    stable({ subnet: pool.Subnet, ip_range: pool.IPRange, gateway: pool.Gateway, aux: pool.AuxiliaryAddresses }),
  );
  return toMap({
    driver: raw.Driver,
    internal: raw.Internal,
    attachable: raw.Attachable,
    enable_ipv6: raw.EnableIPv6,
    'ipam.driver': ipam.Driver,
    'ipam.config': sorted(pools),
    ...prefixed('driver_opts', Object.entries(record(raw.Options))),
    ...prefixed('labels', Object.entries(record(raw.Labels))),
  });
}

const toVolumeFacets = (volume: Volume): Facets =>
  toMap({
    driver: volume.driver ?? 'local',
    ...prefixed('driver_opts', volume.driver_opts ?? []),
    ...prefixed('labels', volume.labels ?? []),
  });

const seenVolume = (raw: Raw | undefined): Facets | undefined =>
  raw === undefined
    ? undefined
    : toMap({
        driver: raw.Driver,
        ...prefixed('driver_opts', Object.entries(record(raw.Options))),
        ...prefixed('labels', Object.entries(record(raw.Labels))),
      });

interface Compared {
  readonly wanted: Facets;
  readonly actual: Facets | undefined;
  /** It was made with values from the keychain: what differs is not shown where one may be. */
  readonly given: boolean;
}

function compare(kind: Kind, object: Network | Volume, { wanted, actual, given }: Compared): readonly Finding[] {
  if (actual === undefined) return [];
  return [...new Set([...wanted.keys(), ...actual.keys()])].flatMap((key): readonly Finding[] => {
    const left = wanted.get(key);
    const right = actual.get(key);
    // Without a subnet in the file the engine chooses one; a gateway it adds by itself.
    if (left === right || (left !== undefined && right !== undefined && fitsMarks(left, right))) return [];
    if (key === 'ipam.config' && (left === undefined || sameSubnets(left, right ?? ''))) return [];
    const hidden =
      (given && /^(driver_opts|labels)\./.test(key)) ||
      hasMark(left ?? '') ||
      looksSecret(key, left ?? '') ||
      looksSecret(key, right ?? '');
    const [section = key] = key.split('.');
    return [
      {
        ...finding(
          kind,
          object,
          left === undefined ? 'only-on-engine' : right === undefined ? 'only-in-file' : 'changed',
        ),
        key,
        ...(hidden ? { hidden } : {}),
        ...(hidden || left === undefined ? {} : { file: left }),
        ...(hidden || right === undefined ? {} : { engine: right }),
        at: [sections[kind], object.key, section],
      },
    ];
  });
}

const withoutGateway = (pools: string): string => pools.replaceAll(/gateway: "[^"]*", /g, '');
const sameSubnets = (left: string, right: string): boolean =>
  !left.includes('gateway') && withoutGateway(right) === left;

/** Of the project, and no file asks for it; what only services of inactive profiles use is asked for. */
function extras(
  kind: Kind,
  there: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[],
  { project }: DriftInput,
): readonly Finding[] {
  const asked = new Set([...project[sections[kind]].values()].map(({ name }) => name));
  const inactive = inactiveKeys(kind, project);
  return there
    .filter(
      ({ name, labels }) =>
        labels[label.project] === project.name &&
        !asked.has(name) &&
        !inactive.has(labels[label[kind]] ?? '') &&
        !isSecretVolume({ labels }),
    )
    .map(({ name }) => ({ subject: kind, name, containers: [], key: '', change: 'extra' }));
}

function inactiveKeys(kind: Kind, { inactive }: Project): ReadonlySet<string> {
  const services = [...inactive.values()];
  return new Set(
    kind === 'network'
      ? services.flatMap(({ networks }) => [...(networks?.keys() ?? ['default'])])
      : services.flatMap(({ volumes }) =>
          (volumes ?? []).flatMap(({ type, source }) => (type === 'volume' && source ? [source] : [])),
        ),
  );
}
