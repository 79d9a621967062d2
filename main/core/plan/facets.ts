import { mountFacets } from './facet-mounts.ts';
import { bytes, duration, sorted, stable, toText } from './facet-text.ts';
import type { Raw } from './inherit.ts';
import { opaqueLabel } from './labels.ts';

/*
 * A container's configuration as a flat map from key, in compose's words (`environment.LOG_LEVEL`, `ports.80/tcp`), to a
 * text for people. What the planner would send and what the engine shows have the same shape, so one reading serves
 * both, and two maps can be compared. Members that say nothing are left out.
 */
export type Facets = ReadonlyMap<string, string>;

export interface FacetsInput {
  /** Config: of the create body with the image's share in it, or of inspect. */
  readonly config: Raw;
  readonly hostConfig: Raw;
  /** Name of the network on the engine → the container's endpoint there. */
  readonly networks: Readonly<Record<string, Raw>>;
  /** What the file calls a network; undefined: not one of the file. */
  readonly networkKey: (name: string) => string | undefined;
  /** Containers are referred to by name or id, in either way; this makes it one. */
  readonly containerName: (reference: string) => string;
  /** Names that every container answers to anyway: its own, its service's, its short id. */
  readonly ownNames: ReadonlySet<string>;
}

export function toFacets(input: FacetsInput): Facets {
  const facets = new Map<string, string>();
  const put: Put = (key, value) => {
    const text = toText(value);
    if (text !== undefined) facets.set(key, text);
  };
  configFacets(input, put);
  hostFacets(input, put);
  resourceFacets(input.hostConfig, put);
  for (const [target, text] of mountFacets(input.hostConfig)) put(`volumes.${target}`, text);
  networkFacets(input, put);
  return facets;
}

type Put = (key: string, value: unknown) => void;

const record = (value: unknown): Raw => (typeof value === 'object' && value !== null ? (value as Raw) : {});
const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
const records = (value: unknown): readonly Raw[] => (Array.isArray(value) ? value.map(record) : []);

function configFacets({ config, hostConfig }: FacetsInput, put: Put): void {
  put('image', config.Image);
  put('command', config.Cmd);
  const entrypoint = strings(config.Entrypoint);
  put('entrypoint', entrypoint.every((word) => word === '') ? undefined : entrypoint);
  for (const variable of strings(config.Env)) {
    const at = variable.indexOf('=');
    // A variable without a value is one, too; an empty value says something.
    put(
      `environment.${at < 0 ? variable : variable.slice(0, at)}`,
      at < 0 ? '(unset)' : variable.slice(at + 1) || '(empty)',
    );
  }
  for (const [key, value] of Object.entries(record(config.Labels))) {
    if (!key.startsWith('com.docker.compose.') && !key.startsWith('desktop.docker.io/') && key !== opaqueLabel)
      put(`labels.${key}`, value === '' ? '(empty)' : value);
  }
  put('hostname', config.Hostname);
  put('domainname', config.Domainname);
  put('user', config.User);
  put('working_dir', config.WorkingDir);
  put('tty', config.Tty);
  put('stdin_open', config.OpenStdin);
  put('stop_signal', config.StopSignal);
  put(
    'stop_grace_period',
    config.StopTimeout === undefined || config.StopTimeout === null ? undefined : `${config.StopTimeout}s`,
  );
  put('mac_address', config.MacAddress);
  const check = record(config.Healthcheck);
  put('healthcheck.test', check.Test);
  put('healthcheck.interval', duration(check.Interval));
  put('healthcheck.timeout', duration(check.Timeout));
  put('healthcheck.retries', check.Retries);
  put('healthcheck.start_period', duration(check.StartPeriod));
  put('healthcheck.start_interval', duration(check.StartInterval));
  portFacets(config, hostConfig, put);
}

/** `3000`, `3000/tcp` and `3000-3002/udp` are how ports are exposed. */
function toPorts(exposed: string): readonly string[] {
  const [range = '', protocol = 'tcp'] = exposed.split('/');
  const [first = 0, last = first] = range.split('-').map(Number);
  return Array.from(
    { length: Math.min(65_536, Math.max(0, last - first) + 1) },
    (_, at) => `${first + at}/${protocol}`,
  );
}

function portFacets(config: Raw, hostConfig: Raw, put: Put): void {
  const published = record(hostConfig.PortBindings);
  const any = new Set(['', '0.0.0.0', '::']);
  for (const [port, bindings] of Object.entries(published)) {
    const texts = records(bindings).map(({ HostIp, HostPort }) => {
      const ip = any.has(String(HostIp ?? '')) ? '' : `${HostIp}:`;
      const host = HostPort === undefined || HostPort === '' || HostPort === '0' ? 'any' : String(HostPort);
      return `${ip}${host}`;
    });
    put(`ports.${port}`, sorted(texts));
  }
  const exposed = Object.keys(record(config.ExposedPorts)).flatMap(toPorts);
  put('expose', sorted(exposed.filter((port) => !(port in published))));
}

/** As the file writes it. */
const capabilities = (value: unknown): string | undefined =>
  sorted(strings(value).map((name) => name.toUpperCase().replace(/^CAP_/, '')));

function hostFacets({ hostConfig, containerName, networkKey }: FacetsInput, put: Put): void {
  const restart = record(hostConfig.RestartPolicy);
  const tries = Number(restart.MaximumRetryCount ?? 0);
  put(
    'restart',
    restart.Name === '' || restart.Name === 'no' ? undefined : `${restart.Name ?? ''}${tries > 0 ? `:${tries}` : ''}`,
  );
  const shared = (mode: unknown): unknown =>
    typeof mode === 'string' && mode.startsWith('container:') ? `container:${containerName(mode.slice(10))}` : mode;
  const mode = String(hostConfig.NetworkMode ?? '');
  put('network_mode', networkKey(mode) === undefined ? shared(mode) : undefined);
  put('ipc', shared(hostConfig.IpcMode));
  put('pid', shared(hostConfig.PidMode));
  put('uts', hostConfig.UTSMode);
  put('cgroup', hostConfig.CgroupnsMode);
  put('userns_mode', hostConfig.UsernsMode);
  put('isolation', hostConfig.Isolation);
  put('runtime', hostConfig.Runtime);
  put('privileged', hostConfig.Privileged);
  put('read_only', hostConfig.ReadonlyRootfs);
  put('init', hostConfig.Init);
  put('cap_add', capabilities(hostConfig.CapAdd));
  put('cap_drop', capabilities(hostConfig.CapDrop));
  // The engine adds it to what shares the host's processes or is privileged.
  put('security_opt', sorted(strings(hostConfig.SecurityOpt).filter((option) => option !== 'label=disable')));
  put('group_add', sorted(strings(hostConfig.GroupAdd)));
  put('dns', hostConfig.Dns);
  put('dns_search', hostConfig.DnsSearch);
  put('dns_opt', hostConfig.DnsOptions);
  put('extra_hosts', sorted(strings(hostConfig.ExtraHosts)));
  put(
    'volumes_from',
    sorted(
      strings(hostConfig.VolumesFrom).map((from) => {
        const [name = '', ...access] = from.split(':');
        return [containerName(name), ...access.filter((word) => word !== 'rw')].join(':');
      }),
    ),
  );
  for (const [key, value] of Object.entries(record(hostConfig.Sysctls))) put(`sysctls.${key}`, value);
  for (const [key, value] of Object.entries(record(hostConfig.StorageOpt))) put(`storage_opt.${key}`, value);
  for (const [key, value] of Object.entries(record(hostConfig.Annotations))) put(`annotations.${key}`, value);
  for (const [key, value] of Object.entries(record(hostConfig.Tmpfs)))
    put(`tmpfs.${key}`, value === '' ? 'mounted' : value);
  const logging = record(hostConfig.LogConfig);
  put('logging.driver', logging.Type);
  for (const [key, value] of Object.entries(record(logging.Config))) put(`logging.${key}`, value);
}

function resourceFacets(host: Raw, put: Put): void {
  const memory = Number(host.Memory ?? 0);
  put('mem_limit', bytes(memory));
  // The engine's own choice beside a limit: as much swap as memory.
  put('memswap_limit', memory > 0 && host.MemorySwap === memory * 2 ? undefined : bytes(host.MemorySwap));
  put('mem_reservation', bytes(host.MemoryReservation));
  put('mem_swappiness', Number(host.MemorySwappiness ?? -1) < 0 ? undefined : String(host.MemorySwappiness));
  put('shm_size', bytes(host.ShmSize));
  put('cpus', Number(host.NanoCpus ?? 0) === 0 ? undefined : Number(host.NanoCpus) / 1e9);
  put('cpu_shares', host.CpuShares);
  put('cpu_period', host.CpuPeriod);
  put('cpu_quota', host.CpuQuota);
  put('cpu_rt_period', host.CpuRealtimePeriod);
  put('cpu_rt_runtime', host.CpuRealtimeRuntime);
  put('cpu_count', host.CpuCount);
  put('cpu_percent', host.CpuPercent);
  put('cpuset', host.CpusetCpus);
  put('cgroup_parent', host.CgroupParent);
  put('pids_limit', Number(host.PidsLimit ?? 0) <= 0 ? undefined : host.PidsLimit);
  put('oom_score_adj', host.OomScoreAdj);
  put('oom_kill_disable', host.OomKillDisable);
  for (const { Name, Soft, Hard } of records(host.Ulimits))
    put(`ulimits.${Name}`, Soft === Hard ? `${Soft}` : `${Soft}:${Hard}`);
  put('device_cgroup_rules', sorted(strings(host.DeviceCgroupRules)));
  const device = ({ PathOnHost, PathInContainer, CgroupPermissions }: Raw): string =>
    `${PathOnHost}:${PathInContainer}:${CgroupPermissions}`;
  put('devices', sorted(records(host.Devices).map(device)));
  put('gpus', sorted(records(host.DeviceRequests).map(stable)));
  for (const [key, value] of Object.entries(host))
    if (key.startsWith('Blkio')) put(`blkio_config.${blkioKey(key)}`, value);
}

/** `BlkioDeviceReadBps` → `device_read_bps` */
const blkioKey = (member: string): string =>
  member
    .replace(/^Blkio/, '')
    .replace('IOps', 'Iops')
    .replace(/(?!^)[A-Z]/g, (letter) => `_${letter}`)
    .toLowerCase();

function networkFacets({ config, networks, networkKey, ownNames }: FacetsInput, put: Put): void {
  for (const [name, endpoint] of Object.entries(networks)) {
    const key = networkKey(name);
    if (key === undefined) {
      put(`networks.${name}`, 'connected');
      continue;
    }
    const ipam = record(endpoint.IPAMConfig);
    // The engine adds the host name to the aliases that were asked for.
    const isOwn = (alias: string): boolean => ownNames.has(alias) || alias === config.Hostname;
    const aliases = sorted(strings(endpoint.Aliases).filter((alias) => !isOwn(alias)));
    const said = [
      'connected',
      aliases === undefined ? '' : `as ${aliases}`,
      ipam.IPv4Address ? `at ${ipam.IPv4Address}` : '',
      ipam.IPv6Address ? `at ${ipam.IPv6Address}` : '',
      strings(ipam.LinkLocalIPs).length > 0 ? `at ${sorted(strings(ipam.LinkLocalIPs))}` : '',
      Object.keys(record(endpoint.DriverOpts)).length > 0 ? stable(endpoint.DriverOpts) : '',
    ];
    put(`networks.${key}`, said.filter((part) => part !== '').join(' '));
  }
}
