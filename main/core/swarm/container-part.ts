import type { Mount, Project, Service } from '../compose/project.ts';
import type { Raw } from '../plan/inherit.ts';
import { atLeastApi, given, toHealthcheck } from '../plan/resources.ts';
import { stackLabel, toFamiliarImage } from './names.ts';

/* The container of a service's tasks, without its secrets and configs. */

const record = (map: ReadonlyMap<string, string> | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(map ?? []);
const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/**
 * Members that the engine is too old for are left out: it would forget them, and the next deploy would see a change that is none.
 */
export function toContainerPart(project: Project, service: Service, apiVersion: string): Raw {
  const { dns = [], dns_search: search = [], dns_opt: options = [] } = service;
  return {
    Image: toFamiliarImage(service.image ?? ''),
    Labels: { ...record(service.labels), [stackLabel]: project.name },
    ...given({
      Command: service.entrypoint ?? undefined,
      Args: service.command ?? undefined,
      Hostname: service.hostname,
      // Sorted, as docker's client sends them since 24: another order would restart every task.
      Env: [...(service.environment ?? [])]
        .map(([key, value]) => (value === null ? key : `${key}=${value}`))
        .sort(byText),
      Dir: service.working_dir,
      User: service.user,
      Groups: service.group_add,
      StopSignal: service.stop_signal,
      TTY: service.tty === true || undefined,
      OpenStdin: service.stdin_open === true || undefined,
      ReadOnly: service.read_only === true || undefined,
      Isolation: service.isolation,
      OomScoreAdj: atLeastApi(apiVersion, 46) ? service.oom_score_adj : undefined,
      Mounts: (service.volumes ?? []).map((mount) => toMount(project, mount, apiVersion)),
      Hosts: [...(service.extra_hosts ?? [])].flatMap(([host, addresses]) =>
        addresses.map((address) => `${address} ${host}`),
      ),
      Ulimits: [...(service.ulimits ?? [])]
        .map(([name, { soft, hard }]) => ({ Name: name, Soft: soft, Hard: hard }))
        .sort((a, b) => byText(a.Name, b.Name)),
      ...toCapabilities(service),
    }),
    ...(service.stop_grace_period === undefined ? {} : { StopGracePeriod: service.stop_grace_period }),
    ...(service.init === undefined ? {} : { Init: service.init }),
    ...given({ Healthcheck: toHealthcheck(service.healthcheck, apiVersion) }),
    ...(dns.length + search.length + options.length === 0
      ? {}
      : { DNSConfig: given({ Nameservers: dns, Search: search, Options: options }) }),
    ...(service.sysctls === undefined || service.sysctls.size === 0 ? {} : { Sysctls: record(service.sysctls) }),
    Privileges: { CredentialSpec: toCredentialSpec(service), SELinuxContext: null },
  };
}

/** Windows only. A spec kept in a Swarm config is refused by findings.ts. */
function toCredentialSpec({ credential_spec: spec = {} }: Service): Raw | null {
  const said = given({ File: spec.file, Registry: spec.registry });
  return Object.keys(said).length === 0 ? null : said;
}

/** As docker's client does it: what is added wins over what is dropped, ALL stands for every other. */
function toCapabilities(service: Service): Raw {
  const normal = (names: readonly string[] | undefined): readonly string[] => {
    const all = (names ?? []).map((name) => name.trim().toUpperCase().replace(/^CAP_/, ''));
    return all.includes('ALL') ? ['ALL'] : [...new Set(all.map((name) => `CAP_${name}`))].sort(byText);
  };
  const add = normal(service.cap_add);
  return { CapabilityAdd: add, CapabilityDrop: normal(service.cap_drop).filter((name) => !add.includes(name)) };
}

function toMount(project: Project, mount: Mount, apiVersion: string): Raw {
  return {
    Type: mount.type,
    ...given({
      Source: mount.type === 'volume' || mount.type === 'cluster' ? volumeName(project, mount) : mount.source,
      // docker's client passes it on as it is: another text for the same place would restart every task.
      Target: mount.writtenTarget ?? mount.target,
      ReadOnly: mount.read_only === true || undefined,
    }),
    ...toMountOptions(project, mount, apiVersion),
  };
}

const volumeName = (project: Project, { source }: Mount): string | undefined =>
  source === undefined ? undefined : (project.volumes.get(source)?.name ?? source);

function toMountOptions(project: Project, mount: Mount, apiVersion: string): Raw {
  if (mount.type === 'tmpfs') {
    return mount.tmpfs === undefined
      ? {}
      : { TmpfsOptions: given({ SizeBytes: mount.tmpfs.size, Mode: mount.tmpfs.mode }) };
  }
  if (mount.type === 'bind') {
    // The short syntax alone brings create_host_path, which Swarm does not know.
    const { propagation, recursive } = mount.bind ?? {};
    if (propagation === undefined && recursive === undefined) return {};
    return { BindOptions: given({ Propagation: propagation, NonRecursive: recursive === 'disabled' || undefined }) };
  }
  if (mount.type === 'cluster') return { ClusterOptions: {} };
  if (mount.type !== 'volume' || mount.source === undefined) return {};
  const volume = project.volumes.get(mount.source);
  const said = given({
    NoCopy: mount.volume?.nocopy === true || undefined,
    Subpath: atLeastApi(apiVersion, 45) ? mount.volume?.subpath : undefined,
  });
  if (volume?.external === true) return { VolumeOptions: said };
  const driver =
    volume?.driver === undefined && volume?.driver_opts === undefined
      ? {}
      : { DriverConfig: given({ Name: volume.driver, Options: volume.driver_opts && record(volume.driver_opts) }) };
  return { VolumeOptions: { ...said, Labels: { ...record(volume?.labels), [stackLabel]: project.name }, ...driver } };
}
