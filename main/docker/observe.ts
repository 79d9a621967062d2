import type Docker from 'dockerode';
import type { ContainerInfo, ImageInspectInfo, NetworkInspectInfo, VolumeInspectInfo } from 'dockerode';
import type { Raw } from '../core/plan/inherit.ts';
import { label } from '../core/plan/labels.ts';
import type { Observed, ObservedImage, ObservedNetwork, ObservedVolume } from '../core/plan/plan.ts';
import type { ImageFacts, ObserveOptions, RegistryLogins } from '../services/ports.ts';
import { type DigestCache, digestBuild } from './build-digest.ts';
import { observeBuilders } from './build-needs.ts';
import { inspectAll } from './containers.ts';
import { dial } from './dial.ts';
import { statusOf } from './errors.ts';
import type { Host } from './host.ts';
import { hasHealthcheck, toObservedContainer } from './inspect.ts';
import { listsAll, ownName, toListedContainer } from './listed.ts';
import { nameProcess, readListeners } from './listeners.ts';
import type { FindMissing } from './missing-secrets.ts';
import { mapLimited } from './parallel.ts';
import { readRegistryDigests } from './registry-digests.ts';
import { settleStops } from './settle.ts';
import { findTakenPorts } from './taken-ports.ts';

export interface ObserveProject {
  readonly docker: Docker;
  readonly project: string;
  readonly options: ObserveOptions;
  readonly signal: AbortSignal;
  readonly digests: DigestCache;
  /** The engine publishes on this machine, so its listeners count. */
  readonly local: boolean;
  readonly host: Host;
  readonly logins: RegistryLogins;
  readonly engine: Observed['engine'];
  readonly findMissing: FindMissing;
}

/**
 * What the engine has for one project: three lists, one inspect an image reference and one a container of the project,
 * unless the list says enough. A container that goes away meanwhile is simply not there.
 */
export async function observeProject(input: ObserveProject): Promise<Observed> {
  const { docker, project, options, signal, engine } = input;
  if (options.interrupted === true) await settleStops(docker, project, signal);
  const [list, networks, volumes, images, buildDigests, builders] = await Promise.all([
    docker.listContainers({ all: true, abortSignal: signal }),
    options.networks.length > 0 || project !== '' ? docker.listNetworks({ abortSignal: signal }) : [],
    docker.listVolumes({ abortSignal: signal }).then(({ Volumes }) => Volumes ?? []),
    observeImages(docker, options.images, signal),
    digestBuilds(input),
    observeBuilders(options.builds, input.host),
  ]);
  const own = list.filter(({ Labels }) => Labels?.[label.project] === project);
  const mine = own.sort((a, b) => byText(ownName(a), ownName(b)));
  const [containers, takenPorts, registryDigests] = await Promise.all([
    options.listed === true && listsAll(engine) ? mine.map(toListedContainer) : inspectOwn(input, mine),
    observePorts(input, list),
    readRegistryDigests({
      docker,
      logins: input.logins,
      refresh: options.refresh ?? {},
      wanted: options.wanted ?? [],
      images,
      signal,
    }),
  ]);
  return {
    engine: { product: engine.product, apiVersion: engine.apiVersion, os: engine.os, arch: engine.arch },
    containers,
    networks: pickNetworks(networks, list, project, options.networks),
    volumes: pickVolumes(volumes, project, options.volumes),
    images,
    registryDigests,
    buildDigests,
    ...builders,
    foreignNames: foreignNames(list, project),
    takenPorts,
  };
}

/** The project's containers, and what of each one's secrets is missing. */
async function inspectOwn({ docker, signal, findMissing }: ObserveProject, own: readonly ContainerInfo[]) {
  const ids = own.map(({ Id }) => Id);
  const infos = await inspectAll(docker, ids, signal);
  const missing = await Promise.all(infos.map((info) => findMissing(docker, info, signal)));
  return infos.map((info, index) => toObservedContainer(info, missing[index] ?? []));
}

/** The engine lists in another order every time, and a plan made twice of the same has to be the same twice. */
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const isForeign = ({ Labels }: ContainerInfo, project: string): boolean => Labels?.[label.project] !== project;

function foreignNames(list: readonly ContainerInfo[], project: string): Observed['foreignNames'] {
  return list
    .filter((container) => isForeign(container, project))
    .map((container) => {
      const owner = container.Labels?.[label.project];
      const whose = owner === undefined ? 'that compose did not make' : `of project ${owner}`;
      return { name: ownName(container), owner: `a container ${whose} (${container.Id.slice(0, 12)})` };
    });
}

/** Network names are not unique on an engine: the project's own comes before a namesake, and of its own the oldest. */
function pickNetworks(
  all: readonly NetworkInspectInfo[],
  list: readonly ContainerInfo[],
  project: string,
  names: readonly string[],
): Readonly<Record<string, ObservedNetwork>> {
  const owned = ({ Labels }: NetworkInspectInfo) => Labels?.[label.project] === project;
  const found = new Map<string, NetworkInspectInfo[]>();
  const wanted = all
    .filter((network) => owned(network) || names.includes(network.Name))
    .sort((a, b) => byText(a.Name, b.Name));
  for (const network of wanted) found.set(network.Name, [...(found.get(network.Name) ?? []), network]);
  return Object.fromEntries(
    [...found].flatMap(([name, same]) => {
      const own = same.filter(owned).sort((a, b) => (String(a.Created) < String(b.Created) ? -1 : 1));
      const chosen = own[0] ?? same[0];
      if (chosen === undefined) return [];
      const twins = own.slice(1).map(({ Id }) => Id);
      const guests = own.length === 0 ? [] : guestsOf(name, own, list, project);
      return [
        [
          name,
          {
            id: chosen.Id,
            name,
            ...withLabels(chosen.Labels),
            ...(twins.length > 0 && { twins }),
            ...(guests.length > 0 && { guests }),
          },
        ],
      ];
    }),
  );
}

/** A container that does not run keeps no network. */
function guestsOf(
  name: string,
  networks: readonly NetworkInspectInfo[],
  list: readonly ContainerInfo[],
  project: string,
): readonly string[] {
  const ids = networks.map(({ Id }) => Id);
  return list
    .filter(
      (container) => isForeign(container, project) && container.State !== 'exited' && container.State !== 'created',
    )
    .filter(({ NetworkSettings }) => ids.includes(NetworkSettings?.Networks?.[name]?.NetworkID ?? ''))
    .map(ownName)
    .sort(byText);
}

function pickVolumes(
  all: readonly VolumeInspectInfo[],
  project: string,
  names: readonly string[],
): Readonly<Record<string, ObservedVolume>> {
  return Object.fromEntries(
    all
      .filter(({ Name, Labels }) => Labels?.[label.project] === project || names.includes(Name))
      .sort((a, b) => byText(a.Name, b.Name))
      .map(({ Name, Driver, Labels }) => [Name, { name: Name, driver: Driver, ...withLabels(Labels) }]),
  );
}

/** Labels of networks and volumes are null when there are none. */
function withLabels(labels: Readonly<Record<string, string>> | null | undefined): {
  labels: Readonly<Record<string, string>>;
  configHash?: string;
} {
  const configHash = labels?.[label.configHash];
  return { labels: labels ?? {}, ...(configHash !== undefined && { configHash }) };
}

async function observeImages(
  docker: Docker,
  references: readonly string[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, ObservedImage>>> {
  const found = await mapLimited([...new Set(references)], 6, async (reference) => {
    const info = await inspectImage(docker, reference, signal);
    return info ? ([reference, toObservedImage(info)] as const) : undefined;
  });
  return Object.fromEntries(found.filter((entry) => entry !== undefined));
}

/** undefined when the engine has no such image. */
export async function inspectImage(
  docker: Docker,
  reference: string,
  signal: AbortSignal,
): Promise<ImageInspectInfo | undefined> {
  try {
    return await dial<ImageInspectInfo>(docker, { method: 'GET', path: `/images/${reference}/json`, signal });
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** The engine writes the year 1 for an image that nobody tagged: 20.10 does so for what was pulled. */
function taggedSeconds(info: ImageInspectInfo): number | undefined {
  const time = Date.parse((info as { Metadata?: { LastTagTime?: string } }).Metadata?.LastTagTime ?? '');
  return Number.isNaN(time) || time < 0 ? undefined : Math.max(0, (Date.now() - time) / 1000);
}

export const toImageFacts = (info: ImageInspectInfo): ImageFacts => ({
  id: info.Id,
  tags: info.RepoTags ?? [],
  platform: [info.Os, info.Architecture].join('/'),
  bytes: info.Size,
  ...(info.Created && { created: info.Created }),
});

function toObservedImage(info: ImageInspectInfo): ObservedImage {
  const seconds = taggedSeconds(info);
  const config: ImageInspectInfo['Config'] | undefined = info.Config;
  return {
    id: info.Id,
    labels: config?.Labels ?? {},
    os: info.Os,
    arch: info.Architecture,
    hasHealthcheck: hasHealthcheck(config?.Healthcheck),
    volumes: Object.keys(config?.Volumes ?? {}),
    config: (config ?? {}) as unknown as Raw,
    digests: info.RepoDigests ?? [],
    ...(seconds === undefined ? {} : { taggedSeconds: seconds }),
  };
}

async function digestBuilds({
  options,
  digests,
  host,
  signal,
}: ObserveProject): Promise<Readonly<Record<string, string>>> {
  const { builds, digests: wanted } = options;
  const asked = Object.entries(builds).filter(([service]) => wanted === undefined || wanted.includes(service));
  const found = await mapLimited(asked, 2, async ([service, build]) => {
    const digest = await digestBuild({
      build,
      settings: options.buildSettings,
      cache: digests,
      environment: host.env,
      signal,
    });
    return digest === undefined ? undefined : ([service, digest] as const);
  });
  return Object.fromEntries(found.filter((entry) => entry !== undefined));
}

async function observePorts(
  { options, local, host }: ObserveProject,
  containers: readonly ContainerInfo[],
): Promise<Observed['takenPorts']> {
  if (options.ports.length === 0) return [];
  const listeners = local ? await readListeners(host) : [];
  return findTakenPorts({ wanted: options.ports, containers, listeners, identify: nameProcess });
}
