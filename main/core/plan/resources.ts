import type { BlkioConfig, DeviceRequest, Healthcheck, Service } from '../compose/project.ts';

type Body = Readonly<Record<string, unknown>>;

/** Only members with something to say: the engine's own default stands for the rest. */
export function given(members: Body): Body {
  const said: Record<string, unknown> = {};
  const keys = Object.keys(members);
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as string;
    const value = members[key];
    if (value === undefined || value === '' || value === 0 || (Array.isArray(value) && value.length === 0)) continue;
    said[key] = value;
  }
  return said;
}

/** Only members that are there, whatever they say. */
export function defined(members: Body): Body {
  const said: Record<string, unknown> = {};
  const keys = Object.keys(members);
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as string;
    if (members[key] !== undefined) said[key] = members[key];
  }
  return said;
}

/** compose multiplies in float32, so `0.3` becomes exactly 300000000. */
const toNanoCpus = (cpus: number): number => Math.trunc(Math.fround(Math.fround(cpus) * 1e9));

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate (RestartPolicy) */
export function toRestartPolicy(service: Service): Body | undefined {
  const policy = service.deploy?.restart_policy;
  if (policy !== undefined) {
    return { Name: restartName(policy.condition ?? ''), MaximumRetryCount: policy.max_attempts ?? 0 };
  }
  if (service.restart === undefined || service.restart === '') return undefined;
  const [name = '', attempts = '0'] = service.restart.split(':');
  return { Name: restartName(name), MaximumRetryCount: Number(attempts) || 0 };
}

function restartName(condition: string): string {
  switch (condition) {
    case 'none':
    case 'no':
      return 'no';
    case 'any':
      return 'always';
    default:
      return condition;
  }
}

/** Memory, CPU, devices, ulimits: `deploy.resources` wins over the service's own keys, as in compose. */
export function toResources(service: Service): Body {
  const limits = service.deploy?.resources?.limits;
  const reservations = service.deploy?.resources?.reservations;
  const cpus = limits?.cpus === undefined ? service.cpus : Number(limits.cpus);
  const cdi = (service.devices ?? []).filter((device) => isCdiName(device.source) && device.source === device.target);
  const requests = [
    ...(cdi.length > 0 ? [{ Driver: 'cdi', DeviceIDs: cdi.map((device) => device.source) }] : []),
    ...(service.gpus ?? []).map((gpu) => toDeviceRequest(gpu, [...(gpu.capabilities ?? []), 'gpu'])),
    ...(reservations?.devices ?? []).map((device) => toDeviceRequest(device, device.capabilities ?? [])),
  ];
  return {
    ...given({
      CgroupParent: service.cgroup_parent,
      Memory: limits?.memory ?? service.mem_limit,
      MemorySwap: service.memswap_limit,
      MemorySwappiness: service.mem_swappiness,
      MemoryReservation: reservations?.memory ?? service.mem_reservation,
      CpuCount: service.cpu_count,
      CpuPercent: service.cpu_percent === undefined ? undefined : Math.trunc(service.cpu_percent * 100),
      CpuPeriod: service.cpu_period,
      CpuQuota: service.cpu_quota,
      CpuRealtimePeriod: service.cpu_rt_period,
      CpuRealtimeRuntime: service.cpu_rt_runtime,
      CpuShares: service.cpu_shares,
      NanoCpus: cpus === undefined ? undefined : toNanoCpus(cpus),
      CpusetCpus: service.cpuset,
      PidsLimit: limits?.pids ?? service.pids_limit,
      DeviceCgroupRules: service.device_cgroup_rules,
      Devices: (service.devices ?? [])
        .filter((device) => !cdi.includes(device))
        .map((device) => ({
          PathOnHost: device.source,
          PathInContainer: device.target,
          CgroupPermissions: device.permissions,
        })),
      DeviceRequests: requests,
      Ulimits: [...(service.ulimits ?? [])].map(([name, limit]) => ({
        Name: name,
        Soft: limit.soft,
        Hard: limit.hard,
      })),
      ...toBlkio(service.blkio_config),
    }),
    ...(service.oom_kill_disable === true ? { OomKillDisable: true } : {}),
  };
}

/** `vendor.com/class=name`, the Container Device Interface's qualified names. */
const isCdiName = (source: string): boolean => /^[A-Za-z][\w.-]*\/[A-Za-z][\w.-]*=[\w.:-]+$/.test(source);

function toDeviceRequest(request: DeviceRequest, capabilities: readonly string[]): Body {
  return {
    ...given({ Driver: request.driver, Count: request.count, DeviceIDs: request.device_ids }),
    Capabilities: [capabilities],
    ...(request.options === undefined ? {} : { Options: Object.fromEntries(request.options) }),
  };
}

function toBlkio(config: BlkioConfig | undefined): Body {
  if (config === undefined) return {};
  const rates = (list: BlkioConfig['device_read_bps']) =>
    (list ?? []).map((device) => ({ Path: device.path, Rate: device.rate }));
  return {
    BlkioWeight: config.weight,
    BlkioWeightDevice: (config.weight_device ?? []).map((device) => ({ Path: device.path, Weight: device.weight })),
    BlkioDeviceReadBps: rates(config.device_read_bps),
    BlkioDeviceReadIOps: rates(config.device_read_iops),
    BlkioDeviceWriteBps: rates(config.device_write_bps),
    BlkioDeviceWriteIOps: rates(config.device_write_iops),
  };
}

/** `CAP_` in front, each once, sorted; what is both added and dropped stays in both, and the engine adds it (seen live). */
export function toCapabilities(service: Service): Body {
  const normal = (names: readonly string[] | undefined): readonly string[] => {
    const all = (names ?? []).map((name) => name.trim().toUpperCase().replace(/^CAP_/, ''));
    return [...new Set(all.map((name) => (name === 'ALL' ? name : `CAP_${name}`)))].sort();
  };
  return given({ CapAdd: normal(service.cap_add), CapDrop: normal(service.cap_drop) });
}

/** API 1.44 (engine 25) brought start_interval; older engines refuse nothing and ignore it, so it is not sent. */
export function toHealthcheck(check: Healthcheck | undefined, apiVersion: string): Body | undefined {
  if (check === undefined) return undefined;
  if (check.disable === true) return { Test: ['NONE'] };
  return given({
    Test: check.test,
    Interval: check.interval,
    Timeout: check.timeout,
    Retries: check.retries,
    StartPeriod: check.start_period,
    StartInterval: atLeastApi(apiVersion, 44) ? check.start_interval : undefined,
  });
}

/** Whether the negotiated API is 1.`minor` or newer. */
export function atLeastApi(apiVersion: string, minor: number): boolean {
  const [major = 0, actual = 0] = apiVersion.split('.').map(Number);
  return major > 1 || (major === 1 && actual >= minor);
}
