import { describe, expect, it } from 'vitest';
import type { Build, Deploy, FileObject, Network, Service, Volume } from '../../../main/core/compose/project.ts';
import { service as serviceKind } from '../../../main/core/compose/schema/service.ts';
import { loadFrom } from './support/cases.ts';

/*
 * One file with every key, against values whose types demand every key: the schema is data, so this is what holds it
 * and project.ts together.
 */
const text = `name: all
services:
  w:
    annotations: [a=b]
    attach: false
    blkio_config: {weight: 300, device_read_bps: [{path: /dev/sda, rate: 12mb}]}
    build:
      context: ./ctx
      dockerfile: D
      entitlements: [network.host]
      args: {A: 1, HOME: }
      ssh: [default, key=./k]
      labels: [l=1]
      cache_from: [c]
      cache_to: [d]
      no_cache: true
      additional_contexts: {base: ./base, img: "docker-image://x"}
      network: host
      provenance: true
      sbom: "false"
      pull: true
      target: t
      shm_size: 1k
      extra_hosts: ["h:1.1.1.1"]
      isolation: hyperv
      privileged: true
      secrets: [s]
      tags: [x:1]
      ulimits: {nofile: 5}
      platforms: [linux/amd64]
    cap_add: [A]
    cap_drop: [B]
    cgroup: host
    cgroup_parent: p
    command: echo "a b"
    configs: [{source: c, target: /c, uid: "1", gid: "2", mode: 0440}]
    container_name: cc
    cpu_count: 1
    cpu_percent: 50
    cpu_period: 10
    cpu_quota: 20
    cpu_rt_period: 30
    cpu_rt_runtime: 40
    cpu_shares: 50
    cpus: 0.5
    cpuset: 0-1
    credential_spec: {file: f}
    depends_on: {z: {condition: service_healthy, restart: true, required: false}}
    deploy:
      mode: replicated
      replicas: 1
      labels: {d: 1}
      update_config: {parallelism: 1, delay: 1s, failure_action: pause, monitor: 2s, max_failure_ratio: 0.1, order: start-first}
      rollback_config: {parallelism: 0}
      resources:
        limits: {cpus: "0.50", memory: 64m, pids: 9}
        reservations: {cpus: 0.25, memory: 32m, devices: [{capabilities: [gpu], count: all}], generic_resources: [{discrete_resource_spec: {kind: ssd, value: 1}}]}
      restart_policy: {condition: any, delay: 1s, max_attempts: 2, window: 3s}
      placement: {constraints: [a], preferences: [{spread: b}], max_replicas_per_node: 1}
      endpoint_mode: vip
    develop: {watch: [{path: ./w, action: sync, target: /w, ignore: [n]}]}
    device_cgroup_rules: ["c 1:3 mr"]
    devices: ["/dev/a:/dev/b:r"]
    dns: 1.1.1.1
    dns_opt: [o]
    dns_search: s.d
    domainname: dom
    entrypoint: [e]
    env_file: [{path: e.env, format: raw}]
    environment: {FROM: own, NONE: }
    expose: [80]
    external_links: [x]
    extra_hosts: {h: [1.1.1.1, "::1"]}
    gpus: all
    group_add: [5]
    healthcheck: {test: t, interval: 1s, timeout: 2s, retries: 3, start_period: 4s, start_interval: 5s, disable: false}
    hostname: h
    image: i
    init: true
    ipc: host
    isolation: process
    label_file: l.env
    labels: {l: 1.50}
    links: [z]
    logging: {driver: d, options: {o: 1}}
    mac_address: 02:42:ac:11:00:02
    mem_limit: 64m
    mem_reservation: 32m
    mem_swappiness: 60
    memswap_limit: 1g
    models: [m]
    networks: {n: {aliases: [a], interface_name: eth9, ipv4_address: 10.0.0.2, ipv6_address: "fd::2", link_local_ips: [169.254.0.1], mac_address: 02:42:ac:11:00:03, driver_opts: {x: 1}, gw_priority: 1, priority: 2}}
    oom_kill_disable: true
    oom_score_adj: 100
    pid: host
    pids_limit: 9
    platform: linux/amd64
    ports: ["127.0.0.1:8080-8081:80/udp", {target: 90, published: 9090, mode: host, protocol: tcp, name: n, app_protocol: http, host_ip: "::1"}]
    post_start: [{command: a b, user: u, privileged: true, working_dir: /w, environment: [E=1]}]
    pre_stop: [{command: [c]}]
    privileged: true
    profiles: [p]
    provider: {type: t, options: {o: [1, 2]}}
    pull_policy: if_not_present
    pull_refresh_after: 1d
    read_only: true
    restart: always
    runtime: runc
    scale: 1
    secrets: [s]
    security_opt: [so]
    shm_size: 64m
    stdin_open: true
    stop_grace_period: 90s
    stop_signal: SIGINT
    storage_opt: {size: 1G}
    sysctls: [s=1]
    tmpfs: /t
    tty: true
    ulimits: {nofile: 5, nproc: {soft: 1, hard: 2}}
    use_api_socket: true
    user: u
    userns_mode: host
    uts: host
    volumes:
      - vv:/v:nocopy
      - ./b:/b:ro,z
      - {type: tmpfs, target: /tm, tmpfs: {size: 1m, mode: 0755}}
      - {type: image, source: img, target: /i, image: {subpath: s}}
    volumes_from: ["container:q"]
    working_dir: /wd
    x-own: {deep: [1, yes]}
  z: {image: z, network_mode: "service:q", healthcheck: {test: [NONE]}}
  q: {image: q}
networks: {n: {driver: bridge, driver_opts: {o: 1}, attachable: true, enable_ipv4: true, enable_ipv6: false, internal: true, ipam: {driver: default, config: [{subnet: 10.0.0.0/24, gateway: 10.0.0.1, ip_range: 10.0.0.0/25, aux_addresses: {h: 10.0.0.9}}], options: {a: b}}, labels: [k=v], x-n: 1}}
volumes: {vv: {driver: local, driver_opts: {o: 1}, labels: {k: v}, x-v: 1}, ext: {external: true}}
secrets: {s: {file: ./s.txt, labels: [k=v], template_driver: g, x-s: 1}}
configs: {c: {content: "text"}}
models: {m: {model: ai/m, context_size: 5, runtime_flags: [a]}}
x-top: {a: 1}
`;
const files = { '/p/compose.yaml': text, '/p/e.env': 'FROM=file\nRAW="x"', '/p/l.env': 'l=file\nk=1' };
const load = () => loadFrom(files, { profiles: ['p'], environment: { HOME: '/home/me' } });
const mapOf = <T>(values: Record<string, T>): ReadonlyMap<string, T> => new Map(Object.entries(values));

const build: Required<Omit<Build, 'dockerfile_inline' | 'extensions'>> = {
  context: '/p/ctx',
  dockerfile: 'D',
  entitlements: ['network.host'],
  args: mapOf<string | null>({ A: '1', HOME: '/home/me' }),
  ssh: ['default', 'key=./k'],
  labels: mapOf({ l: '1' }),
  cache_from: ['c'],
  cache_to: ['d'],
  no_cache: true,
  additional_contexts: mapOf({ base: '/p/base', img: 'docker-image://x' }),
  network: 'host',
  provenance: 'true',
  sbom: 'false',
  pull: true,
  target: 't',
  shm_size: 1024,
  extra_hosts: mapOf({ h: ['1.1.1.1'] }),
  isolation: 'hyperv',
  privileged: true,
  secrets: [{ source: 's' }],
  tags: ['x:1'],
  ulimits: mapOf({ nofile: { soft: 5, hard: 5, single: true } }),
  platforms: ['linux/amd64'],
};

const deploy: Required<Deploy> = {
  mode: 'replicated',
  replicas: 1,
  labels: mapOf({ d: '1' }),
  update_config: {
    parallelism: 1,
    delay: 1e9,
    failure_action: 'pause',
    monitor: 2e9,
    max_failure_ratio: 0.1,
    order: 'start-first',
  },
  rollback_config: { parallelism: 0 },
  resources: {
    limits: { cpus: '0.50', memory: 67108864, pids: 9 },
    reservations: {
      cpus: '0.25',
      memory: 33554432,
      devices: [{ capabilities: ['gpu'], count: -1 }],
      generic_resources: [{ discrete_resource_spec: { kind: 'ssd', value: 1 } }],
    },
  },
  restart_policy: { condition: 'any', delay: 1e9, max_attempts: 2, window: 3e9 },
  placement: { constraints: ['a'], preferences: [{ spread: 'b' }], max_replicas_per_node: 1 },
  endpoint_mode: 'vip',
};

const service: Required<Omit<Service, 'network_mode'>> = {
  name: 'w',
  annotations: mapOf({ a: 'b' }),
  attach: false,
  blkio_config: { weight: 300, device_read_bps: [{ path: '/dev/sda', rate: 12582912 }] },
  build,
  cap_add: ['A'],
  cap_drop: ['B'],
  cgroup: 'host',
  cgroup_parent: 'p',
  command: ['echo', 'a b'],
  configs: [{ source: 'c', target: '/c', uid: '1', gid: '2', mode: 0o440 }],
  container_name: 'cc',
  cpu_count: 1,
  cpu_percent: 50,
  cpu_period: 10,
  cpu_quota: 20,
  cpu_rt_period: 30,
  cpu_rt_runtime: 40,
  cpu_shares: 50,
  cpus: 0.5,
  cpuset: '0-1',
  credential_spec: { file: 'f' },
  depends_on: mapOf({ z: { condition: 'service_healthy', restart: true, required: false } as const }),
  deploy,
  develop: { watch: [{ path: '/p/w', action: 'sync', target: '/w', ignore: ['n'] }] },
  device_cgroup_rules: ['c 1:3 mr'],
  devices: [{ source: '/dev/a', target: '/dev/b', permissions: 'r' }],
  dns: ['1.1.1.1'],
  dns_opt: ['o'],
  dns_search: ['s.d'],
  domainname: 'dom',
  entrypoint: ['e'],
  env_file: [{ path: '/p/e.env', format: 'raw', required: true }],
  environment: mapOf<string | null>({ FROM: 'own', RAW: '"x"', NONE: null }),
  expose: ['80'],
  external_links: ['x'],
  extra_hosts: mapOf({ h: ['1.1.1.1', '::1'] }),
  gpus: [{ count: -1 }],
  group_add: ['5'],
  healthcheck: {
    test: ['CMD-SHELL', 't'],
    interval: 1e9,
    timeout: 2e9,
    retries: 3,
    start_period: 4e9,
    start_interval: 5e9,
    disable: false,
  },
  hostname: 'h',
  image: 'i',
  init: true,
  ipc: 'host',
  isolation: 'process',
  label_file: ['/p/l.env'],
  labels: mapOf({ l: '1.5', k: '1' }),
  links: ['z'],
  logging: { driver: 'd', options: mapOf({ o: '1' }) },
  mac_address: '02:42:ac:11:00:02',
  mem_limit: 67108864,
  mem_reservation: 33554432,
  mem_swappiness: 60,
  memswap_limit: 1073741824,
  models: mapOf({ m: null }),
  networks: mapOf({
    n: {
      aliases: ['a'],
      interface_name: 'eth9',
      ipv4_address: '10.0.0.2',
      ipv6_address: 'fd::2',
      link_local_ips: ['169.254.0.1'],
      mac_address: '02:42:ac:11:00:03',
      driver_opts: mapOf({ x: '1' }),
      gw_priority: 1,
      priority: 2,
    },
  }),
  oom_kill_disable: true,
  oom_score_adj: 100,
  pid: 'host',
  pids_limit: 9,
  platform: 'linux/amd64',
  ports: [
    { mode: 'ingress', host_ip: '127.0.0.1', target: 80, published: '8080-8081', protocol: 'udp' },
    {
      name: 'n',
      mode: 'host',
      host_ip: '::1',
      target: 90,
      published: '9090',
      protocol: 'tcp',
      app_protocol: 'http',
    },
  ],
  post_start: [
    {
      command: ['a', 'b'],
      user: 'u',
      privileged: true,
      working_dir: '/w',
      environment: mapOf<string | null>({ E: '1' }),
    },
  ],
  pre_stop: [{ command: ['c'] }],
  privileged: true,
  profiles: ['p'],
  provider: { type: 't', options: mapOf({ o: ['1', '2'] }) },
  pull_policy: 'missing',
  pull_refresh_after: '1d',
  read_only: true,
  restart: 'always',
  runtime: 'runc',
  scale: 1,
  secrets: [{ source: 's', target: '/run/secrets/s' }],
  security_opt: ['so'],
  shm_size: 67108864,
  stdin_open: true,
  stop_grace_period: 90e9,
  stop_signal: 'SIGINT',
  storage_opt: mapOf({ size: '1G' }),
  sysctls: mapOf({ s: '1' }),
  tmpfs: ['/t'],
  tty: true,
  ulimits: mapOf({ nofile: { soft: 5, hard: 5, single: true }, nproc: { soft: 1, hard: 2 } }),
  use_api_socket: true,
  user: 'u',
  userns_mode: 'host',
  uts: 'host',
  volumes: [
    { type: 'volume', source: 'vv', target: '/v', volume: { nocopy: true } },
    {
      type: 'bind',
      source: '/p/b',
      target: '/b',
      read_only: true,
      bind: { create_host_path: true, selinux: 'z' },
    },
    { type: 'tmpfs', target: '/tm', tmpfs: { size: 1048576, mode: 0o755 } },
    { type: 'image', source: 'img', target: '/i', image: { subpath: 's' } },
  ],
  volumes_from: ['container:q'],
  working_dir: '/wd',
  extensions: { 'x-own': { deep: [1, 'yes'] } },
};

describe('the project', () => {
  it('has every key of a service, in its type', async () => {
    const { project, diagnostics } = await load();
    expect(diagnostics).toEqual([]);
    expect(project?.services.get('w')).toEqual(service);
  });

  it('knows every key that the schema knows', () => {
    const modelled = new Set([...Object.keys(service), 'network_mode', 'extends']);
    expect([...serviceKind.keys.keys()].filter((key) => !modelled.has(key))).toEqual([]);
  });

  it('has what a shared namespace implies', async () => {
    const { project } = await load();
    expect(project?.services.get('z')?.depends_on).toEqual(
      mapOf({ q: { condition: 'service_started', restart: true, required: true } }),
    );
    expect(project?.services.get('z')?.networks).toBeUndefined();
    expect(project?.services.get('q')?.networks).toEqual(mapOf({ default: null }));
  });

  it('has networks, volumes, secrets, configs and models, those that are used', async () => {
    const { project } = await load();
    const network: Required<Omit<Network, 'external'>> = {
      key: 'n',
      name: 'all_n',
      driver: 'bridge',
      driver_opts: mapOf({ o: '1' }),
      attachable: true,
      enable_ipv4: true,
      enable_ipv6: false,
      internal: true,
      ipam: {
        driver: 'default',
        config: [
          {
            subnet: '10.0.0.0/24',
            gateway: '10.0.0.1',
            ip_range: '10.0.0.0/25',
            aux_addresses: mapOf({ h: '10.0.0.9' }),
          },
        ],
        options: mapOf({ a: 'b' }),
      },
      labels: mapOf({ k: 'v' }),
      extensions: { 'x-n': 1 },
    };
    const volume: Required<Omit<Volume, 'external'>> = {
      key: 'vv',
      name: 'all_vv',
      driver: 'local',
      driver_opts: mapOf({ o: '1' }),
      labels: mapOf({ k: 'v' }),
      extensions: { 'x-v': 1 },
    };
    const secret: FileObject = {
      key: 's',
      name: 'all_s',
      file: '/p/s.txt',
      labels: mapOf({ k: 'v' }),
      template_driver: 'g',
      extensions: { 'x-s': 1 },
    };
    expect(project).toMatchObject({
      name: 'all',
      workingDir: '/p',
      files: ['/p/compose.yaml'],
      networks: mapOf({ n: network, default: { key: 'default', name: 'all_default' } }),
      volumes: mapOf({ vv: volume }),
      secrets: mapOf({ s: secret }),
      configs: mapOf({ c: { key: 'c', name: 'all_c', content: 'text' } }),
      models: mapOf({ m: { model: 'ai/m', context_size: 5, runtime_flags: ['a'] } }),
      extensions: { 'x-top': { a: 1 } },
    });
  });
});
