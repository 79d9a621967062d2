import type { Hook, Project, Service } from '../compose/project.ts';
import { toHashedText } from './config-hash.ts';
import { toContainerLabels, toImageReference } from './labels.ts';
import { toMounts } from './mounts.ts';
import { type Networking, toNetworking } from './networking.ts';
import { keychainValuesOf } from './opaque-changes.ts';
import type { CreateBody, HookSpec, Sha256 } from './plan.ts';
import { toExposedPorts, toPortBindings } from './ports.ts';
import { type ContainerReference, resolveReferences, toVolumesFrom } from './references.ts';
import { defined, given, toCapabilities, toHealthcheck, toResources, toRestartPolicy } from './resources.ts';
import { toSecretLabels } from './secret-volumes.ts';
import { type Profiles, toSecurityOptions } from './security.ts';

export interface ContainerSpecInput {
  readonly project: Project;
  readonly service: Service;
  readonly number: number;
  readonly apiVersion: string;
  readonly sha256: Sha256;
  /** What `service:x` stands for; see references.ts. */
  readonly reference: ContainerReference;
  /** Names of the containers of a linked service. */
  readonly containersOf: (service: string) => readonly string[];
  /** It is made to take the place of another one. */
  readonly replaces?: boolean;
  readonly profiles?: Profiles | undefined;
}

export interface ContainerSpec {
  readonly image: string;
  readonly body: CreateBody;
  readonly connect: Networking['connect'];
  /** What the configuration hash is taken over. */
  readonly hashed: string;
}

/** Body of POST /containers/create, equal to what docker compose 2.40.3 sends but for members that are the engine's default. */
export function toContainerSpec(input: ContainerSpecInput): ContainerSpec {
  const { project, number, reference, apiVersion } = input;
  const service = resolveReferences(input.service, reference);
  const image = toImageReference(project.name, service);
  const hashed = toHashedText(service);
  const networking = toNetworking({ project, service, number, links: toLinks(input), apiVersion });
  const composeLabels = toContainerLabels({
    project,
    service,
    number,
    configHash: input.sha256(hashed),
    opaque: keychainValuesOf(project, service),
    replaces: input.replaces === true,
  });
  const { endpoints } = networking;
  const body = {
    ...given({
      Hostname: service.hostname,
      Domainname: service.domainname,
      User: service.user,
      WorkingDir: service.working_dir,
      MacAddress: networking.macAddress,
      StopSignal: service.stop_signal,
      Env: toEnvironment(service.environment),
    }),
    ...defined({
      Image: image,
      AttachStdout: true,
      AttachStderr: true,
      Tty: yes(service.tty),
      OpenStdin: yes(service.stdin_open),
      Cmd: service.command ?? undefined,
      Entrypoint: service.entrypoint ?? undefined,
      NetworkDisabled: yes(service.network_mode === 'disabled'),
      StopTimeout: service.stop_grace_period === undefined ? undefined : toSeconds(service.stop_grace_period),
      Healthcheck: toHealthcheck(service.healthcheck, apiVersion),
      ExposedPorts: toExposedPorts(service),
      Labels: { ...toSecretLabels(project, service), ...composeLabels },
      HostConfig: toHostConfig(input, service, networking),
      NetworkingConfig: Object.keys(endpoints).length === 0 ? undefined : { EndpointsConfig: endpoints },
    }),
  };
  return { image, body, connect: networking.connect, hashed };
}

function toHostConfig(input: ContainerSpecInput, service: Service, networking: Networking): CreateBody {
  const { binds, mounts, tmpfs } = toMounts(input.project, service);
  const unconfined = service.security_opt?.includes('systempaths=unconfined') === true;
  const { logging } = service;
  return {
    ...given({
      Binds: binds,
      Mounts: mounts,
      IpcMode: service.ipc,
      CgroupnsMode: service.cgroup,
      ShmSize: service.shm_size,
      Links: linksOfMode(input, service),
      VolumesFrom: toVolumesFrom(input.service, input.reference),
      SecurityOpt: toSecurityOptions(service, input.profiles),
      UsernsMode: service.userns_mode,
      UTSMode: service.uts,
      PidMode: service.pid,
      Isolation: service.isolation,
      Runtime: service.runtime,
      GroupAdd: service.group_add,
      OomScoreAdj: service.oom_score_adj,
    }),
    ...defined({
      // An empty list is sent as well: no server of the engine's own.
      Dns: service.dns,
      DnsSearch: service.dns_search,
      DnsOptions: service.dns_opt,
      ExtraHosts: [...(service.extra_hosts ?? [])].flatMap(([host, addresses]) =>
        addresses.map((address) => `${host}:${address}`),
      ),
      NetworkMode: networking.mode,
      PortBindings: toPortBindings(service),
      RestartPolicy: toRestartPolicy(service),
      Init: service.init,
      ReadonlyRootfs: yes(service.read_only),
      Privileged: yes(service.privileged),
      Tmpfs: Object.keys(tmpfs).length === 0 ? undefined : tmpfs,
      Sysctls: record(service.sysctls),
      StorageOpt: record(service.storage_opt),
      Annotations: record(service.annotations),
      LogConfig: logging && { Type: logging.driver ?? '', Config: Object.fromEntries(logging.options ?? []) },
      MaskedPaths: unconfined ? [] : undefined,
      ReadonlyPaths: unconfined ? [] : undefined,
    }),
    ...toCapabilities(service),
    ...toResources(service),
  };
}

/** Only `true` is sent: the rest is the engine's default. */
const yes = (value: boolean | undefined): true | undefined => (value === true ? true : undefined);
const record = (map: ReadonlyMap<string, string> | undefined): CreateBody | undefined =>
  map === undefined || map.size === 0 ? undefined : Object.fromEntries(map);

/** Whole seconds, as the engine takes them. */
const toSeconds = (nanoseconds: number): number => Math.trunc(nanoseconds / 1_000_000_000);

/** `KEY=value`; a key without a value is sent bare, which removes the image's own. */
function toEnvironment(environment: ReadonlyMap<string, string | null> | undefined): readonly string[] {
  return [...(environment ?? [])].map(([key, value]) => (value === null ? key : `${key}=${value}`));
}

/** In a network of the file links are the endpoint's; in the engine's own bridge they are the container's. */
const linksOfMode = (input: ContainerSpecInput, { network_mode: mode = '' }: Service): readonly string[] =>
  mode === '' || mode === 'host' || mode === 'none' || mode.startsWith('container:') ? [] : toLinks(input);

/** Each linked container under three names, as docker-compose 1 did and 2 still does; external links as written. */
function toLinks(input: ContainerSpecInput): readonly string[] {
  const { project, service, number } = input;
  const own = (service.links ?? []).flatMap((link) => {
    const [name = '', alias = name] = link.split(':');
    return input
      .containersOf(name)
      .flatMap((container) => [
        `${container}:${alias}`,
        `${container}:${name}-${number}`,
        `${container}:${project.name}-${name}-${number}`,
      ]);
  });
  const external = (service.external_links ?? []).map((link) => {
    const [name = '', alias = name] = link.split(':');
    return `${name}:${alias}`;
  });
  return [...own, ...external];
}

export function toHookSpec(hook: Hook): HookSpec {
  return {
    command: hook.command,
    ...(hook.user === undefined ? {} : { user: hook.user }),
    privileged: hook.privileged === true,
    ...(hook.working_dir === undefined ? {} : { workingDir: hook.working_dir }),
    environment: toEnvironment(hook.environment),
  };
}
