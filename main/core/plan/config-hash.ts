import type { Network, Service, Volume } from '../compose/project.ts';
import {
  durationPointer,
  goList,
  goMap,
  goString,
  goStringMap,
  goStrings,
  goStruct,
  optionalBytes,
  optionalFloat32,
  optionalInteger,
  optionalString,
  optionalTrue,
  pointer,
} from './go-json.ts';
import {
  blkio,
  deploy,
  develop,
  deviceRequest,
  environment,
  extraHosts,
  fileReference,
  healthcheck,
  hook,
  jsonOrNothing,
  mount,
  port,
  serviceNetwork,
  shellCommand,
  ulimit,
} from './hashed-parts.ts';
import type { Sha256 } from './plan.ts';

/*
 * The label com.docker.compose.config-hash as docker compose 2.40.3 writes it: SHA-256 over the Go JSON of compose-go's
 * ServiceConfig without build, pull_policy, scale, deploy.replicas, depends_on and profiles. The oracle is the label on
 * containers that 2.40.3 started (test/docker/…, test/core/plan/config-hash.test.ts), not `compose config --hash`.
 * env_file and label_file are merged into environment and labels before the hash is taken. env_file itself is gone by
 * then; the absolute paths of label_file are still there (seen: the label differs from that of the same labels written out).
 */

/**
 * The text that is hashed, for tests and for explaining a difference. `service` has its `service:x` references already
 * replaced by container ids (see references.ts).
 */
export function toHashedText(service: Service): string {
  return goStruct([
    ['annotations', goStringMap(service.annotations)],
    ['attach', pointer(service.attach)],
    ['develop', develop(service.develop)],
    ['blkio_config', blkio(service.blkio_config)],
    ['cap_add', goStrings(service.cap_add)],
    ['cap_drop', goStrings(service.cap_drop)],
    ['cgroup_parent', optionalString(service.cgroup_parent)],
    ['cgroup', optionalString(service.cgroup)],
    ['cpu_count', optionalInteger(service.cpu_count)],
    ['cpu_percent', optionalFloat32(service.cpu_percent)],
    ['cpu_period', optionalInteger(service.cpu_period)],
    ['cpu_quota', optionalInteger(service.cpu_quota)],
    ['cpu_rt_period', optionalInteger(service.cpu_rt_period)],
    ['cpu_rt_runtime', optionalInteger(service.cpu_rt_runtime)],
    ['cpus', optionalFloat32(service.cpus)],
    ['cpuset', optionalString(service.cpuset)],
    ['cpu_shares', optionalInteger(service.cpu_shares)],
    ['command', shellCommand(service.command)],
    ['configs', goList(service.configs, fileReference)],
    ['container_name', optionalString(service.container_name)],
    [
      'credential_spec',
      service.credential_spec === undefined
        ? undefined
        : goStruct([
            ['config', optionalString(service.credential_spec.config)],
            ['file', optionalString(service.credential_spec.file)],
            ['registry', optionalString(service.credential_spec.registry)],
          ]),
    ],
    ['deploy', deploy(service.deploy)],
    ['device_cgroup_rules', goStrings(service.device_cgroup_rules)],
    [
      'devices',
      goList(service.devices, (device) =>
        goStruct([
          ['source', optionalString(device.source)],
          ['target', optionalString(device.target)],
          ['permissions', optionalString(device.permissions)],
        ]),
      ),
    ],
    ['dns', goStrings(service.dns)],
    ['dns_opt', goStrings(service.dns_opt)],
    ['dns_search', goStrings(service.dns_search)],
    ['domainname', optionalString(service.domainname)],
    ['entrypoint', shellCommand(service.entrypoint)],
    ['provider', jsonOrNothing(service.provider)],
    ['environment', environment(service.environment)],
    ['expose', goStrings(service.expose)],
    ['external_links', goStrings(service.external_links)],
    ['extra_hosts', extraHosts(service.extra_hosts)],
    ['group_add', goStrings(service.group_add)],
    ['gpus', goList(service.gpus, deviceRequest)],
    ['hostname', optionalString(service.hostname)],
    ['healthcheck', healthcheck(service.healthcheck)],
    ['image', optionalString(service.image)],
    ['init', pointer(service.init)],
    ['ipc', optionalString(service.ipc)],
    ['isolation', optionalString(service.isolation)],
    ['labels', goStringMap(service.labels)],
    ['label_file', goStrings(service.label_file)],
    ['links', goStrings(service.links)],
    [
      'logging',
      service.logging === undefined
        ? undefined
        : goStruct([
            ['driver', optionalString(service.logging.driver)],
            ['options', goStringMap(service.logging.options)],
          ]),
    ],
    ['mem_limit', optionalBytes(service.mem_limit)],
    ['mem_reservation', optionalBytes(service.mem_reservation)],
    ['memswap_limit', optionalBytes(service.memswap_limit)],
    ['mem_swappiness', optionalBytes(service.mem_swappiness)],
    ['mac_address', optionalString(service.mac_address)],
    ['models', jsonOrNothing(service.models)],
    ['network_mode', optionalString(service.network_mode)],
    ['networks', goMap(service.networks, serviceNetwork)],
    ['oom_kill_disable', optionalTrue(service.oom_kill_disable)],
    ['oom_score_adj', optionalInteger(service.oom_score_adj)],
    ['pid', optionalString(service.pid)],
    ['pids_limit', optionalInteger(service.pids_limit)],
    ['platform', optionalString(service.platform)],
    ['ports', goList(service.ports, port)],
    ['privileged', optionalTrue(service.privileged)],
    ['read_only', optionalTrue(service.read_only)],
    ['restart', optionalString(service.restart)],
    ['runtime', optionalString(service.runtime)],
    ['secrets', goList(service.secrets, fileReference)],
    ['security_opt', goStrings(service.security_opt)],
    ['shm_size', optionalBytes(service.shm_size)],
    ['stdin_open', optionalTrue(service.stdin_open)],
    ['stop_grace_period', durationPointer(service.stop_grace_period)],
    ['stop_signal', optionalString(service.stop_signal)],
    ['storage_opt', goStringMap(service.storage_opt)],
    ['sysctls', goStringMap(service.sysctls)],
    ['tmpfs', goStrings(service.tmpfs)],
    ['tty', optionalTrue(service.tty)],
    ['ulimits', goMap(service.ulimits, ulimit)],
    ['use_api_socket', optionalTrue(service.use_api_socket)],
    ['user', optionalString(service.user)],
    ['userns_mode', optionalString(service.userns_mode)],
    ['uts', optionalString(service.uts)],
    ['volumes', goList(service.volumes, mount)],
    ['volumes_from', goStrings(service.volumes_from)],
    ['working_dir', optionalString(service.working_dir)],
    ['post_start', goList(service.post_start, (spec) => hook(spec))],
    ['pre_stop', goList(service.pre_stop, (spec) => hook(spec))],
  ]);
}

/** Value of com.docker.compose.config-hash for a service's container. */
export function configHash(service: Service, sha256: Sha256): string {
  return sha256(toHashedText(service));
}

/** Value of com.docker.compose.config-hash for a network. `ipam` is a struct, so it is written even when empty. */
export function networkHash(network: Network, sha256: Sha256): string {
  const pools = goList(network.ipam?.config, (pool) =>
    goStruct([
      ['subnet', optionalString(pool.subnet)],
      ['gateway', optionalString(pool.gateway)],
      ['ip_range', optionalString(pool.ip_range)],
      ['aux_addresses', goStringMap(pool.aux_addresses)],
    ]),
  );
  return sha256(
    goStruct([
      ['name', optionalString(network.name)],
      ['driver', optionalString(network.driver)],
      ['driver_opts', goStringMap(network.driver_opts)],
      [
        'ipam',
        goStruct([
          ['driver', optionalString(network.ipam?.driver)],
          ['config', pools],
        ]),
      ],
      ['external', optionalTrue(network.external)],
      ['internal', optionalTrue(network.internal)],
      ['attachable', optionalTrue(network.attachable)],
      ['labels', goStringMap(network.labels)],
      ['enable_ipv4', pointer(network.enable_ipv4)],
      ['enable_ipv6', pointer(network.enable_ipv6)],
    ]),
  );
}

/** Value of com.docker.compose.config-hash for a volume; the driver defaults to local. */
export function volumeHash(volume: Volume, sha256: Sha256): string {
  return sha256(
    goStruct([
      ['name', optionalString(volume.name)],
      ['driver', goString(volume.driver === undefined || volume.driver === '' ? 'local' : volume.driver)],
      ['driver_opts', goStringMap(volume.driver_opts)],
      ['external', optionalTrue(volume.external)],
      ['labels', goStringMap(volume.labels)],
    ]),
  );
}
