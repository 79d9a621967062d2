import type {
  BlkioConfig,
  Deploy,
  DeviceRequest,
  FileReference,
  Healthcheck,
  Hook,
  Mount,
  Port,
  Resources,
  ServiceNetwork,
  Ulimit,
  UpdateConfig,
} from '../compose/project.ts';
import {
  durationPointer,
  type GoJson,
  goList,
  goMap,
  goString,
  goStringMap,
  goStrings,
  goStruct,
  optionalBytes,
  optionalDuration,
  optionalFloat32,
  optionalInteger,
  optionalString,
  optionalTrue,
  pointer,
} from './go-json.ts';

/* Parts of a service in the bytes that the configuration hash is taken over: compose-go's structs, members in their order. */

export const environment = (map: ReadonlyMap<string, string | null> | undefined): GoJson =>
  goMap(map, (value) => (value === null ? 'null' : goString(value)));

/** ShellCommand has no `omitempty`: absent is null, and an empty list is `[]`. */
export const shellCommand = (command: readonly string[] | null | undefined): string =>
  command === null || command === undefined ? 'null' : `[${command.map(goString).join(',')}]`;

const octalMode = (mode: number | undefined): GoJson => (mode === undefined ? undefined : `"0${mode.toString(8)}"`);

export const ulimit = (limit: Ulimit): string =>
  limit.single === true
    ? String(limit.soft)
    : goStruct([
        ['soft', optionalInteger(limit.soft)],
        ['hard', optionalInteger(limit.hard)],
      ]);

/** Members in struct order. WeightDevice and ThrottleDevice carry no JSON tags in compose-go: Go's own names, Extensions hidden. */
export function blkio(config: BlkioConfig | undefined): GoJson {
  if (config === undefined) return undefined;
  const rates = (list: BlkioConfig['device_read_bps']): GoJson =>
    goList(list, (item) => `{"Path":${goString(item.path)},"Rate":"${item.rate}"}`);
  return goStruct([
    ['weight', optionalInteger(config.weight)],
    [
      'weight_device',
      goList(config.weight_device, (item) => `{"Path":${goString(item.path)},"Weight":${item.weight}}`),
    ],
    ['device_read_bps', rates(config.device_read_bps)],
    ['device_read_iops', rates(config.device_read_iops)],
    ['device_write_bps', rates(config.device_write_bps)],
    ['device_write_iops', rates(config.device_write_iops)],
  ]);
}

export const fileReference = (reference: FileReference): string =>
  goStruct([
    ['source', optionalString(reference.source)],
    ['target', optionalString(reference.target)],
    ['uid', optionalString(reference.uid)],
    ['gid', optionalString(reference.gid)],
    ['mode', octalMode(reference.mode)],
  ]);

export const deviceRequest = (request: DeviceRequest): string =>
  goStruct([
    ['capabilities', goStrings(request.capabilities)],
    ['driver', optionalString(request.driver)],
    ['count', optionalInteger(request.count)],
    ['device_ids', goStrings(request.device_ids)],
    ['options', goStringMap(request.options)],
  ]);

function resources(limits: Resources | undefined): GoJson {
  if (limits === undefined) return undefined;
  return goStruct([
    ['cpus', limits.cpus === undefined ? undefined : optionalFloat32(Number(limits.cpus))],
    ['memory', optionalBytes(limits.memory)],
    ['pids', optionalInteger(limits.pids)],
    ['devices', goList(limits.devices, deviceRequest)],
    ['generic_resources', goList(limits.generic_resources, genericResource)],
  ]);
}

function genericResource(resource: unknown): string {
  const spec = (resource as { discrete_resource_spec?: { kind?: unknown; value?: unknown } }).discrete_resource_spec;
  if (spec === undefined) return '{}';
  const text = goStruct([
    ['kind', goString(String(spec.kind ?? ''))],
    ['value', String(Number(spec.value ?? 0))],
  ]);
  return goStruct([['discrete_resource_spec', text]]);
}

function updateConfig(config: UpdateConfig | undefined): GoJson {
  if (config === undefined) return undefined;
  return goStruct([
    ['parallelism', pointer(config.parallelism)],
    ['delay', optionalDuration(config.delay)],
    ['failure_action', optionalString(config.failure_action)],
    ['monitor', optionalDuration(config.monitor)],
    ['max_failure_ratio', optionalFloat32(config.max_failure_ratio)],
    ['order', optionalString(config.order)],
  ]);
}

/** `resources` and `placement` are structs, not pointers: Go writes them even when empty, so `deploy: {}` counts. */
export function deploy(config: Deploy | undefined): GoJson {
  if (config === undefined) return undefined;
  const { restart_policy: restart, placement } = config;
  return goStruct([
    ['mode', optionalString(config.mode)],
    ['labels', goStringMap(config.labels)],
    ['update_config', updateConfig(config.update_config)],
    ['rollback_config', updateConfig(config.rollback_config)],
    [
      'resources',
      goStruct([
        ['limits', resources(config.resources?.limits)],
        ['reservations', resources(config.resources?.reservations)],
      ]),
    ],
    [
      'restart_policy',
      restart === undefined
        ? undefined
        : goStruct([
            ['condition', optionalString(restart.condition)],
            ['delay', durationPointer(restart.delay)],
            ['max_attempts', pointer(restart.max_attempts)],
            ['window', durationPointer(restart.window)],
          ]),
    ],
    [
      'placement',
      goStruct([
        ['constraints', goStrings(placement?.constraints)],
        ['preferences', goList(placement?.preferences, (item) => goStruct([['spread', optionalString(item.spread)]]))],
        ['max_replicas_per_node', optionalInteger(placement?.max_replicas_per_node)],
      ]),
    ],
    ['endpoint_mode', optionalString(config.endpoint_mode)],
  ]);
}

export function healthcheck(check: Healthcheck | undefined): GoJson {
  if (check === undefined) return undefined;
  return goStruct([
    ['test', goStrings(check.test)],
    ['timeout', durationPointer(check.timeout)],
    ['interval', durationPointer(check.interval)],
    ['retries', pointer(check.retries)],
    ['start_period', durationPointer(check.start_period)],
    ['start_interval', durationPointer(check.start_interval)],
    ['disable', optionalTrue(check.disable)],
  ]);
}

export const hook = (spec: Hook, noCommand = false): string =>
  goStruct([
    ['command', shellCommand(noCommand ? null : spec.command)],
    ['user', optionalString(spec.user)],
    ['privileged', optionalTrue(spec.privileged)],
    ['working_dir', optionalString(spec.working_dir)],
    ['environment', environment(spec.environment)],
  ]);

export const serviceNetwork = (network: ServiceNetwork | null): string =>
  network === null
    ? 'null'
    : goStruct([
        ['aliases', goStrings(network.aliases)],
        ['driver_opts', goStringMap(network.driver_opts)],
        ['gw_priority', optionalInteger(network.gw_priority)],
        ['interface_name', optionalString(network.interface_name)],
        ['ipv4_address', optionalString(network.ipv4_address)],
        ['ipv6_address', optionalString(network.ipv6_address)],
        ['link_local_ips', goStrings(network.link_local_ips)],
        ['mac_address', optionalString(network.mac_address)],
        ['priority', optionalInteger(network.priority)],
      ]);

export const port = (mapping: Port): string =>
  goStruct([
    ['name', optionalString(mapping.name)],
    ['mode', optionalString(mapping.mode)],
    ['host_ip', optionalString(mapping.host_ip)],
    ['target', optionalInteger(mapping.target)],
    ['published', optionalString(mapping.published)],
    ['protocol', optionalString(mapping.protocol)],
    ['app_protocol', optionalString(mapping.app_protocol)],
  ]);

export const mount = (volume: Mount): string =>
  goStruct([
    ['type', optionalString(volume.type)],
    ['source', optionalString(volume.source)],
    ['target', optionalString(volume.target)],
    ['read_only', optionalTrue(volume.read_only)],
    ['consistency', optionalString(volume.consistency)],
    [
      'bind',
      volume.bind === undefined
        ? undefined
        : goStruct([
            ['selinux', optionalString(volume.bind.selinux)],
            ['propagation', optionalString(volume.bind.propagation)],
            ['create_host_path', optionalTrue(volume.bind.create_host_path)],
            ['recursive', optionalString(volume.bind.recursive)],
          ]),
    ],
    [
      'volume',
      volume.volume === undefined
        ? undefined
        : goStruct([
            ['labels', goStringMap(volume.volume.labels)],
            ['nocopy', optionalTrue(volume.volume.nocopy)],
            ['subpath', optionalString(volume.volume.subpath)],
          ]),
    ],
    [
      'tmpfs',
      volume.tmpfs === undefined
        ? undefined
        : goStruct([
            ['size', optionalBytes(volume.tmpfs.size)],
            ['mode', optionalInteger(volume.tmpfs.mode)],
          ]),
    ],
    ['image', volume.image === undefined ? undefined : goStruct([['subpath', optionalString(volume.image.subpath)]])],
  ]);

/** compose-go writes the hosts as a sorted list of `host=address`. */
export function extraHosts(hosts: ReadonlyMap<string, readonly string[]> | undefined): GoJson {
  if (hosts === undefined || hosts.size === 0) return undefined;
  const lines = [...hosts].flatMap(([host, addresses]) => addresses.map((address) => `${host}=${address}`));
  return `[${lines.sort().map(goString).join(',')}]`;
}

/**
 * compose-go's DevelopConfig: it counts in the hash, although it changes nothing about the container. `exec` is a struct,
 * so it is written even when absent. The loader leaves the section as plain data.
 */
export function develop(section: unknown): GoJson {
  if (section === undefined || section === null) return undefined;
  const { watch } = section as { readonly watch?: readonly Trigger[] };
  return goStruct([
    [
      'watch',
      goList(watch, (trigger) =>
        goStruct([
          ['path', goString(trigger.path ?? '')],
          ['action', goString(trigger.action ?? '')],
          ['target', optionalString(trigger.target)],
          ['exec', hook({ command: [], ...trigger.exec }, trigger.exec === undefined)],
          ['include', goStrings(trigger.include)],
          ['ignore', goStrings(trigger.ignore)],
          ['initial_sync', optionalTrue(trigger.initial_sync)],
        ]),
      ),
    ],
  ]);
}
interface Trigger {
  readonly path?: string;
  readonly action?: string;
  readonly target?: string;
  readonly exec?: Hook;
  readonly include?: readonly string[];
  readonly ignore?: readonly string[];
  readonly initial_sync?: boolean;
}

/** provider and models: plain data, members sorted, which is compose-go's order for both. */
export function jsonOrNothing(value: unknown): GoJson {
  if (value === undefined || value === null) return undefined;
  if (value instanceof Map) return goMap(value as ReadonlyMap<string, unknown>, plainJson);
  return plainJson(value);
}
function plainJson(value: unknown): string {
  if (value instanceof Map) return goMap(value as ReadonlyMap<string, unknown>, plainJson) ?? '{}';
  if (Array.isArray(value)) return `[${value.map(plainJson).join(',')}]`;
  if (typeof value === 'string') return goString(value);
  if (typeof value === 'object' && value !== null) {
    return goMap(new Map<string, unknown>(Object.entries(value)), plainJson) ?? '{}';
  }
  return JSON.stringify(value ?? null);
}
