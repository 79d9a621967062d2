import type { Project, Service } from '../compose/project.ts';
import type { Problem } from '../plan/problem.ts';

/*
 * Keys that a Swarm drops, and what to write instead. `docker stack deploy` warns of some, is silent about others and refuses
 * files with the newer ones (interop.md; all seen with CLI 28.5.2). Errors are what would make another program of the service.
 */

type Rule = readonly [say: 'error' | 'warning', hint: string];

const limits = 'write deploy.resources.limits';
const machine = 'it would belong to one machine; Swarm has no word for it';

const rules: Readonly<Partial<Record<keyof Service, Rule>>> = {
  annotations: ['warning', 'use labels'],
  blkio_config: ['warning', machine],
  cgroup: ['warning', machine],
  cgroup_parent: ['warning', machine],
  container_name: [
    'warning',
    'tasks get names of their own; others reach the service by its key, or by networks.NAME.aliases',
  ],
  cpu_count: ['warning', limits],
  cpu_percent: ['warning', limits],
  cpu_period: ['warning', `${limits}.cpus`],
  cpu_quota: ['warning', `${limits}.cpus`],
  cpu_rt_period: ['warning', limits],
  cpu_rt_runtime: ['warning', limits],
  cpu_shares: ['warning', 'write deploy.resources.reservations.cpus'],
  cpus: ['warning', `${limits}.cpus`],
  cpuset: ['warning', machine],
  develop: ['warning', 'it is for the local stack'],
  device_cgroup_rules: ['warning', machine],
  devices: ['warning', 'use deploy.resources.reservations.generic_resources, or placement on the node that has it'],
  domainname: ['warning', 'write the full name as hostname'],
  expose: ['warning', 'services of one network reach every port of each other'],
  external_links: ['warning', 'use a network that both are in'],
  gpus: ['error', 'use deploy.resources.reservations.generic_resources'],
  ipc: ['warning', 'it would share the memory of one machine; keep what shares it in one container'],
  links: ['warning', 'services of one network find each other by name; use networks.NAME.aliases for another one'],
  mac_address: ['warning', machine],
  mem_limit: ['warning', `${limits}.memory`],
  mem_reservation: ['warning', 'write deploy.resources.reservations.memory'],
  mem_swappiness: ['warning', machine],
  memswap_limit: ['warning', machine],
  models: ['error', 'run the model as a service of the stack'],
  network_mode: [
    'warning',
    'attach it to an external network named `host` where it needs the node’s own, else leave it out',
  ],
  oom_kill_disable: ['warning', machine],
  pid: ['warning', 'keep what shares processes in one container'],
  pids_limit: ['warning', `${limits}.pids`],
  platform: ['warning', 'write deploy.placement.constraints: ["node.platform.arch == x86_64"]'],
  post_start: ['error', 'do it in the image’s entrypoint'],
  pre_stop: ['error', 'handle stop_signal in the image'],
  privileged: ['warning', 'add what it needs with cap_add'],
  provider: ['error', 'it is for the local stack'],
  runtime: ['error', 'set it as the default runtime of the nodes, and constrain the service to them'],
  security_opt: ['warning', 'Swarm has no word for it on engines before 28'],
  shm_size: ['warning', 'mount a tmpfs: volumes: [{type: tmpfs, target: /dev/shm, tmpfs: {size: …}}]'],
  storage_opt: ['warning', machine],
  tmpfs: ['warning', 'write volumes: [{type: tmpfs, target: …}]'],
  use_api_socket: ['error', 'it is for the local stack'],
  userns_mode: ['warning', machine],
  uts: ['warning', machine],
  volumes_from: ['error', 'name the volumes in both services'],
};

const isSaid = (value: unknown): boolean =>
  value !== undefined &&
  value !== false &&
  value !== null &&
  value !== '' &&
  !(Array.isArray(value) && value.length === 0) &&
  !(value instanceof Map && value.size === 0);

/** Everything in a service that a Swarm would not do as the file says. */
export function findIgnored(service: Service, project: Project): readonly Problem[] {
  const found: Problem[] = [];
  const say = (
    severity: 'error' | 'warning',
    path: readonly (string | number)[],
    message: string,
    hint: string,
  ): void => {
    const rule = severity === 'error' ? 'swarm-unsupported' : 'swarm-ignored';
    found.push({
      severity,
      rule,
      message: `service ${service.name}: ${message}`,
      hint,
      at: ['services', service.name, ...path],
    });
  };
  for (const [key, [severity, hint]] of Object.entries(rules)) {
    if (!isSaid(service[key as keyof Service])) continue;
    say(severity, [key], `Swarm ignores ${key}`, hint);
  }
  if (service.image === undefined) {
    const hint = 'build and push it, then name it: image: REGISTRY/NAME:TAG';
    say('error', [], 'has no image, and Swarm builds none', hint);
  } else if (service.build !== undefined) {
    say('warning', ['build'], 'Swarm builds no image; the one that `image` names is used', 'build and push it first');
  }
  if (service.restart !== undefined && service.deploy?.restart_policy === undefined) {
    const meant =
      service.restart === 'no' ? 'means “any” to a Swarm, which restarts it' : 'is taken as deploy.restart_policy';
    say(
      'warning',
      ['restart'],
      `restart: ${service.restart} ${meant}`,
      'write deploy.restart_policy.condition: none, on-failure or any',
    );
  }
  if ((service.depends_on?.size ?? 0) > 0) {
    const hint =
      '`--ordered` starts services one after the other here; when a node fails, Swarm starts them in any order';
    say('warning', ['depends_on'], 'Swarm ignores depends_on', hint);
  }
  for (const [index, port] of (service.ports ?? []).entries()) {
    if (port.host_ip === undefined || port.host_ip === '') continue;
    const hint =
      'the port is open on every address of the nodes; use a network instead, or a firewall that minds Docker’s own rules';
    say(
      'warning',
      ['ports', index],
      `Swarm ignores the address ${port.host_ip} of port ${port.published ?? port.target}`,
      hint,
    );
  }
  for (const [key, use] of service.networks ?? []) {
    const dropped = (
      [
        'ipv4_address',
        'ipv6_address',
        'mac_address',
        'link_local_ips',
        'interface_name',
        'priority',
        'gw_priority',
      ] as const
    ).filter((name) => isSaid(use?.[name]) && use?.[name] !== 0);
    for (const name of dropped)
      say(
        'warning',
        ['networks', key, name],
        `Swarm ignores ${name}`,
        'tasks get addresses of their own; use the service’s name',
      );
  }
  if (service.credential_spec?.config !== undefined) {
    say('error', ['credential_spec'], 'a credential spec in a config is not supported', 'use file or registry');
  }
  for (const [index, mount] of (service.volumes ?? []).entries()) {
    if (mount.type === 'image')
      say('error', ['volumes', index], 'Swarm mounts no images', 'copy the files into the service’s own image');
  }
  return [...found, ...findNetworkKeys(service, project)];
}

function findNetworkKeys(service: Service, project: Project): readonly Problem[] {
  return [...(service.networks?.keys() ?? [])].flatMap((key) => {
    const network = project.networks.get(key);
    const gateways = (network?.ipam?.config ?? []).some(
      ({ gateway, ip_range: range }) => isSaid(gateway) || isSaid(range),
    );
    const dropped = [
      ...(network?.enable_ipv6 === true ? ['enable_ipv6'] : []),
      ...(gateways ? ['ipam.config.gateway and ip_range'] : []),
    ];
    return dropped.map(
      (name): Problem => ({
        severity: 'warning',
        rule: 'swarm-ignored',
        message: `network ${key}: docker stack does not pass ${name} on, and neither is it here`,
        hint: 'make the network by hand and name it as external',
        at: ['networks', key],
      }),
    );
  });
}
