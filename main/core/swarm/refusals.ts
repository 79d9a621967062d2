import type { Network, Project, Resources, Service, UpdateConfig } from '../compose/project.ts';
import type { Problem } from '../plan/problem.ts';
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

export function findRefused(service: Service, project: Project): readonly Problem[] {
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
  if (service.image !== undefined && !isImageReference(service.image)) {
    const hint = 'write REGISTRY/NAME:TAG; an unset variable leaves a part empty';
    say(['image'], `\`${service.image}\` names no image`, hint);
  }
  const { mode = '', replicas } = service.deploy ?? {};
  if (!modes.includes(mode)) say(['deploy', 'mode'], `there is no mode \`${mode}\``, oneOf(modes));
  if (mode.startsWith('global') && replicas !== undefined) {
    const hint = 'leave it out, or write `mode: replicated`';
    say(['deploy', 'replicas'], `${mode} runs once on each node, and takes no number of replicas`, hint);
  }
  const { endpoint_mode: endpoint = '' } = service.deploy ?? {};
  if (!endpoints.includes(endpoint.toLowerCase()))
    say(['deploy', 'endpoint_mode'], `there is no endpoint mode \`${endpoint}\``, oneOf(endpoints));
  const { isolation = '' } = service;
  if (!isolations.includes(isolation.toLowerCase()))
    say(['isolation'], `there is no isolation \`${isolation}\``, oneOf(isolations));
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
const endpoints = ['', 'vip', 'dnsrr'];
const conditions = ['', 'none', 'on-failure', 'any'];
const reactions = { update_config: ['', 'pause', 'continue', 'rollback'], rollback_config: ['', 'pause', 'continue'] };

function findInPolicies({ deploy = {} }: Service, say: Say): void {
  for (const key of ['update_config', 'rollback_config'] as const) {
    const config: UpdateConfig = deploy[key] ?? {};
    const { failure_action: reaction = '', max_failure_ratio: ratio = 0 } = config;
    if (!reactions[key].includes(reaction))
      say(['deploy', key, 'failure_action'], `there is no failure_action \`${reaction}\``, oneOf(reactions[key]));
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
    if (constraintKey.test(key.trim()) && constraintValue.test(value.trim())) continue;
    const hint = 'write KEY == VALUE or KEY != VALUE, such as node.role == manager';
    say(['deploy', 'placement', 'constraints', index], `\`${text}\` is no constraint`, hint);
  }
}

const local = new Set(['bridge', 'host', 'null', 'none', 'macvlan', 'ipvlan']);

/** A network that services are to be attached to, and that no Swarm would take. */
export function findRefusedNetwork(key: string, network: Network): readonly Problem[] {
  if (network.external === true || isOwnNetwork(network.name)) return [];
  const problem = (path: readonly string[], message: string, hint: string): Problem => ({
    severity: 'error',
    rule: 'swarm-refused',
    message: `network ${key}: ${message}`,
    hint,
    at: ['networks', key, ...path],
  });
  const { driver = '', name } = network;
  return [
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
