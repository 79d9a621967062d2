import type { Kind } from '../../../../main/core/compose/schema/kinds.ts';
import type { Sample } from './effects.ts';
import type { Key } from './keys.ts';

/* A small project for every key: once without it, once with it, and with whatever else the key needs to be valid. */

type Tree = Record<string, unknown>;

/** Values where the kind alone does not say what is valid, or where its usual value would change nothing. */
const values: Readonly<Record<string, unknown>> = {
  name: 'other',
  version: '3.8',
  include: ['inc.yaml'],
  'include[].path': ['inc.yaml', 'inc2.yaml'],
  'include[].env_file': ['inc.env'],
  'include[].project_directory': 'sub',
  'services.*.annotations': { a: 'b' },
  'services.*.attach': false,
  'services.*.build': './ctx',
  'services.*.build.context': './other',
  'services.*.build.secrets': ['s'],
  'services.*.build.secrets[].source': 's2',
  'services.*.build.secrets[].mode': '0400',
  'services.*.build.ssh': ['default'],
  'services.*.build.additional_contexts': { base: 'docker-image://example/base' },
  'services.*.build.extra_hosts': ['h:10.0.0.1'],
  'services.*.build.platforms': ['linux/amd64', 'linux/arm64'],
  'services.*.build.ulimits': { nofile: 5 },
  'services.*.build.dockerfile_inline': 'FROM x',
  'services.*.container_name': 'own-name',
  'services.*.configs': ['c'],
  'services.*.secrets': ['s'],
  'services.*.credential_spec': { file: 'f' },
  'services.*.depends_on': ['db'],
  'services.*.depends_on.*.condition': 'service_completed_successfully',
  'services.*.depends_on.*.required': false,
  'services.*.deploy.mode': 'global',
  'services.*.deploy.replicas': 2,
  'services.*.deploy.resources.limits.cpus': '0.5',
  'services.*.deploy.resources.reservations.cpus': '0.5',
  'services.*.deploy.resources.reservations.generic_resources': [{ discrete_resource_spec: { kind: 'ssd', value: 1 } }],
  'services.*.deploy.restart_policy.condition': 'on-failure',
  'services.*.deploy.labels': { l: '1' },
  'services.*.devices': ['/dev/a:/dev/b'],
  'services.*.devices[].source': '/dev/c',
  'services.*.devices[].target': '/dev/d',
  'services.*.devices[].permissions': 'r',
  'services.*.env_file': ['e.env'],
  'services.*.env_file[].path': 'raw.env',
  'services.*.env_file[].required': false,
  'services.*.env_file[].format': 'raw',
  'services.*.label_file': ['l.env'],
  'services.*.expose': ['81'],
  'services.*.extends': { service: 'db' },
  'services.*.extends.file': 'other.yaml',
  'services.*.extends.service': 'db',
  'services.*.external_links': ['x'],
  'services.*.extra_hosts': ['h:10.0.0.1'],
  'services.*.gpus': 'all',
  'services.*.gpus[].count': 2,
  'services.*.gpus[].device_ids': ['1'],
  'services.*.deploy.resources.reservations.devices': [{ capabilities: ['gpu'] }],
  'services.*.healthcheck.test': ['CMD', 'true'],
  'services.*.healthcheck.disable': true,
  'services.*.image': 'example/other',
  'services.*.ipc': 'host',
  'services.*.links': ['db'],
  'services.*.logging': { driver: 'none' },
  'services.*.models': ['m'],
  'services.*.network_mode': 'host',
  'services.*.networks': ['n'],
  'services.*.networks.*.ipv4_address': '10.0.0.2',
  'services.*.networks.*.ipv6_address': 'fd00::2',
  'services.*.networks.*.link_local_ips': ['169.254.0.1'],
  'services.*.mac_address': '02:42:ac:11:00:02',
  'services.*.networks.*.mac_address': '02:42:ac:11:00:02',
  'services.*.pid': 'host',
  'services.*.platform': 'linux/arm64',
  'services.*.ports': ['8080:80'],
  'services.*.ports[].target': 81,
  'services.*.ports[].published': '9090',
  'services.*.ports[].protocol': 'udp',
  'services.*.ports[].host_ip': '127.0.0.1',
  'services.*.ports[].mode': 'host',
  'services.*.profiles': ['debug'],
  'services.*.provider': { type: 't' },
  'services.*.provider.type': 'u',
  'services.*.pull_policy': 'never',
  'services.*.restart': 'always',
  'services.*.scale': 2,
  'services.*.security_opt': ['no-new-privileges'],
  'services.*.tmpfs': ['/t'],
  'services.*.ulimits': { nofile: 5 },
  'services.*.use_api_socket': true,
  'services.*.user': '1000',
  'services.*.volumes': ['vol:/v'],
  'services.*.volumes[].type': 'tmpfs',
  'services.*.volumes[].source': 'other',
  'services.*.volumes[].target': '/other',
  'services.*.volumes[].bind.create_host_path': true,
  'services.*.volumes[].bind.propagation': 'rshared',
  'services.*.volumes[].consistency': 'cached',
  'services.*.volumes[].bind.recursive': 'disabled',
  'services.*.volumes[].tmpfs.mode': 0o755,
  'services.*.volumes[].volume.labels': { l: '1' },
  'services.*.volumes_from': ['db'],
  'services.*.develop.watch': [{ path: './src', action: 'rebuild' }],
  'services.*.develop.watch[].action': 'restart',
  'services.*.develop.watch[].exec': { command: ['x'] },
  'services.*.develop.watch[].exec.command': ['y'],
  'services.*.post_start[].command': ['y'],
  'services.*.pre_stop[].command': ['y'],
  'services.*.post_start': [{ command: ['x'] }],
  'services.*.pre_stop': [{ command: ['x'] }],
  'services.*.secrets[].mode': '0400',
  'services.*.configs[].mode': '0400',
  'services.*.secrets[].source': 's2',
  'services.*.configs[].source': 'c2',
  services: { web: { image: 'example/web' }, more: { image: 'example/more' } },
  networks: { n: { driver: 'macvlan' } },
  'networks.*.external': true,
  'networks.*.external.name': 'x',
  'networks.*.enable_ipv4': false,
  'networks.*.ipam.config': [{ subnet: '10.0.0.0/24' }],
  'networks.*.ipam.config[].subnet': '10.0.0.0/16',
  'networks.*.ipam.config[].gateway': '10.0.0.1',
  'networks.*.ipam.config[].ip_range': '10.0.0.0/25',
  'networks.*.ipam.config[].aux_addresses': { h: '10.0.0.9' },
  volumes: { vol: { driver: 'd' } },
  'volumes.*.external': true,
  'volumes.*.external.name': 'x',
  'volumes.*.driver_opts': { o: '1' },
  secrets: { s: { file: './x' } },
  configs: { c: { file: './x' } },
  'secrets.*.file': './f',
  'secrets.*.environment': 'TOKEN',
  'configs.*.file': './f',
  'configs.*.environment': 'TOKEN',
  'configs.*.content': 'text',
  'secrets.*.external': true,
  'secrets.*.external.name': 'x',
  'configs.*.external': true,
  'configs.*.external.name': 'x',
  models: { m: { model: 'ai/other' } },
};

/** What has to stand beside a key for its object to be valid. */
const beside: Readonly<Record<string, Tree>> = {
  'include[]': { path: ['inc.yaml'] },
  'services.*': { image: 'example/web' },
  'services.*.build': { context: './ctx' },
  'services.*.build.secrets[]': { source: 's' },
  'services.*.build.ulimits.*': { soft: 1, hard: 2 },
  'services.*.blkio_config.weight_device[]': { path: '/dev/sda', weight: 10 },
  'services.*.configs[]': { source: 'c' },
  'services.*.secrets[]': { source: 's' },
  'services.*.depends_on.*': { condition: 'service_started' },
  'services.*.deploy.resources.reservations.devices[]': { capabilities: ['gpu'] },
  'services.*.deploy.resources.reservations.generic_resources[].discrete_resource_spec': { kind: 'ssd', value: 1 },
  'services.*.develop.watch[]': { path: './src', action: 'rebuild' },
  'services.*.develop.watch[].exec': { command: ['x'] },
  'services.*.devices[]': { source: '/dev/a', target: '/dev/b' },
  'services.*.env_file[]': { path: 'e.env' },
  'services.*.extends': { service: 'web2' },
  'services.*.gpus[]': { capabilities: ['gpu'] },
  'services.*.healthcheck': { test: ['CMD', 'false'] },
  'services.*.logging': { driver: 'json-file' },
  'services.*.ports[]': { target: 80, published: '8080' },
  'services.*.post_start[]': { command: ['x'] },
  'services.*.pre_stop[]': { command: ['x'] },
  'services.*.provider': { type: 't' },
  'services.*.ulimits.*': { soft: 1, hard: 2 },
  'services.*.volumes[]': { type: 'volume', source: 'vol', target: '/v' },
  'services.*.volumes[].bind': {},
  'networks.*.ipam.config[]': { subnet: '10.0.0.0/24' },
  'models.*': { model: 'ai/m' },
  'secrets.*': { file: './s' },
  'configs.*': { file: './c' },
};
for (const rate of ['device_read_bps', 'device_read_iops', 'device_write_bps', 'device_write_iops']) {
  Object.assign(beside, { [`services.*.blkio_config.${rate}[]`]: { path: '/dev/sda', rate: 10 } });
}

/** Names that stand for `*`. */
const names: Readonly<Record<string, string>> = {
  'services.*': 'web',
  'services.*.depends_on.*': 'db',
  'services.*.networks.*': 'n',
  'services.*.models.*': 'm',
  'services.*.ulimits.*': 'nofile',
  'services.*.build.ulimits.*': 'nofile',
  'networks.*': 'n',
  'volumes.*': 'vol',
  'secrets.*': 's',
  'configs.*': 'c',
  'models.*': 'm',
};

/** Keys that say what their object is: two of them exclude each other. */
const sources = ['file', 'environment', 'content', 'external'];

const byKind = (kind: Kind, path: string): unknown => {
  switch (kind.is) {
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return 7;
    case 'bytes':
      return kind.accepts.includes('string') ? '64m' : 64;
    case 'duration':
      return '7s';
    case 'mode':
      return '0400';
    case 'list':
      return [byKind(kind.item, `${path}[]`)];
    case 'dict':
      return { [names[`${path}.*`] ?? 'x']: byKind(kind.value, `${path}.*`) };
    case 'object':
      return beside[path] ?? firstKey(kind, path);
    default:
      return kind.oneOf?.[0] ?? 'x';
  }
};

function firstKey(kind: Extract<Kind, { is: 'object' }>, path: string): Tree {
  const [first] = kind.keys;
  if (first === undefined) return {};
  const own = `${path}.${first[0]}`;
  return { [first[0]]: values[own] ?? byKind(first[1], own) };
}

/** What everything is planned in: enough to refer to. */
const root = (path: string): Tree => ({
  name: 'docs',
  services: {
    web: { image: 'example/web', ...uses(path) },
    db: { image: 'example/db', hostname: 'from-db' },
    web2: { image: 'example/web2', hostname: 'from-web2' },
  },
  networks: { n: {} },
  volumes: { vol: {}, other: {} },
  secrets: { s: { file: './s' }, s2: { file: './s2' } },
  configs: { c: { file: './c' }, c2: { file: './c2' } },
  models: { m: { model: 'ai/m' } },
});

/** A network, volume, … counts only where a service has it. */
function uses(path: string): Tree {
  const [section = ''] = path.split('.');
  if (section === 'networks') return { networks: ['n'] };
  if (section === 'volumes') return { volumes: [`vol:/v`] };
  if (section === 'secrets') return { secrets: ['s'] };
  if (section === 'configs') return { configs: ['c'] };
  if (section === 'models') return { models: ['m'] };
  return {};
}

/** They are always there, for the sake of what refers to them; a sample of one changes it. */
const sections = ['networks', 'volumes', 'secrets', 'configs', 'models'];

export function sampleOf({ path, kind }: Key): Sample {
  const value = values[path] ?? byKind(kind, path);
  return { without: build(path, undefined), with: build(path, { value }) };
}

function build(path: string, given: { readonly value: unknown } | undefined): Tree {
  const document = structuredClone(root(path));
  const steps = path.split('.');
  let at: Tree = document;
  let so = '';
  for (const [index, step] of steps.entries()) {
    const last = index === steps.length - 1;
    const isItem = step.endsWith('[]');
    const key = isItem ? step.slice(0, -2) : step;
    const name = step === '*' ? (names[`${so}.*`] ?? 'x') : key;
    so = so === '' ? step : `${so}.${step}`;
    if (last) {
      if (sources.includes(key) && /^(secrets|configs)\.\*$/.test(so.slice(0, so.lastIndexOf('.')))) {
        for (const source of sources) if (given !== undefined || source !== 'file') delete at[source];
      }
      if (given === undefined && sections.includes(path)) continue;
      if (given === undefined) delete at[name];
      else at[name] = given.value;
      if (given === undefined && beside[so.slice(0, so.lastIndexOf('.'))]?.[name] !== undefined) {
        at[name] = beside[so.slice(0, so.lastIndexOf('.'))]?.[name];
      }
      continue;
    }
    const own: Tree = { ...(beside[so] ?? {}), ...forPath(so, path) };
    const before = at[name];
    const next: Tree = { ...own, ...(isItem || typeof before !== 'object' || before === null ? {} : (before as Tree)) };
    if (Array.isArray(before) && !isItem) at[name] = own;
    else at[name] = isItem ? [next] : next;
    at = isItem ? next : (at[name] as Tree);
  }
  return document;
}

/** Siblings that only some keys of an object need. */
function forPath(parent: string, path: string): Tree {
  const key = path.slice(parent.length + 1);
  if (parent === 'services.*.volumes[]') {
    if (key === 'bind.selinux') return { type: 'bind', source: '/b', target: '/b', bind: { create_host_path: true } };
    if (key.startsWith('bind')) return { type: 'bind', source: '/b', target: '/b' };
    if (key.startsWith('tmpfs')) return { type: 'tmpfs', source: undefined, target: '/t' };
    if (key.startsWith('image')) return { type: 'image', source: 'example/files', target: '/i' };
    if (key === 'type') return { source: undefined };
    if (key === 'consistency') return { volume: { nocopy: true } };
  }
  if (parent === 'services.*.networks' && key === '*.priority') return { default: {} };
  if (parent === 'services.*.depends_on.*' && key === 'required')
    return { condition: 'service_completed_successfully' };
  if (parent === 'services.*.env_file[]' && key === 'format') return { path: 'raw.env' };
  if (parent === 'services.*.deploy.restart_policy' && key !== 'condition') return { condition: 'on-failure' };
  if (
    /^(secrets|configs)\.\*$/.test(parent) &&
    (key.startsWith('external') || key === 'content' || key === 'environment')
  ) {
    return key.startsWith('external.') ? { file: undefined } : {};
  }
  return {};
}
