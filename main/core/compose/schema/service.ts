import { expandDevice, expandLink, needsTarget } from '../short/devices.ts';
import { expandPort, finishPort, portIdentity } from '../short/ports.ts';
import { expandVolume, finishVolume, mountIdentity } from '../short/volumes.ts';
import { child, type MapNode, scalar } from '../tree.ts';
import { build } from './build.ts';
import { deploy } from './deploy.ts';
import {
  anyText,
  boolean,
  bytes,
  COUNT,
  dict,
  duration,
  file,
  handedOn,
  integer,
  type Kind,
  kept,
  list,
  mapping,
  number,
  object,
  oneOf,
  type ScalarKind,
  type ShortContext,
  set,
  strictSet,
  string,
  stringOrNull,
  stringOrNumber,
  textAt,
  USER_KEY,
  variables,
  wholeBytes,
} from './kinds.ts';
import { deviceRequests, envFileIdentity, fileReference, hook, hosts, requiredUnlessSaid, ulimits } from './parts.ts';

/*
 * A service, key by key. https://github.com/compose-spec/compose-spec/blob/main/05-services.md
 */

const command: Kind = list(handedOn(string), { line: 'words', nullable: true, merge: 'replace' });
const labels = mapping;

const pullPolicy: ScalarKind = {
  ...string,
  pattern: {
    test: /^(?:always|never|build|if_not_present|missing|refresh|daily|weekly|every_(?:[0-9]+[wdhms])+)$/,
    wanted: 'always, never, build, missing, daily, weekly or every_… such as `every_12h`',
  },
};

const exposed = {
  test: /^\d{1,5}(?:-\d{1,5})?(?:\/[a-zA-Z]+)?$/,
  wanted: 'a port or a range, such as `8080` or `8000-8010/udp`',
  only: 'warned' as const,
};

/** A number whose fraction docker compose drops. */
const truncated: ScalarKind = { ...integer, accepts: ['number', 'integer', 'string'] };
const onlyBoolean: ScalarKind = { is: 'boolean', accepts: ['boolean'] };

const serviceNetwork = object(
  'a network of a service',
  {
    aliases: set(),
    driver_opts: dict(stringOrNumber),
    gw_priority: integer,
    interface_name: string,
    ipv4_address: string,
    ipv6_address: string,
    link_local_ips: set(),
    mac_address: string,
    priority: integer,
  },
  { nullable: true },
);

const dependency = object(
  'a dependency',
  {
    condition: oneOf('service_started', 'service_healthy', 'service_completed_successfully'),
    restart: boolean,
    required: kept(onlyBoolean),
  },
  { required: ['condition'] },
);

const TESTS = ['NONE', 'CMD', 'CMD-SHELL'];

/** The first word of a test says how the rest is run. */
function checkTest(node: MapNode, { reporter, path }: ShortContext): MapNode {
  const test = child(node, 'test');
  const first = test?.kind === 'list' ? test.items[0] : undefined;
  if (first?.kind !== 'scalar' || first.broken || TESTS.includes(String(first.value))) return node;
  const message = `a health check begins with ${TESTS.map((word) => `\`${word}\``).join(', ')}, not \`${String(first.value)}\``;
  const hint = 'a single string is run by the shell';
  reporter.report({ rule: 'bad-healthcheck', message, hint, at: first, path: [...path, 'test'] });
  return node;
}

const healthcheck = object(
  'a health check',
  {
    test: list(handedOn(string), { line: 'health', merge: 'replace' }),
    timeout: duration,
    interval: duration,
    retries: { ...kept(truncated), range: COUNT },
    start_period: duration,
    start_interval: duration,
    disable: boolean,
  },
  { finish: checkTest },
);

const blkioRate = object('a device rate', { path: string, rate: wholeBytes }, { closed: true });
const blkioWeight = object('a device weight', { path: string, weight: integer }, { closed: true });
const blkio = object(
  'blkio_config',
  {
    weight: integer,
    weight_device: list(blkioWeight),
    device_read_bps: list(blkioRate),
    device_read_iops: list(blkioRate),
    device_write_bps: list(blkioRate),
    device_write_iops: list(blkioRate),
  },
  { closed: true },
);

const port = object(
  'a port',
  {
    name: string,
    mode: string,
    host_ip: string,
    target: integer,
    published: stringOrNumber,
    protocol: string,
    app_protocol: string,
  },
  { short: expandPort, accepts: ['string', 'integer', 'number'], finish: finishPort },
);

const volume = object(
  'a volume of a service',
  {
    type: oneOf('bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image'),
    source: string,
    target: string,
    read_only: boolean,
    consistency: string,
    bind: object('bind options', {
      selinux: oneOf('z', 'Z'),
      propagation: string,
      create_host_path: boolean,
      recursive: oneOf('enabled', 'disabled', 'writable', 'readonly'),
    }),
    volume: object('volume options', { labels, nocopy: boolean, subpath: string }),
    tmpfs: object('tmpfs options', {
      size: { ...wholeBytes, range: COUNT },
      mode: { ...integer, accepts: ['integer', 'number'] },
    }),
    image: object('image options', { subpath: string }),
  },
  { required: ['type'], short: expandVolume, accepts: ['string'], finish: finishVolume },
);

const device = object(
  'a device',
  { source: string, target: string, permissions: string },
  { required: ['source'], short: expandDevice, accepts: ['string'], finish: needsTarget },
);

const envFile = object(
  'an env_file',
  { path: file, required: kept(boolean), format: string },
  {
    required: ['path'],
    closed: true,
    accepts: ['string'],
    short: (node) => expandLink({ path: node, required: scalar(true, node) }, node),
    finish: requiredUnlessSaid,
  },
);

const watch = object(
  'a watch rule',
  {
    path: file,
    action: oneOf('rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec'),
    target: string,
    exec: hook,
    include: set(string, { single: true }),
    ignore: set(string, { single: true }),
    initial_sync: onlyBoolean,
  },
  { required: ['path', 'action'] },
);

export const service = object('a service', {
  profiles: set(),
  annotations: mapping,
  attach: kept(boolean),
  build,
  develop: object('develop', { watch: list(watch) }, { nullable: true }),
  blkio_config: blkio,
  cap_add: set(),
  cap_drop: set(),
  cgroup_parent: string,
  cgroup: oneOf('host', 'private'),
  cpu_count: { ...integer, range: COUNT },
  cpu_percent: { ...integer, range: [0, 100] },
  cpu_period: truncated,
  cpu_quota: truncated,
  cpu_rt_period: truncated,
  cpu_rt_runtime: truncated,
  cpus: number,
  cpuset: string,
  cpu_shares: truncated,
  command,
  configs: list(fileReference(''), { identity: (item) => textAt(item, 'target') || `/${textAt(item, 'source')}` }),
  container_name: {
    ...string,
    pattern: {
      test: /[a-zA-Z0-9][a-zA-Z0-9_.-]+/,
      wanted: 'a letter or digit, then letters, digits, `_`, `.` or `-`',
    },
  },
  credential_spec: object('a credential spec', { config: string, file: string, registry: string }),
  depends_on: dict(dependency, {
    fromList: 'names',
    repeats: 'refused',
    keys: USER_KEY,
    nameValue: (at) => expandLink({ condition: scalar('service_started', at), required: scalar(true, at) }, at),
  }),
  deploy,
  device_cgroup_rules: strictSet(),
  devices: list(device, { identity: mountIdentity }),
  dns: set(string, { single: true, empty: 'dropped' }),
  dns_opt: set(),
  dns_search: set(string, { single: true }),
  domainname: string,
  entrypoint: command,
  provider: object(
    'a provider',
    { type: string, options: dict(list(anyText, { single: true })) },
    { required: ['type'] },
  ),
  environment: variables,
  env_file: list(envFile, { single: true, identity: envFileIdentity }),
  expose: set({ ...stringOrNumber, accepts: ['string', 'integer'], pattern: exposed }),
  extends: object(
    'extends',
    { service: string, file: { ...string } },
    { required: ['service'], closed: true, accepts: ['string'], short: (node) => expandLink({ service: node }, node) },
  ),
  external_links: strictSet(),
  extra_hosts: hosts,
  group_add: strictSet(stringOrNumber),
  gpus: deviceRequests('all'),
  hostname: string,
  healthcheck,
  image: string,
  init: kept(boolean),
  ipc: string,
  isolation: string,
  labels,
  label_file: list(file, { single: true }),
  links: set(),
  logging: object(
    'logging',
    {
      driver: string,
      options: dict(handedOn({ ...anyText, accepts: ['string', 'number', 'integer', 'null'] }), { nulls: 'empty' }),
    },
    { merge: 'same-driver' },
  ),
  mem_limit: bytes,
  mem_reservation: wholeBytes,
  memswap_limit: bytes,
  mem_swappiness: wholeBytes,
  mac_address: string,
  models: dict(object('a model of a service', { endpoint_var: string, model_var: string }, { nullable: true }), {
    fromList: 'names',
    keys: USER_KEY,
    nameValue: (at) => scalar(null, at),
  }),
  network_mode: string,
  networks: dict(serviceNetwork, {
    fromList: 'names',
    repeats: 'refused',
    keys: USER_KEY,
    nameValue: (at) => scalar(null, at),
  }),
  oom_kill_disable: boolean,
  oom_score_adj: { ...integer, range: [-1000, 1000] },
  pid: stringOrNull,
  pids_limit: truncated,
  platform: string,
  ports: list(port, { identity: portIdentity }),
  privileged: boolean,
  pull_policy: pullPolicy,
  pull_refresh_after: string,
  read_only: boolean,
  restart: string,
  runtime: string,
  scale: { ...kept(integer), range: COUNT },
  secrets: list(fileReference('/run/secrets/'), {
    identity: (item) => textAt(item, 'target') || `/run/secrets/${textAt(item, 'source')}`,
  }),
  security_opt: strictSet(),
  shm_size: bytes,
  stdin_open: boolean,
  stop_grace_period: duration,
  stop_signal: string,
  storage_opt: dict(anyText, { nulls: 'empty' }),
  sysctls: mapping,
  tmpfs: set(string, { single: true }),
  tty: boolean,
  ulimits,
  use_api_socket: onlyBoolean,
  user: string,
  userns_mode: string,
  uts: string,
  volumes: list(volume, { identity: mountIdentity }),
  volumes_from: strictSet(),
  working_dir: string,
  post_start: list(hook),
  pre_stop: list(hook),
});
