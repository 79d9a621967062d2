import { describe, expect, it } from 'vitest';
import type { Service } from '../../../main/core/compose/project.ts';
import { bodyOf } from './spec-of.ts';

/*
 * Bodies of POST /containers/create. For the 46 services of hashes/compose.yaml the container that results was compared,
 * member by member, with the one docker compose 2.40.3 made (docker inspect, engine 20.10.24): equal but for ids and times.
 */
const second = 1_000_000_000;

describe('service keys in the create body', () => {
  const top: readonly (readonly [key: string, members: Partial<Service>, expected: Record<string, unknown>])[] = [
    ['image', { image: 'nginx:1' }, { Image: 'nginx:1' }],
    ['command', { command: ['a', 'b'] }, { Cmd: ['a', 'b'] }],
    ['command, empty', { command: [] }, { Cmd: [] }],
    ['entrypoint', { entrypoint: ['/e'] }, { Entrypoint: ['/e'] }],
    [
      'environment',
      {
        environment: new Map<string, string | null>([
          ['A', '1'],
          ['B', ''],
          ['C', null],
        ]),
      },
      { Env: ['A=1', 'B=', 'C'] },
    ],
    ['hostname', { hostname: 'h', domainname: 'd' }, { Hostname: 'h', Domainname: 'd' }],
    ['user', { user: '1:2', working_dir: '/w' }, { User: '1:2', WorkingDir: '/w' }],
    ['tty', { tty: true, stdin_open: true }, { Tty: true, OpenStdin: true }],
    ['stop', { stop_signal: 'SIGINT', stop_grace_period: 90 * second }, { StopSignal: 'SIGINT', StopTimeout: 90 }],
    ['expose', { expose: ['3000', '4000/udp'] }, { ExposedPorts: { '3000': {}, '4000/udp': {} } }],
    [
      'healthcheck',
      {
        healthcheck: { test: ['CMD', 'x'], interval: second, timeout: 2 * second, retries: 3, start_interval: second },
      },
      { Healthcheck: { Test: ['CMD', 'x'], Interval: second, Timeout: 2 * second, Retries: 3 } },
    ],
    ['healthcheck, off', { healthcheck: { disable: true } }, { Healthcheck: { Test: ['NONE'] } }],
  ];
  it.each(top)('%s', (_, members, expected) => expect(bodyOf(members)).toMatchObject(expected));

  const host: readonly (readonly [key: string, members: Partial<Service>, expected: Record<string, unknown>])[] = [
    ['restart', { restart: 'on-failure:3' }, { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } }],
    [
      'deploy.restart_policy wins',
      { restart: 'no', deploy: { restart_policy: { condition: 'any' } } },
      { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } },
    ],
    [
      'memory and cpu',
      { mem_limit: 1024, memswap_limit: 2048, mem_reservation: 512, mem_swappiness: 5, cpus: 0.3, cpuset: '0,1' },
      {
        Memory: 1024,
        MemorySwap: 2048,
        MemoryReservation: 512,
        MemorySwappiness: 5,
        NanoCpus: 300_000_000,
        CpusetCpus: '0,1',
      },
    ],
    [
      'deploy.resources win',
      {
        mem_limit: 1,
        cpus: 4,
        pids_limit: 9,
        deploy: { resources: { limits: { memory: 2048, cpus: '0.5', pids: 10 }, reservations: { memory: 1024 } } },
      },
      { Memory: 2048, NanoCpus: 500_000_000, PidsLimit: 10, MemoryReservation: 1024 },
    ],
    [
      'gpus',
      { gpus: [{ count: -1, capabilities: ['compute'] }] },
      { DeviceRequests: [{ Count: -1, Capabilities: [['compute', 'gpu']] }] },
    ],
    [
      'reserved devices',
      { deploy: { resources: { reservations: { devices: [{ capabilities: ['gpu'], driver: 'nvidia', count: 1 }] } } } },
      { DeviceRequests: [{ Driver: 'nvidia', Count: 1, Capabilities: [['gpu']] }] },
    ],
    [
      'devices',
      {
        devices: [
          { source: '/dev/null', target: '/dev/x', permissions: 'r' },
          { source: 'vendor.com/gpu=all', target: 'vendor.com/gpu=all', permissions: 'rwm' },
        ],
      },
      {
        Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/x', CgroupPermissions: 'r' }],
        DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['vendor.com/gpu=all'] }],
      },
    ],
    [
      'ulimits',
      {
        ulimits: new Map([
          ['nproc', { soft: 5, hard: 5, single: true }],
          ['nofile', { soft: 1, hard: 2 }],
        ]),
      },
      {
        Ulimits: [
          { Name: 'nproc', Soft: 5, Hard: 5 },
          { Name: 'nofile', Soft: 1, Hard: 2 },
        ],
      },
    ],
    [
      'capabilities',
      { cap_add: ['net_admin', 'CAP_CHOWN'], cap_drop: ['all', 'CHOWN'] },
      { CapAdd: ['CAP_CHOWN', 'CAP_NET_ADMIN'], CapDrop: ['ALL', 'CAP_CHOWN'] },
    ],
    [
      'both added and dropped',
      { cap_add: ['CHOWN'], cap_drop: ['CHOWN', 'KILL'] },
      { CapAdd: ['CAP_CHOWN'], CapDrop: ['CAP_CHOWN', 'CAP_KILL'] },
    ],
    ['no name servers of the engine', { dns: [] }, { Dns: [] }],
    [
      'security',
      { security_opt: ['no-new-privileges:true', 'systempaths=unconfined'], read_only: true, privileged: true },
      {
        SecurityOpt: ['no-new-privileges:true'],
        MaskedPaths: [],
        ReadonlyPaths: [],
        ReadonlyRootfs: true,
        Privileged: true,
      },
    ],
    ['init off', { init: false }, { Init: false }],
    [
      'logging',
      { logging: { driver: 'local', options: new Map([['max-size', '1m']]) } },
      { LogConfig: { Type: 'local', Config: { 'max-size': '1m' } } },
    ],
    [
      'dns and hosts',
      {
        dns: ['1.1.1.1'],
        dns_search: ['x'],
        dns_opt: ['use-vc'],
        extra_hosts: new Map([
          ['a', ['10.0.0.1', '10.0.0.2']],
          ['six', ['::1']],
        ]),
      },
      {
        Dns: ['1.1.1.1'],
        DnsSearch: ['x'],
        DnsOptions: ['use-vc'],
        ExtraHosts: ['a:10.0.0.1', 'a:10.0.0.2', 'six:::1'],
      },
    ],
    ['tmpfs', { tmpfs: ['/run', '/tmp:size=1m'] }, { Tmpfs: { '/run': '', '/tmp': 'size=1m' } }],
    [
      'kernel',
      {
        sysctls: new Map([['a', '1']]),
        ipc: 'host',
        pid: 'host',
        uts: 'host',
        userns_mode: 'host',
        cgroup: 'private',
        cgroup_parent: '/p',
        runtime: 'runc',
        isolation: 'default',
        shm_size: 64,
        oom_kill_disable: true,
        oom_score_adj: -5,
        group_add: ['9'],
        storage_opt: new Map([['size', '1G']]),
        annotations: new Map([['n', 'v']]),
      },
      {
        Sysctls: { a: '1' },
        IpcMode: 'host',
        PidMode: 'host',
        UTSMode: 'host',
        UsernsMode: 'host',
        CgroupnsMode: 'private',
        CgroupParent: '/p',
        Runtime: 'runc',
        Isolation: 'default',
        ShmSize: 64,
        OomKillDisable: true,
        OomScoreAdj: -5,
        GroupAdd: ['9'],
        StorageOpt: { size: '1G' },
        Annotations: { n: 'v' },
      },
    ],
    [
      'ports',
      {
        ports: [
          { mode: 'ingress', target: 80, published: '8080', protocol: 'tcp', host_ip: '127.0.0.1' },
          { mode: 'ingress', target: 80, published: '9000-9005', protocol: 'tcp' },
          { mode: 'ingress', target: 53, protocol: 'udp' },
        ],
      },
      {
        PortBindings: {
          '80/tcp': [
            { HostIp: '127.0.0.1', HostPort: '8080' },
            { HostIp: '', HostPort: '9000-9005' },
          ],
          '53/udp': [{ HostIp: '', HostPort: '' }],
        },
      },
    ],
    ['network_mode host', { network_mode: 'host', networks: new Map() }, { NetworkMode: 'host' }],
    [
      'network_mode service:',
      { network_mode: 'service:vpn', networks: new Map() },
      { NetworkMode: 'container:vpn-id' },
    ],
    [
      'volumes_from keeps its mode',
      { volumes_from: ['vpn:ro', 'container:x:rw'] },
      { VolumesFrom: ['vpn-id:ro', 'x:rw'] },
    ],
    [
      'blkio',
      { blkio_config: { weight: 300, device_read_bps: [{ path: '/dev/sda', rate: 5 }] } },
      { BlkioWeight: 300, BlkioDeviceReadBps: [{ Path: '/dev/sda', Rate: 5 }] },
    ],
  ];
  it.each(host)('HostConfig: %s', (_, members, expected) => expect(bodyOf(members).HostConfig).toMatchObject(expected));

  it('says nothing about what the file does not', () => {
    const { HostConfig, Labels: _labels, ...body } = bodyOf({});
    expect(body).toEqual({
      Image: 'example/web',
      AttachStdout: true,
      AttachStderr: true,
      ExposedPorts: {},
      NetworkingConfig: { EndpointsConfig: { shop_default: { Aliases: ['shop-web-1', 'web'] } } },
    });
    expect(HostConfig).toEqual({ NetworkMode: 'shop_default', PortBindings: {}, ExtraHosts: [] });
  });
});
