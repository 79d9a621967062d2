import type { FileObject, FileReference, Network, Port, Project, Service } from '../compose/project.ts';
import type { Raw } from '../plan/inherit.ts';
import type { Problem } from '../plan/problem.ts';
import { given } from '../plan/resources.ts';
import { toContainerPart } from './container-part.ts';
import { findIgnored } from './findings.ts';
import { stackImageLabel, stackLabel, toScopedName } from './names.ts';
import { toResourcePart, toRestartPart, toUpdatePart } from './policies.ts';
import { findRefused, findRefusedNetwork } from './refusals.ts';

/*
 * Project -> what a Swarm is asked for. Services come out as bodies of POST /services/create, equal to what
 * `docker stack deploy` (CLI 28.5.2) makes of the same file; networks, secrets and configs are referred to by name, because
 * their ids are known only when the steps before have run (docker/swarm-execute puts them in).
 */

export interface StackNetwork {
  readonly key: string;
  readonly name: string;
  readonly external: boolean;
  /** Of POST /networks/create; absent for an external one. */
  readonly body?: Raw;
}

/** A secret or config of the file that services use. */
export interface StackFile {
  readonly key: string;
  readonly name: string;
  readonly external: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly object: FileObject;
}

export interface StackSpecs {
  readonly stack: string;
  /** By the service's name in the file. */
  readonly services: ReadonlyMap<string, Raw>;
  readonly networks: readonly StackNetwork[];
  readonly secrets: readonly StackFile[];
  readonly configs: readonly StackFile[];
  /** Keys that Swarm drops or cannot do. */
  readonly findings: readonly Problem[];
}

/** Networks that the engine has by itself; they take no aliases. */
const ownNetworks = new Set(['host', 'bridge', 'none', 'default', 'ingress']);
export const isOwnNetwork = (name: string): boolean => ownNetworks.has(name);

/** `apiVersion`: of the engine that is asked; a new one unless said. */
export function convertStack(project: Project, apiVersion = '1.51'): StackSpecs {
  const stack = project.name;
  const networks = new Map<string, StackNetwork>();
  const services = new Map<string, Raw>();
  const findings: Problem[] = [];
  for (const service of project.services.values()) {
    findings.push(...findIgnored(service, project), ...findRefused(service, project, apiVersion));
    for (const key of networkKeys(service)) networks.set(key, toNetwork(stack, key, project.networks.get(key)));
    services.set(service.name, toServiceSpec(project, service, networks, apiVersion));
  }
  for (const key of networks.keys())
    findings.push(...findRefusedNetwork(key, project.networks.get(key) ?? { key, name: toScopedName(stack, key) }));
  return {
    stack,
    services,
    networks: [...networks.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    secrets: toFiles(project, project.secrets, 'secrets'),
    configs: toFiles(project, project.configs, 'configs'),
    findings,
  };
}

const networkKeys = (service: Service): readonly string[] =>
  service.networks === undefined || service.networks.size === 0 ? ['default'] : [...service.networks.keys()];

const record = (map: ReadonlyMap<string, string> | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(map ?? []);

/** Swarm's networks know a driver, its options, subnets and two flags; docker's own client sends no more. */
function toNetwork(stack: string, key: string, network: Network | undefined): StackNetwork {
  const name = network?.name ?? toScopedName(stack, key);
  if (network?.external === true) return { key, name, external: true };
  const { driver: ipamDriver = '', config = [] } = network?.ipam ?? {};
  const body: Raw = {
    Driver: network?.driver ?? 'overlay',
    Labels: { ...record(network?.labels), [stackLabel]: stack },
    ...given({
      Internal: network?.internal === true || undefined,
      Attachable: network?.attachable === true || undefined,
    }),
    ...(network?.driver_opts === undefined ? {} : { Options: record(network.driver_opts) }),
    ...(ipamDriver === '' && config.length === 0
      ? {}
      : { IPAM: { Driver: ipamDriver, Config: config.map(({ subnet = '' }) => ({ Subnet: subnet })) } }),
  };
  return { key, name, external: false, body };
}

/** The loader has left out what no service uses. */
function toFiles(project: Project, objects: Project['secrets'], kind: 'secrets' | 'configs'): readonly StackFile[] {
  const used = new Set(
    [...project.services.values()].flatMap((service) => (service[kind] ?? []).map(({ source }) => source)),
  );
  return [...objects.values()]
    .filter(({ key }) => used.has(key))
    .map((object) => ({
      key: object.key,
      name: object.name,
      external: object.external === true,
      labels: { ...record(object.labels), [stackLabel]: project.name },
      object,
    }));
}

function toServiceSpec(
  project: Project,
  service: Service,
  networks: ReadonlyMap<string, StackNetwork>,
  apiVersion: string,
): Raw {
  const { deploy = {} } = service;
  const { constraints, preferences = [], max_replicas_per_node: most } = deploy.placement ?? {};
  return {
    Name: toScopedName(project.name, service.name),
    Labels: { ...record(deploy.labels), [stackImageLabel]: service.image ?? '', [stackLabel]: project.name },
    TaskTemplate: {
      ContainerSpec: {
        ...toContainerPart(project, service, apiVersion),
        ...given({ Secrets: toReferences('Secret', project.secrets, service.secrets) }),
        ...given({ Configs: toReferences('Config', project.configs, service.configs) }),
      },
      ...(service.logging === undefined
        ? {}
        : {
            LogDriver: { Name: service.logging.driver ?? '', ...given({ Options: record(service.logging.options) }) },
          }),
      Resources: toResourcePart(deploy.resources),
      ...toRestartPart(service),
      Placement: given({
        Constraints: constraints,
        Preferences: preferences.map(({ spread = '' }) => ({ Spread: { SpreadDescriptor: spread } })),
        MaxReplicas: most,
      }),
      Networks: toAttachments(service, networks),
    },
    Mode: toMode(service),
    ...toUpdatePart('UpdateConfig', deploy.update_config),
    ...toUpdatePart('RollbackConfig', deploy.rollback_config),
    EndpointSpec: {
      ...given({ Mode: (deploy.endpoint_mode ?? '').toLowerCase() }),
      Ports: toPorts(service.ports ?? []),
    },
  };
}

function toAttachments(service: Service, networks: ReadonlyMap<string, StackNetwork>): readonly Raw[] {
  const attached = networkKeys(service).map((key) => {
    const use = service.networks?.get(key);
    const target = networks.get(key)?.name ?? key;
    const aliases = [...(use?.aliases ?? []), ...(isOwnNetwork(target) ? [] : [service.name])];
    return {
      Target: target,
      ...given({ Aliases: aliases }),
      ...given({ DriverOpts: use?.driver_opts && record(use.driver_opts) }),
    };
  });
  return attached.sort((a, b) => (a.Target < b.Target ? -1 : 1));
}

function toMode(service: Service): Raw {
  const replicas = service.deploy?.replicas ?? service.scale;
  const said = replicas === undefined ? {} : { Replicas: replicas };
  switch (service.deploy?.mode ?? '') {
    case 'global':
      return { Global: {} };
    case 'global-job':
      return { GlobalJob: {} };
    case 'replicated-job':
      return { ReplicatedJob: replicas === undefined ? {} : { MaxConcurrent: replicas, TotalCompletions: replicas } };
    default:
      return { Replicated: said };
  }
}

/** A published range is one entry a port; in the order of published ports, those that Swarm chooses first. */
function toPorts(ports: readonly Port[]): readonly Raw[] {
  const all = ports.flatMap((port) => {
    const [first = 0, last = first] = (port.published ?? '').split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => ({
      Protocol: port.protocol,
      TargetPort: port.target,
      PublishedPort: first + index,
      PublishMode: port.mode === '' ? 'ingress' : port.mode,
    }));
  });
  return all
    .sort((a, b) => a.PublishedPort - b.PublishedPort)
    .map(({ PublishedPort, ...port }) => ({ ...port, ...given({ PublishedPort }) }));
}

/** Sorted by the object's name: another order would restart the service's tasks. */
function toReferences(
  kind: 'Secret' | 'Config',
  objects: Project['secrets'],
  uses: readonly FileReference[] = [],
): readonly Raw[] {
  return uses
    .map((use) => ({
      [`${kind}Name`]: objects.get(use.source)?.name ?? use.source,
      File: {
        Name: (use.writtenTarget ?? use.target) || use.source,
        UID: use.uid || '0',
        GID: use.gid || '0',
        Mode: use.mode ?? 0o444,
      },
    }))
    .sort((a, b) => (String(a[`${kind}Name`]) < String(b[`${kind}Name`]) ? -1 : 1));
}
