/** What a feature may take for its own: no two projects have the same `n`. */
export interface Ground {
  readonly n: number;
  readonly image: string;
}
type Section = Readonly<Record<string, unknown>>;

/** A piece of a service as people write it, with what belongs to it elsewhere. */
export interface Feature {
  readonly service: Section;
  readonly top?: {
    readonly networks?: Section;
    readonly volumes?: Section;
    readonly configs?: Section;
    readonly secrets?: Section;
  };
  readonly files?: Readonly<Record<string, string>>;
  /** Keys that a service with this one cannot have. */
  readonly clashes?: readonly string[];
}

const ownNetwork = [
  'networks',
  'ports',
  'expose',
  'dns',
  'dns_search',
  'dns_opt',
  'hostname',
  'domainname',
  'extra_hosts',
  'links',
  'mac_address',
  'sysctls',
];

/**
 * Every key that the tests' engine can apply, in the notations that people use for it. Left out: `privileged` and
 * devices that a machine in a container may not hand on, and what an engine before API 1.44 refuses.
 */
export const features: readonly ((ground: Ground) => Feature)[] = [
  // What runs
  () => ({ service: { command: 'sleep infinity' } }),
  () => ({ service: { command: ['sleep', '1000000'] } }),
  () => ({ service: { command: 'sh -c "echo \\"it is $$HOME\\"; sleep infinity"' } }),
  () => ({ service: { entrypoint: ['sh', '-c'], command: ['echo started; exec sleep infinity'] } }),
  () => ({ service: { entrypoint: 'sh -c', command: ['sleep infinity'] } }),
  () => ({ service: { entrypoint: ['sleep'], command: ['infinity'] } }),
  () => ({ service: { entrypoint: [], command: ['sleep', 'infinity'] } }),
  () => ({ service: { working_dir: '/srv/app' } }),
  () => ({ service: { user: '1000:1000' } }),
  () => ({ service: { user: '65534' } }),
  () => ({ service: { group_add: ['44', 1001] } }),
  () => ({ service: { init: false, stop_signal: 'SIGKILL' } }),
  () => ({ service: { tty: true } }),
  () => ({ service: { stdin_open: true, tty: true } }),
  () => ({ service: { stop_signal: 'SIGINT' } }),
  () => ({ service: { stop_grace_period: '1m30s' } }),
  () => ({ service: { platform: 'linux/amd64' } }),
  () => ({ service: { pull_policy: 'missing' } }),
  () => ({ service: { pull_policy: 'never' } }),
  // Environment and labels
  () => ({ service: { environment: { A: '1', B: 'two words', EMPTY: '', NOTHING: null, YES: true, NUMBER: 1.5 } } }),
  () => ({ service: { environment: ['LIST=yes', 'WITH=a=b', 'UNSET_IN_THE_TEST', 'DOLLAR=$$5'] } }),
  () => ({
    service: { env_file: 'plain.env' },
    files: {
      'plain.env':
        '# a comment\nFROM_FILE=1\nQUOTED="two words"\nSINGLE=\'$RAW\'\nexport EXPORTED=x\nREF=$FROM_FILE-2\n',
    },
  }),
  () => ({
    service: {
      env_file: [{ path: 'first.env' }, { path: 'missing.env', required: false }, { path: 'raw.env', format: 'raw' }],
    },
    files: { 'first.env': 'ONE=1\nTWO=file\n', 'raw.env': 'RAW="kept as it is"\nTWO=raw\n' },
  }),
  () => ({
    service: { env_file: ['over.env'], environment: { OVER: 'here' } },
    files: { 'over.env': 'OVER=file\nUNDER=file\n' },
  }),
  () => ({ service: { labels: { 'com.example.tier': 'front', 'com.example.weight': 5, 'com.example.on': true } } }),
  () => ({ service: { labels: ['traefik.enable=true', 'traefik.http.routers.web.rule=Host(`example.com`)', 'bare'] } }),
  () => ({ service: { label_file: 'labels.txt' }, files: { 'labels.txt': 'from.file=yes\nother=two words\n' } }),
  () => ({ service: { annotations: { 'com.example.note': 'hello' } } }),
  // Health and life
  () => ({
    service: { healthcheck: { test: ['CMD', 'true'], interval: '1s', timeout: '3s', retries: 3, start_period: '5s' } },
  }),
  () => ({ service: { healthcheck: { test: 'test -d /bin', interval: '1s' } } }),
  () => ({ service: { healthcheck: { test: ['CMD-SHELL', 'exit 0'], interval: '1m30s', timeout: '10s' } } }),
  () => ({ service: { healthcheck: { disable: true } } }),
  () => ({ service: { healthcheck: { test: ['NONE'] } } }),
  () => ({ service: { restart: 'unless-stopped' } }),
  () => ({ service: { restart: 'always' } }),
  () => ({ service: { restart: 'on-failure:3' } }),
  () => ({ service: { restart: 'no' } }),
  () => ({
    service: { deploy: { restart_policy: { condition: 'on-failure', max_attempts: 5, delay: '5s', window: '2m' } } },
  }),
  () => ({ service: { deploy: { restart_policy: { condition: 'any' } } } }),
  () => ({ service: { deploy: { restart_policy: { condition: 'none' } } } }),
  () => ({ service: { post_start: [{ command: ['true'] }] } }),
  () => ({ service: { pre_stop: [{ command: 'true', environment: { X: 'y' } }] } }),
  () => ({ service: { logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } } } }),
  () => ({ service: { logging: { driver: 'none' } } }),
  () => ({ service: { logging: { options: { 'max-size': '1m' } } } }),
  // Resources
  () => ({ service: { mem_limit: '256m', mem_reservation: '64m' } }),
  () => ({ service: { mem_limit: '128m', memswap_limit: '256m' } }),
  () => ({ service: { mem_limit: '1gb', mem_swappiness: 10 } }),
  () => ({ service: { cpus: 0.5 }, clashes: ['cpu_period', 'deploy'] }),
  () => ({ service: { cpus: '1.25', cpuset: '0' }, clashes: ['cpu_period', 'deploy'] }),
  () => ({ service: { cpu_shares: 512 } }),
  () => ({ service: { cpu_period: '100000', cpu_quota: 50000 }, clashes: ['cpus', 'deploy'] }),
  () => ({ service: { cpuset: '0,1' } }),
  () => ({ service: { pids_limit: 200 } }),
  () => ({ service: { oom_score_adj: 100 } }),
  () => ({ service: { oom_kill_disable: true, mem_limit: '256m' } }),
  () => ({ service: { shm_size: '128mb' } }),
  () => ({ service: { shm_size: 33554432 } }),
  () => ({ service: { ulimits: { nofile: { soft: 1024, hard: 2048 }, nproc: 512 } } }),
  () => ({ service: { blkio_config: { weight: 300 } } }),
  () => ({
    service: {
      deploy: { resources: { limits: { cpus: '0.3', memory: '200M' }, reservations: { cpus: '0.1', memory: '50M' } } },
    },
  }),
  () => ({ service: { deploy: { resources: { limits: { pids: 100 } } } } }),
  () => ({ service: { deploy: { mode: 'replicated', replicas: 1, labels: { 'on.service': 'only' } } } }),
  () => ({ service: { deploy: {} } }),
  () => ({
    service: {
      deploy: {
        replicas: 2,
        update_config: { parallelism: 1, delay: '10s', order: 'start-first' },
        placement: { constraints: ['node.role == manager'] },
      },
    },
    clashes: ['container_name', 'ports', 'networks'],
  }),
  () => ({ service: { scale: 2 }, clashes: ['container_name', 'ports', 'networks', 'deploy'] }),
  () => ({ service: { scale: 3 }, clashes: ['container_name', 'ports', 'networks', 'deploy'] }),
  // Rights
  () => ({ service: { cap_add: ['NET_ADMIN', 'SYS_PTRACE'] } }),
  () => ({ service: { cap_add: ['CAP_NET_BIND_SERVICE'], cap_drop: ['ALL'] } }),
  () => ({ service: { cap_drop: ['MKNOD', 'net_raw'] } }),
  () => ({ service: { security_opt: ['no-new-privileges:true'] } }),
  () => ({ service: { security_opt: ['seccomp:unconfined'] } }),
  () => ({ service: { security_opt: ['systempaths=unconfined', 'label=disable'] } }),
  () => ({ service: { read_only: true }, clashes: ['configs', 'secrets'] }),
  () => ({ service: { devices: ['/dev/null:/dev/null2', '/dev/zero'] } }),
  () => ({ service: { devices: ['/dev/urandom:/dev/random2:r'] } }),
  () => ({ service: { devices: [{ source: '/dev/full', target: '/dev/full2', permissions: 'rw' }] } }),
  () => ({ service: { device_cgroup_rules: ['c 1:3 mr', 'a 7:* rmw'] } }),
  () => ({ service: { userns_mode: 'host' } }),
  () => ({ service: { runtime: 'runc' } }),
  () => ({ service: { isolation: 'default' } }),
  () => ({ service: { cgroup: 'host' } }),
  () => ({ service: { cgroup: 'private' } }),
  () => ({ service: { cgroup_parent: '/interop' } }),
  () => ({ service: { ipc: 'shareable' } }),
  () => ({ service: { ipc: 'host' } }),
  () => ({ service: { ipc: 'private' } }),
  () => ({ service: { pid: 'host' } }),
  () => ({ service: { uts: 'host' }, clashes: ['hostname', 'domainname'] }),
  () => ({ service: { sysctls: { 'net.core.somaxconn': 1024, 'net.ipv4.tcp_syncookies': 0 } } }),
  () => ({ service: { sysctls: ['net.ipv4.ip_local_port_range=1024 65000'] } }),
  // Names
  () => ({ service: { hostname: 'box', domainname: 'example.com' } }),
  () => ({ service: { hostname: 'only-host' } }),
  ({ n }) => ({ service: { container_name: `interop-named-${n}` }, clashes: ['scale', 'deploy'] }),
  () => ({ service: { extra_hosts: ['db.local:10.0.0.5', 'v6.local:[::1]', 'host.docker.internal:host-gateway'] } }),
  () => ({ service: { extra_hosts: { 'eq.local': '10.0.0.6' } } }),
  () => ({ service: { extra_hosts: ['one.local=10.0.0.7', 'one.local=10.0.0.8'] } }),
  () => ({ service: { dns: ['10.0.0.53', '1.1.1.1'] } }),
  () => ({ service: { dns: '9.9.9.9', dns_search: 'example.com', dns_opt: ['use-vc', 'ndots:2'] } }),
  () => ({ service: { dns_search: ['a.example', 'b.example'] } }),
  // Ports
  ({ n }) => ({ service: { ports: [`${20_000 + n}:80`] }, clashes: ['scale', 'deploy'] }),
  ({ n }) => ({
    service: { ports: [`127.0.0.1:${21_000 + n}:80/tcp`, `127.0.0.1:${21_000 + n}:80/udp`] },
    clashes: ['scale', 'deploy'],
  }),
  () => ({ service: { ports: ['80', '443/tcp'] } }),
  () => ({ service: { ports: [8080] } }),
  ({ n }) => ({ service: { ports: [`${30_000 + n * 3}-${30_002 + n * 3}:7000-7002`] }, clashes: ['scale', 'deploy'] }),
  ({ n }) => ({
    service: {
      ports: [
        {
          target: 80,
          published: `${22_000 + n}`,
          host_ip: '127.0.0.1',
          protocol: 'tcp',
          mode: 'host',
          name: 'web',
          app_protocol: 'http',
        },
      ],
    },
    clashes: ['scale', 'deploy'],
  }),
  () => ({ service: { ports: [{ target: 9090 }] } }),
  () => ({ service: { expose: ['3000', '4000-4002', 5000] } }),
  // Networks
  () => ({ service: { network_mode: 'none' }, clashes: ownNetwork }),
  () => ({ service: { network_mode: 'host' }, clashes: ownNetwork }),
  () => ({ service: { network_mode: 'bridge' }, clashes: ownNetwork }),
  () => ({ service: { networks: ['front', 'back'] }, top: { networks: { front: null, back: { internal: true } } } }),
  () => ({ service: { networks: { default: { aliases: ['www', 'web.internal'] } } } }),
  ({ n }) => ({
    service: { networks: { fixed: { ipv4_address: `10.${n % 200}.7.10` } } },
    top: {
      networks: {
        fixed: {
          ipam: {
            config: [
              { subnet: `10.${n % 200}.7.0/24`, gateway: `10.${n % 200}.7.1`, ip_range: `10.${n % 200}.7.128/25` },
            ],
          },
        },
      },
    },
    clashes: ['scale', 'deploy'],
  }),
  () => ({
    service: { networks: { low: { priority: 10 }, high: { priority: 1000, aliases: ['first'] } } },
    top: { networks: { low: { labels: { rank: 'low' } }, high: { labels: ['rank=high'] } } },
  }),
  () => ({
    service: { networks: { opts: null } },
    top: {
      networks: {
        opts: {
          driver: 'bridge',
          driver_opts: { 'com.docker.network.bridge.enable_icc': 'true', 'com.docker.network.driver.mtu': 1400 },
        },
      },
    },
  }),
  ({ n }) => ({
    service: { networks: { six: { ipv6_address: `fd00:${n}::10` } } },
    top: {
      networks: { six: { enable_ipv6: true, ipam: { driver: 'default', config: [{ subnet: `fd00:${n}::/64` }] } } },
    },
    clashes: ['scale', 'deploy'],
  }),
  () => ({
    service: { networks: ['attach'] },
    top: { networks: { attach: { attachable: true, labels: { a: 'b' } } } },
  }),
  ({ n }) => ({ service: { networks: ['named'] }, top: { networks: { named: { name: `interop-net-${n}` } } } }),
  () => ({ service: { mac_address: '02:42:ac:11:65:43' }, clashes: ['networks', 'scale', 'deploy'] }),
  // Volumes
  () => ({ service: { volumes: ['data:/var/lib/data'] }, top: { volumes: { data: null } } }),
  () => ({
    service: { volumes: ['data:/var/lib/data:ro', 'logs:/logs'] },
    top: { volumes: { data: null, logs: { labels: { kept: 'yes' } } } },
  }),
  () => ({ service: { volumes: ['/anonymous'] } }),
  () => ({
    service: { volumes: ['./src:/src', './conf/app.conf:/etc/app.conf:ro'] },
    files: { 'src/main.txt': 'x', 'conf/app.conf': 'a=b' },
  }),
  () => ({ service: { volumes: ['/etc/hostname:/etc/host-of-the-engine:ro'] } }),
  () => ({
    service: {
      volumes: [{ type: 'bind', source: './made', target: '/made', bind: { create_host_path: true } }],
    },
  }),
  () => ({
    service: {
      volumes: [
        { type: 'bind', source: './there', target: '/there', read_only: true, bind: { propagation: 'rprivate' } },
      ],
    },
    files: { 'there/x': 'x' },
  }),
  () => ({
    service: { volumes: [{ type: 'volume', source: 'long', target: '/long', volume: { nocopy: true } }] },
    top: { volumes: { long: { driver: 'local' } } },
  }),
  () => ({ service: { volumes: [{ type: 'volume', target: '/anonymous-long' }] } }),
  () => ({ service: { volumes: [{ type: 'tmpfs', target: '/scratch', tmpfs: { size: '16m', mode: 0o1777 } }] } }),
  () => ({ service: { volumes: [{ type: 'tmpfs', target: '/scratch' }] } }),
  ({ n }) => ({ service: { volumes: ['named:/named'] }, top: { volumes: { named: { name: `interop-vol-${n}` } } } }),
  () => ({
    service: { volumes: ['memory:/memory'] },
    top: { volumes: { memory: { driver_opts: { type: 'tmpfs', device: 'tmpfs', o: 'size=8m,uid=1000' } } } },
  }),
  () => ({
    service: { volumes: ['data:/data:rw,z', './src:/src:cached'] },
    top: { volumes: { data: {} } },
    files: { 'src/a': '' },
  }),
  () => ({ service: { tmpfs: '/run' } }),
  () => ({ service: { tmpfs: ['/run', '/tmp:size=64m,mode=755,uid=1000'] } }),
  // Configs and secrets
  () => ({
    service: { configs: ['app'] },
    top: { configs: { app: { file: './app.conf' } } },
    files: { 'app.conf': 'key=value\n' },
  }),
  () => ({
    service: { configs: [{ source: 'app', target: '/etc/app/app.conf', mode: 0o440 }] },
    top: { configs: { app: { file: './app.conf' } } },
    files: { 'app.conf': 'key=value\n' },
  }),
  () => ({
    service: { configs: [{ source: 'inline', target: '/inline.conf' }] },
    clashes: ['read_only'],
    top: { configs: { inline: { content: 'a=b\n' } } },
  }),
  () => ({
    service: { secrets: ['token'] },
    top: { secrets: { token: { file: './token.txt' } } },
    files: { 'token.txt': 'not a secret' },
  }),
  () => ({
    service: {
      secrets: [
        { source: 'token', target: 'other-name' },
        { source: 'cert', target: '/etc/cert.pem' },
      ],
    },
    top: { secrets: { token: { file: './token.txt' }, cert: { file: './cert.pem' } } },
    files: { 'token.txt': 'not a secret', 'cert.pem': 'not a certificate' },
  }),
  // Nothing to the engine
  () => ({ service: { 'x-note': { any: ['thing'] } } }),
  () => ({
    service: { develop: { watch: [{ path: './src', action: 'sync', target: '/src' }] } },
    files: { 'src/x': '' },
  }),
  () => ({ service: { attach: false } }),
];
