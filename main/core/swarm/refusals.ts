import type { Network, Project, Resources, Service, UpdateConfig } from '../compose/project.ts';
import { hasMark } from '../opaque.ts';
import type { Problem } from '../plan/problem.ts';
import { atLeastApi } from '../plan/resources.ts';
import { isImageReference } from '../registries/names.ts';
import { isOwnNetwork } from './convert.ts';
import { toScopedName } from './names.ts';
import { toNanoCpus } from './policies.ts';

/*
 * What an engine refuses when it is asked for a service or a network. docker stack hears of it one by one, after others were
 * made; here all of it is said before, with its place. Each rule was seen (20.10.24, CLI 28.5.2), or is moby's
 * daemon/cluster/convert and swarmkit's manager/controlapi.
 */

type Say = (path: readonly (string | number)[], message: string, hint: string) => void;

/** swarmkit: names of services and networks. */
const dnsName = /^[a-z0-9](?:[\w-]*[a-z0-9])?$/i;
const longestName = 63;

/** `apiVersion`: of the engine that is asked. */
export function findRefused(service: Service, project: Project, apiVersion: string): readonly Problem[] {
  const found: Problem[] = [];
  const say: Say = (path, message, hint) => {
    const text = `service ${service.name}: ${message}`;
    found.push({
      severity: 'error',
      rule: 'swarm-refused',
      message: text,
      hint,
      at: ['services', service.name, ...path],
    });
  };
  const name = toScopedName(project.name, service.name);
  if (!dnsName.test(name) || name.length > longestName) say([], `a Swarm takes no service called ${name}`, nameHint);
  // A value of the keychain is known when the step runs.
  if (service.image !== undefined && !hasMark(service.image) && !isImageReference(service.image)) {
    const hint = 'write REGISTRY/NAME:TAG; an unset variable leaves a part empty';
    say(['image'], `\`${service.image}\` names no image`, hint);
  }
  const { mode = '', replicas } = service.deploy ?? {};
  if (!modes.includes(mode)) say(['deploy', 'mode'], `there is no mode \`${mode}\``, oneOf(modes));
  if (mode.startsWith('global') && replicas !== undefined) {
    const hint = 'leave it out, or write `mode: replicated`';
    say(['deploy', 'replicas'], `${mode} runs once on each node, and takes no number of replicas`, hint);
  }
  const { endpoint_mode: endpoint = '', placement } = service.deploy ?? {};
  if ((placement?.max_replicas_per_node ?? 0) < 0)
    say(
      ['deploy', 'placement', 'max_replicas_per_node'],
      'max_replicas_per_node is negative',
      'write 0 for any number',
    );
  if (!endpoints.includes(endpoint.toLowerCase()))
    say(['deploy', 'endpoint_mode'], `there is no endpoint mode \`${endpoint}\``, oneOf(endpoints));
  const { isolation = '' } = service;
  if (!isolations.includes(isolation.toLowerCase()))
    say(['isolation'], `there is no isolation \`${isolation}\``, oneOf(isolations));
  const { restart = '', credential_spec: spec = {} } = service;
  if (!/^(?:no|always|unless-stopped|on-failure(?::\d+)?)?$/.test(restart))
    say(['restart'], `there is no restart policy \`${restart}\``, 'write deploy.restart_policy.condition');
  if (spec.file !== undefined && spec.registry !== undefined)
    say(['credential_spec'], 'has both a file and a registry key', 'leave one of them out');
  for (const [index, port] of (service.ports ?? []).entries())
    if (!publishing.includes(port.mode))
      say(['ports', index], `there is no mode \`${port.mode}\` of a port`, oneOf(publishing));
  findInMounts(service, say, apiVersion);
  findInHealthcheck(service, say);
  findInPolicies(service, say);
  findInResources(service, say);
  findInConstraints(service, say);
  return found;
}

const nameHint =
  'letters, digits, `-` and `_`, a letter or digit at both ends, and no more than 63 with the stack’s name';
const oneOf = (words: readonly string[]): string => `write ${words.filter((word) => word !== '').join(', ')}`;

const modes = ['', 'replicated', 'global', 'replicated-job', 'global-job'];
const isolations = ['', 'default', 'process', 'hyperv'];
const publishing = ['', 'ingress', 'host'];
const endpoints = ['', 'vip', 'dnsrr'];
const conditions = ['', 'none', 'on-failure', 'any'];
const reactions = ['', 'pause', 'continue', 'rollback'];

function findInPolicies({ deploy = {} }: Service, say: Say): void {
  for (const key of ['update_config', 'rollback_config'] as const) {
    const config: UpdateConfig = deploy[key] ?? {};
    const { failure_action: reaction = '', max_failure_ratio: ratio = 0 } = config;
    if (!reactions.includes(reaction))
      say(['deploy', key, 'failure_action'], `there is no failure_action \`${reaction}\``, oneOf(reactions));
    if (ratio < 0 || ratio > 1)
      say(['deploy', key, 'max_failure_ratio'], `${ratio} is no part of all tasks`, 'write 0 to 1: 0.25 is a quarter');
    findNegative(['deploy', key], { delay: config.delay, monitor: config.monitor }, say);
  }
  const { condition = '', delay, window } = deploy.restart_policy ?? {};
  if (!conditions.includes(condition))
    say(['deploy', 'restart_policy', 'condition'], `there is no condition \`${condition}\``, oneOf(conditions));
  findNegative(['deploy', 'restart_policy'], { delay, window }, say);
}

function findNegative(path: readonly string[], times: Readonly<Record<string, number | undefined>>, say: Say): void {
  for (const [key, time = 0] of Object.entries(times))
    if (time < 0) say([...path, key], `${key} is negative`, 'write a time such as 10s');
}

const propagations = ['', 'rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];
/** Options are of one type of mount; `data:/data:z` has one of another, which nobody minds. */
const optionKeys = ['bind', 'volume', 'tmpfs'] as const;

function findInMounts({ volumes = [] }: Service, say: Say, apiVersion: string): void {
  for (const [index, mount] of volumes.entries()) {
    const path = ['volumes', index];
    const { propagation = '' } = mount.bind ?? {};
    if (!propagations.includes(propagation))
      say([...path, 'bind', 'propagation'], `there is no propagation \`${propagation}\``, oneOf(propagations));
    for (const key of optionKeys) {
      const said = Object.entries(mount[key] ?? {}).some(
        ([name, value]) => name !== 'selinux' && value !== undefined && value !== false,
      );
      if (said && mount.type !== key && mount.type !== 'image')
        say(
          [...path, key],
          `a mount of the type ${mount.type} takes no ${key} options`,
          'leave them out, or write another type',
        );
    }
    if (mount.type === 'tmpfs' && (mount.source ?? '') !== '')
      say([...path, 'source'], 'a tmpfs comes from nowhere', 'leave `source` out');
    if ((mount.type === 'npipe' || mount.type === 'cluster') && (mount.source ?? '') === '')
      say(path, `a mount of the type ${mount.type} needs a source`, 'write `source`');
    if (mount.type === 'cluster' && !atLeastApi(apiVersion, 42))
      say([...path, 'type'], 'this engine has no cluster volumes', 'it takes Docker 23 or newer on each node');
  }
}

const leastPause = 1e6;

function findInHealthcheck({ healthcheck: check = {} }: Service, say: Say): void {
  for (const key of ['interval', 'timeout', 'start_period', 'start_interval'] as const) {
    const time = check[key] ?? 0;
    if (time !== 0 && time < leastPause)
      say(['healthcheck', key], `${key} is shorter than 1ms`, 'write a time such as 10s');
  }
}

const leastMemory = 4 * 1024 * 1024;
const leastCpus = 1e6;

function findInResources({ deploy }: Service, say: Say): void {
  for (const key of ['limits', 'reservations'] as const) {
    const { cpus, memory = 0 }: Resources = deploy?.resources?.[key] ?? {};
    const path = ['deploy', 'resources', key];
    if (memory !== 0 && memory < leastMemory)
      say([...path, 'memory'], `${memory} bytes are less than a Swarm takes`, 'write 4M or more');
    const nanos = cpus === undefined ? 0 : cpus.startsWith('-') ? -1 : toNanoCpus(cpus);
    if (nanos !== 0 && nanos < leastCpus)
      say([...path, 'cpus'], `${cpus} of a core is less than a Swarm takes`, 'write 0.001 or more');
  }
}

const constraintKey = /^[a-z_][a-z0-9\-_.]+$/i;
const constraintValue = /^[a-z0-9:\-_\s.*()?+[\]\\^$|/]+$/i;

/** swarmkit's own reading (manager/constraint): the first operator counts. */
function findInConstraints({ deploy }: Service, say: Say): void {
  for (const [index, text] of (deploy?.placement?.constraints ?? []).entries()) {
    const [, key = '', value = ''] = /^(.*?)(?:==|!=)(.*)$/s.exec(text) ?? [];
    if (hasMark(text) || (constraintKey.test(key.trim()) && constraintValue.test(value.trim()))) continue;
    const hint = 'write KEY == VALUE or KEY != VALUE, such as node.role == manager';
    say(['deploy', 'placement', 'constraints', index], `\`${text}\` is no constraint`, hint);
  }
}

const local = new Set(['bridge', 'host', 'null', 'none', 'macvlan', 'ipvlan']);

/** A network that services are to be attached to, and that no Swarm would take. */
export function findRefusedNetwork(key: string, network: Network): readonly Problem[] {
  const problem = (path: readonly string[], message: string, hint: string): Problem => ({
    severity: 'error',
    rule: 'swarm-refused',
    message: `network ${key}: ${message}`,
    hint,
    at: ['networks', key, ...path],
  });
  const { driver = '', name } = network;
  if (name === 'none' && network.external === true)
    return [
      problem(
        [],
        'a Swarm has no network `none`',
        'leave it out; a task without a network of its own has the default one',
      ),
    ];
  if (network.external === true || isOwnNetwork(name)) return [];
  const subnets = (network.ipam?.config ?? []).map(({ subnet = '' }) => subnet);
  return [
    ...subnets
      .filter((subnet) => subnet !== '' && !/^[\da-f.:]+\/\d{1,3}$/i.test(subnet))
      .map((subnet) => problem(['ipam'], `\`${subnet}\` is no subnet`, 'write one such as 10.20.0.0/24')),
    ...(local.has(driver)
      ? [
          problem(
            ['driver'],
            `${driver} connects the containers of one machine alone`,
            'leave `driver` out: a Swarm uses overlay',
          ),
        ]
      : []),
    ...(dnsName.test(name) && name.length <= longestName
      ? []
      : [problem([], `a Swarm takes no network called ${name}`, nameHint)]),
  ];
}
