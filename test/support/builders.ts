import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AppFailure } from '../../main/core/app-failure.ts';
import { load } from '../../main/core/compose/load.ts';
import type { OpaqueValues } from '../../main/core/compose/options.ts';
import type { Project, Service } from '../../main/core/compose/project.ts';
import type { Observed, ObservedContainer, ObservedImage, Sha256 } from '../../main/core/plan/plan.ts';
import type { SeenContainer } from '../../main/core/seen.ts';

/* Small valid objects: a test says only what it is about. */

export const sha256: Sha256 = (text) => hash('sha256', text);

/** 64 hexadecimal digits that depend on the name, so that a failing test shows which container was meant. */
export const idOf = (name: string): string => sha256(name);
const imageIdOf = (reference: string): string => `sha256:${sha256(`image ${reference}`)}`;

export function service(name: string, members: Partial<Service> = {}): Service {
  return { name, image: `example/${name}`, networks: new Map([['default', null]]), ...members };
}

/** A project with a default network; members win over it. */
export function project(services: readonly Service[], members: Partial<Project> = {}): Project {
  const name = members.name ?? 'shop';
  return {
    name,
    workingDir: `/home/me/${name}`,
    files: [`/home/me/${name}/compose.yaml`],
    envFiles: [],
    services: new Map(services.map((one) => [one.name, one])),
    inactive: new Map(),
    networks: new Map([['default', { key: 'default', name: `${name}_default` }]]),
    volumes: new Map(),
    secrets: new Map(),
    configs: new Map(),
    extensions: {},
    ...members,
  };
}

export function image(reference: string, members: Partial<ObservedImage> = {}): ObservedImage {
  return {
    id: imageIdOf(reference),
    labels: {},
    os: 'linux',
    arch: 'amd64',
    hasHealthcheck: false,
    volumes: [],
    ...members,
  };
}

export function observed(members: Partial<Observed> = {}): Observed {
  return {
    engine: { product: 'Docker Engine', apiVersion: '1.41', os: 'linux', arch: 'amd64' },
    containers: [],
    networks: {},
    volumes: {},
    images: {},
    buildDigests: {},
    foreignNames: [],
    takenPorts: [],
    ...members,
  };
}

export function observedContainer(
  projectName: string,
  serviceName: string,
  members: Partial<ObservedContainer> = {},
): ObservedContainer {
  const number = members.number ?? 1;
  const name = members.name ?? `${projectName}-${serviceName}-${number}`;
  return {
    id: idOf(name),
    name,
    service: serviceName,
    number,
    oneOff: false,
    state: 'running',
    health: 'none',
    imageId: imageIdOf(`example/${serviceName}`),
    labels: {},
    networks: {},
    mounts: [],
    ports: [],
    hasHealthcheck: false,
    ...members,
  };
}

export function seenContainer(
  projectName: string,
  serviceName: string,
  members: Partial<SeenContainer> & { readonly number?: number } = {},
): SeenContainer {
  const { number = 1, labels, ...rest } = members;
  const name = members.name ?? `${projectName}-${serviceName}-${number}`;
  return {
    id: idOf(name),
    name,
    labels: {
      'com.docker.compose.project': projectName,
      'com.docker.compose.service': serviceName,
      'com.docker.compose.container-number': String(number),
      'com.docker.compose.oneoff': 'False',
      ...labels,
    },
    state: 'running',
    health: 'none',
    oomKilled: false,
    restarts: 0,
    image: `example/${serviceName}`,
    ports: [],
    ...rest,
  };
}

/** A project from a real file, through the real loader; throws what the loader found wrong. */
export async function loadProject(
  file: string | readonly string[],
  environment: Record<string, string> = {},
  opaque?: OpaqueValues,
): Promise<Project> {
  const paths = [file].flat().map((one) => resolve(one));
  const result = await load({
    files: paths,
    workingDir: dirname(paths[0] ?? ''),
    environment,
    opaque,
    platform: 'posix',
    readText: async (name) => {
      try {
        return await readFile(name, 'utf8');
      } catch (error) {
        throw new AppFailure({ code: 'file.not-found', message: `${name} is not there` }, { cause: error });
      }
    },
  });
  if (result.project === undefined) throw new Error(JSON.stringify(result.diagnostics, null, 2));
  return result.project;
}
