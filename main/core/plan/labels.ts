import type { Network, Project, Service, Volume } from '../compose/project.ts';
import { marksWithin, type OpaqueValue } from '../opaque.ts';

/*
 * The labels by which docker compose v2 and docker-compose 1.29 know their own. What each is needed for was seen live
 * and is written down in docs/architecture.md ("What other tools expect to find on the engine").
 */
const prefix = 'com.docker.compose.';
export const label = {
  project: `${prefix}project`,
  service: `${prefix}service`,
  version: `${prefix}version`,
  workingDir: `${prefix}project.working_dir`,
  configFiles: `${prefix}project.config_files`,
  environmentFile: `${prefix}project.environment_file`,
  oneOff: `${prefix}oneoff`,
  configHash: `${prefix}config-hash`,
  containerNumber: `${prefix}container-number`,
  image: `${prefix}image`,
  dependsOn: `${prefix}depends_on`,
  replace: `${prefix}replace`,
  slug: `${prefix}slug`,
  network: `${prefix}network`,
  volume: `${prefix}volume`,
} as const;

/** Ours, on a container: the files in it that are kept in memory, so that it can be seen when they are gone. */
export const secretFilesLabel = 'io.claude-env.secret-files';
/** Ours, on a volume: it holds secrets of a service in memory, and nothing that could be lost. */
export const secretVolumeLabel = 'io.claude-env.secrets-of';

/** Ours: digest of the build context that an image was made from. */
export const buildDigestLabel = 'io.claude-env.build-digest';

/** Ours: which editions of values from the keychain a container, network or volume was made with, as `NAME=edition,…`. */
export const opaqueLabel = 'io.claude-env.keychain';

/** By name; empty: it has none. */
export const toOpaqueText = (values: readonly OpaqueValue[]): string =>
  [...new Set(values.map(({ name, edition }) => `${name}=${edition}`))].sort().join(',');

function toOpaqueLabel(parts: unknown): Readonly<Record<string, string>> {
  const values = marksWithin(parts);
  return values.length === 0 ? {} : { [opaqueLabel]: toOpaqueText(values) };
}

/** The docker compose whose conventions (labels, hashes, recreation) are followed; compose writes its own version here. */
export const composeVersion = '2.40.3';

/** `project-service-N`, unless the file gives a name. https://github.com/compose-spec/compose-spec/blob/main/05-services.md#container_name */
export function toContainerName(project: string, service: Service, number: number): string {
  return service.container_name ?? `${project}-${service.name}-${number}`;
}

/** A container that is to take the place of `old` is called `<12 digits of the old one's id>_<its name>` until that is gone. */
export const temporaryPrefix = (old: { readonly id: string }): string => `${old.id.slice(0, 12)}_`;

/** The reference that a service runs; a service with only a build section is tagged `project-service`. */
export function toImageReference(project: string, service: Service): string {
  return service.image ?? `${project}-${service.name}`;
}

/**
 * `svc:condition:restart,…` of the services that are active; empty when there is none. The order is the file's: compose
 * writes Go's random map order.
 */
export function toDependsOnLabel(project: Project, service: Service): string {
  return [...(service.depends_on ?? [])]
    .filter(([name]) => project.services.has(name))
    .map(([name, dependency]) => `${name}:${dependency.condition}:${dependency.restart === true}`)
    .join(',');
}

export interface ContainerLabelInput {
  readonly project: Project;
  readonly service: Service;
  readonly number: number;
  readonly configHash: string;
  /** What of it only the keychain has. */
  readonly opaque?: readonly OpaqueValue[];
  /** It is made to take the place of another one. */
  readonly replaces: boolean;
}

/** Labels of a service's container, without `image`: its id is known only when the container is created. */
export function toContainerLabels(input: ContainerLabelInput): Readonly<Record<string, string>> {
  const { project, service } = input;
  return {
    ...Object.fromEntries(service.labels ?? []),
    [label.project]: project.name,
    [label.service]: service.name,
    [label.version]: composeVersion,
    [label.workingDir]: project.workingDir,
    [label.configFiles]: project.files.join(','),
    ...(project.envFiles.length > 0 ? { [label.environmentFile]: project.envFiles.join(',') } : {}),
    [label.oneOff]: 'False',
    [label.configHash]: input.configHash,
    [label.containerNumber]: String(input.number),
    [label.dependsOn]: toDependsOnLabel(project, service),
    ...(input.opaque === undefined || input.opaque.length === 0 ? {} : { [opaqueLabel]: toOpaqueText(input.opaque) }),
    // What compose writes; the same for every recreation, so it does not tell which container was meant.
    ...(input.replaces ? { [label.replace]: service.container_name ?? `${service.name}-${input.number}` } : {}),
  };
}

export function toNetworkLabels(project: Project, network: Network, hash: string): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(network.labels ?? []),
    [label.project]: project.name,
    [label.version]: composeVersion,
    [label.network]: network.key,
    [label.configHash]: hash,
    ...toOpaqueLabel([network.labels, network.driver_opts]),
  };
}

export function toVolumeLabels(project: Project, volume: Volume, hash: string): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(volume.labels ?? []),
    [label.project]: project.name,
    [label.version]: composeVersion,
    [label.volume]: volume.key,
    [label.configHash]: hash,
    ...toOpaqueLabel([volume.labels, volume.driver_opts]),
  };
}

/** Labels that compose puts on an image it builds. */
export function toImageLabels(project: string, service: string): Readonly<Record<string, string>> {
  return { [label.project]: project, [label.service]: service, [label.version]: composeVersion };
}
