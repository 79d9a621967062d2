import type { Mount, Project, Service } from '../../main/core/compose/project.ts';
import { configHash, networkHash, volumeHash } from '../../main/core/plan/config-hash.ts';
import { secretsFolder } from '../../main/core/plan/deliveries.ts';
import type { Raw } from '../../main/core/plan/inherit.ts';
import {
  opaqueLabel,
  secretVolumeLabel,
  temporaryPrefix,
  toContainerName,
  toDependsOnLabel,
  toImageReference,
  toNetworkLabels,
  toOpaqueText,
  toVolumeLabels,
} from '../../main/core/plan/labels.ts';
import { keychainValuesOf } from '../../main/core/plan/opaque-changes.ts';
import type { Observed, ObservedContainer, ObservedImage, TakenPort } from '../../main/core/plan/plan.ts';
import { resolveReferences } from '../../main/core/plan/references.ts';
import { secretVolumeOf, toSecretLabels } from '../../main/core/plan/secret-volumes.ts';
import type { ActionOptions } from '../../preload/contract/api.ts';
import type { PlanAction, PublishedPort } from '../../preload/contract/model.ts';
import { idOf, image, observed, observedContainer, sha256 } from './builders.ts';
import { toDetails } from './builders-details.ts';

/*
 * observed.json of a golden case, written for people: what is not said is as the file wants it. test/core/plan/README.md
 * explains every word.
 */
export interface CaseRequest {
  /** Where there is no compose.yaml whose first line says it: what happened. */
  readonly scenario?: string;
  /** Where there is no compose.yaml: the project's name. */
  readonly project?: string;
  readonly action: PlanAction;
  readonly options?: ActionOptions;
  readonly apiVersion?: string;
  readonly containers?: Readonly<Record<string, CaseContainer | readonly CaseContainer[]>>;
  /** By name on the engine. `there`: as the file says. `changed`: made from other settings. */
  readonly networks?: Readonly<Record<string, 'there' | 'changed' | 'unlabelled' | 'foreign' | 'twice'>>;
  /** By network: running containers of others that are connected to it. */
  readonly guests?: Readonly<Record<string, readonly string[]>>;
  readonly volumes?: Readonly<Record<string, 'there' | 'changed' | 'unlabelled' | 'foreign'>>;
  readonly foreignNames?: Observed['foreignNames'];
  /** By reference. */
  readonly images?: Readonly<Record<string, Partial<ObservedImage>>>;
  /** Whether the CLI's plugin buildx is there, and what of which Dockerfile needs it. */
  readonly builders?: Observed['builders'];
  readonly buildDigests?: Readonly<Record<string, string>>;
  readonly registryDigests?: Readonly<Record<string, string>>;
  /** Environment variables without a value. */
  readonly unset?: readonly string[];
  /** What the keychain has, by name; containers were made with these values unless their label says otherwise. */
  readonly keychain?: Readonly<Record<string, 'project' | 'user' | 'session'>>;
  /** Containers whose post_start did not come to its end. */
  readonly hooksDue?: readonly string[];
  /** `container`: the name of the project's container that publishes it. */
  readonly takenPorts?: readonly (TakenPort & { readonly container?: string })[];
}

export interface CaseContainer extends Partial<Omit<ObservedContainer, 'configHash' | 'imageLabel'>> {
  /** `same` (default): made from this file. `other`: from an earlier one. `none`: not by compose v2. */
  readonly hash?: 'same' | 'other' | 'none';
  /** `same` (default): the image that is on the engine now. `other`, `none` likewise. */
  readonly image?: 'same' | 'other' | 'none';
  /** Name of the container that it was about to replace; it still has its temporary name. */
  readonly replaces?: string;
  /** Members that the file gives are left out, e.g. `["networks"]`. */
  readonly without?: readonly ('networks' | 'mounts' | 'ports')[];
  /** With hash `other`: what inspect shows in place of what the file says, in the Engine API's spelling. */
  readonly config?: Raw;
  readonly hostConfig?: Raw;
}

/** The whole Observed for a case. */
export function expandObserved(request: CaseRequest, project: Project | undefined): Observed {
  const name = project?.name ?? request.project ?? 'shop';
  const images = Object.fromEntries(
    Object.entries(request.images ?? {}).map(([reference, members]) => [reference, image(reference, members)]),
  );
  const containers = Object.entries(request.containers ?? {}).flatMap(([service, entries]) =>
    [entries].flat().map((entry, index) => expandContainer(entry, index, { service, name, project, images })),
  );
  return observed({
    engine: {
      product: 'Docker Engine',
      apiVersion: request.apiVersion ?? '1.41',
      os: 'linux',
      arch: 'amd64',
    },
    containers,
    images,
    networks: expandNetworks(request, project, name),
    volumes: expandVolumes(request, project, name),
    buildDigests: request.buildDigests ?? {},
    ...(request.builders === undefined ? {} : { builders: request.builders }),
    registryDigests: request.registryDigests ?? {},
    foreignNames: request.foreignNames ?? [],
    takenPorts: (request.takenPorts ?? []).map(({ container, ...port }) => ({
      ...port,
      ...(container === undefined ? {} : { containerId: idOf(container) }),
    })),
  });
}

interface Surroundings {
  readonly service: string;
  readonly name: string;
  readonly project: Project | undefined;
  readonly images: Readonly<Record<string, ObservedImage>>;
}

function expandContainer(entry: CaseContainer, index: number, around: Surroundings): ObservedContainer {
  const { hash = 'same', image: imageState = 'same', replaces, without = [], config, hostConfig, ...members } = entry;
  const { project, name } = around;
  const service = project?.services.get(around.service) ?? project?.inactive.get(around.service);
  const number = members.number ?? index + 1;
  const base = observedContainer(name, around.service, { number });
  const reference = service === undefined ? '' : toImageReference(name, service);
  const known = around.images[reference];
  const finalName = service === undefined ? base.name : toContainerName(name, service, number);
  const temporary = replaces === undefined ? '' : temporaryPrefix({ id: idOf(replaces) });
  const containerName = members.name ?? `${temporary}${finalName}`;
  return {
    ...base,
    ...(project === undefined || service === undefined ? {} : fromFile(project, service, without, members)),
    ...(project === undefined || service === undefined || hash !== 'other'
      ? {}
      : { details: toDetails(project, service, number, { ...members, config, hostConfig }) }),
    ...(hash === 'none'
      ? {}
      : { configHash: hash === 'other' ? 'made-from-an-earlier-file' : hashOf(project, service) }),
    ...(imageState === 'none'
      ? {}
      : { imageLabel: imageState === 'same' ? (known?.id ?? base.imageId) : 'sha256:older' }),
    hasHealthcheck: service?.healthcheck?.test !== undefined || (known?.hasHealthcheck ?? false),
    ...members,
    name: containerName,
    id: members.id ?? idOf(containerName),
  };
}

function hashOf(project: Project | undefined, service: Service | undefined): string {
  if (project === undefined || service === undefined) return 'no-file';
  const reference = (other: string): string | undefined => {
    const target = project.services.get(other);
    return target === undefined ? undefined : idOf(toContainerName(project.name, target, 1));
  };
  return configHash(resolveReferences(service, reference), sha256);
}

/** Networks, mounts, ports and labels as the file asks for them. */
function fromFile(
  project: Project,
  service: Service,
  without: readonly string[],
  members: Partial<ObservedContainer>,
): Partial<ObservedContainer> {
  const networks = [...(service.networks?.keys() ?? [])].map((key) => project.networks.get(key)?.name ?? key);
  const running = (members.state ?? 'running') === 'running';
  const values = keychainValuesOf(project, service);
  return {
    labels: {
      'com.docker.compose.depends_on': toDependsOnLabel(project, service),
      ...(without.includes('mounts') ? {} : toSecretLabels(project, service)),
      ...(values.length === 0 ? {} : { [opaqueLabel]: toOpaqueText(values) }),
      ...Object.fromEntries(service.labels ?? []),
    },
    networks: without.includes('networks')
      ? {}
      : Object.fromEntries(networks.map((name) => [name, { id: idOf(`network ${name}`), aliases: [service.name] }])),
    mounts: without.includes('mounts')
      ? []
      : [...(service.volumes ?? []), ...secretMounts(project, service)].flatMap((mount) =>
          mount.source === undefined
            ? []
            : [
                mount.type === 'volume'
                  ? {
                      type: 'volume',
                      name: project.volumes.get(mount.source)?.name ?? mount.source,
                      target: mount.target,
                      readOnly: mount.read_only === true,
                    }
                  : {
                      type: mount.type,
                      source: mount.source,
                      target: mount.target,
                      readOnly: mount.read_only === true,
                    },
              ],
        ),
    ports:
      !running || without.includes('ports')
        ? []
        : (service.ports ?? []).flatMap((port): readonly PublishedPort[] =>
            /^\d+$/.test(port.published ?? '')
              ? [
                  {
                    host: Number(port.published),
                    hostIp: port.host_ip ?? '0.0.0.0',
                    container: port.target,
                    protocol: 'tcp',
                  },
                ]
              : [],
          ),
  };
}

/** Its secrets in memory. */
function secretMounts(project: Project, service: Service): readonly Mount[] {
  const volume = secretVolumeOf(project, service);
  return volume === undefined ? [] : [{ type: 'volume', source: volume.name, target: secretsFolder }];
}

function expandNetworks(request: CaseRequest, project: Project | undefined, name: string): Observed['networks'] {
  return Object.fromEntries(
    Object.entries(request.networks ?? {}).map(([network, state]) => {
      const inFile = [...(project?.networks.values() ?? [])].find((one) => one.name === network);
      const hash = inFile === undefined ? 'no-file' : networkHash(inFile, sha256);
      const labels: Record<string, string> =
        inFile !== undefined && project !== undefined
          ? { ...toNetworkLabels(project, inFile, hash) }
          : { 'com.docker.compose.project': name, 'com.docker.compose.network': network };
      if (state === 'foreign') labels['com.docker.compose.project'] = 'somebody-else';
      const id = idOf(`network ${network}`);
      if (state === 'unlabelled') return [network, { id, name: network, labels: {} }];
      const twins = state === 'twice' ? { twins: [idOf(`twin of ${network}`)] } : {};
      const guests = request.guests?.[network] === undefined ? {} : { guests: request.guests[network] };
      const configHash = state === 'changed' ? 'earlier' : hash;
      return [network, { id, name: network, labels, configHash, ...twins, ...guests }];
    }),
  );
}

function expandVolumes(request: CaseRequest, project: Project | undefined, name: string): Observed['volumes'] {
  return Object.fromEntries(
    Object.entries(request.volumes ?? {}).map(([volume, state]) => {
      const inFile = [...(project?.volumes.values() ?? [])].find((one) => one.name === volume);
      const hash = inFile === undefined ? 'no-file' : volumeHash(inFile, sha256);
      const labels: Record<string, string> =
        inFile !== undefined && project !== undefined
          ? { ...toVolumeLabels(project, inFile, hash) }
          : { 'com.docker.compose.project': name, 'com.docker.compose.volume': volume };
      if (volume.endsWith('_claude-env-secrets') && state === 'there') labels[secretVolumeLabel] = 'a service';
      if (state === 'foreign') labels['com.docker.compose.project'] = 'somebody-else';
      if (state === 'unlabelled') return [volume, { name: volume, driver: 'local', labels: {} }];
      return [volume, { name: volume, driver: 'local', labels, configHash: state === 'changed' ? 'earlier' : hash }];
    }),
  );
}
