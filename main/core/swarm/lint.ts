import type { Project, Service } from '../compose/project.ts';
import { marksIn, sourceText } from '../opaque.ts';
import type { Problem } from '../plan/problem.ts';
import { looksSecret } from '../secrecy/judge.ts';
import { secretAdvice } from '../secret-files.ts';
import { isOwnNetwork, type StackSpecs } from './convert.ts';
import { stackImageLabel, stackLabel, toScopedName } from './names.ts';
import type { ObservedStack, SwarmNode } from './observed.ts';
import { constraintsOf, eligibleNodes, placesOn } from './placement.ts';
import { labelsOf } from './spec-image.ts';

export interface LintInput {
  readonly project: Project;
  readonly specs: StackSpecs;
  readonly observed: ObservedStack;
}

/** What a stack's file would lose, break or never get on this Swarm; keys that Swarm does not know are findings.ts's. */
export function lintStack({ project, specs, observed }: LintInput): readonly Problem[] {
  const services = [...project.services.values()];
  return [
    ...lintObjects(specs, observed),
    ...lintNodes(observed.nodes),
    ...lintPorts(project, observed),
    ...services.flatMap((service) => {
      const nodes = eligibleNodes(service, observed.nodes);
      return [
        ...lintPlacement(service, nodes, observed.nodes),
        ...lintData(project, service, nodes),
        ...lintImage(service, nodes, observed),
        ...lintEnvironment(service),
        ...lintUpdate(service),
      ];
    }),
  ];
}

type Say = (
  severity: Problem['severity'],
  rule: string,
  message: string,
  hint: string,
  path?: readonly (string | number)[],
) => Problem;
const about =
  (service: Service): Say =>
  (severity, rule, message, hint, path = []) => ({
    severity,
    rule,
    message: `service ${service.name}: ${message}`,
    hint,
    at: ['services', service.name, ...path],
  });

function lintObjects(specs: StackSpecs, observed: ObservedStack): readonly Problem[] {
  const found: Problem[] = [];
  for (const { key, name, external } of specs.networks) {
    if (isOwnNetwork(name)) continue;
    const there = observed.networks.filter((one) => one.name === name);
    const swarm = there.find(({ scope }) => scope === 'swarm');
    const say = (message: string, hint: string): void => {
      found.push({
        severity: 'error',
        rule: 'swarm-network',
        message: `network ${key}: ${message}`,
        hint,
        at: ['networks', key],
      });
    };
    if (external && there.length === 0) say(`there is no network ${name}`, `docker network create -d overlay ${name}`);
    else if (external && swarm === undefined)
      say(`${name} is a network of this engine alone`, 'services of a Swarm need an overlay network');
    else if (!external && swarm !== undefined && swarm.labels[stackLabel] !== specs.stack) {
      const owner = swarm.labels[stackLabel];
      say(
        `${name} is there already, of ${owner === undefined ? 'somebody else' : `the stack ${owner}`}`,
        'choose another name, or name it as external',
      );
    }
  }
  for (const kind of ['secrets', 'configs'] as const) {
    const missing = specs[kind].filter(
      ({ external, name }) => external && !observed[kind].some((one) => one.name === name),
    );
    const singular = kind.slice(0, -1);
    for (const { key, name } of missing) {
      const message = `${singular} ${key}: the Swarm has no ${singular} ${name}`;
      found.push({
        severity: 'error',
        rule: 'swarm-missing',
        message,
        hint: `docker ${singular} create ${name} FILE`,
        at: [kind, key],
      });
    }
  }
  return found;
}

/** A published port belongs to the whole Swarm (ingress), or to each node that runs a task (host). */
function lintPorts(project: Project, observed: ObservedStack): readonly Problem[] {
  const found: Problem[] = [];
  const taken = new Map<string, string>();
  const own = new Set([...project.services.keys()].map((key) => toScopedName(project.name, key)));
  for (const { port, protocol, mode, service } of observed.ports) {
    if (mode === 'ingress' && !own.has(service)) taken.set(`${port}/${protocol}`, service);
  }
  for (const service of project.services.values()) {
    const say = about(service);
    for (const [index, { mode, published = '', protocol }] of (service.ports ?? []).entries()) {
      const ingress = mode !== 'host';
      if (ingress && service.deploy?.endpoint_mode === 'dnsrr') {
        const hint = 'write `mode: host` for the port, or leave endpoint_mode out';
        found.push(
          say(
            'error',
            'swarm-port',
            'a service without a virtual IP (dnsrr) cannot publish a port through the mesh',
            hint,
            ['ports', index],
          ),
        );
      }
      const place = `${published}/${protocol}`;
      const holder = published === '' || !ingress ? undefined : taken.get(place);
      if (holder !== undefined) {
        found.push(
          say(
            'error',
            'swarm-port-taken',
            `port ${place} is published by the service ${holder}`,
            'publish another port',
            ['ports', index],
          ),
        );
      }
      if (ingress && published !== '') taken.set(place, service.name);
    }
  }
  return found;
}

function lintPlacement(service: Service, nodes: readonly SwarmNode[], all: readonly SwarmNode[]): readonly Problem[] {
  const say = about(service);
  const constraints = constraintsOf(service);
  const path = ['deploy', 'placement'];
  if (nodes.length === 0) {
    const why =
      constraints.length === 0
        ? 'no node is ready for tasks'
        : `no node of ${all.length} that is ready fits ${constraints.join(', ')}`;
    return [
      say(
        'warning',
        'swarm-placement',
        why,
        '`docker node ls` shows the nodes; `docker node update --label-add` gives one a label',
        path,
      ),
    ];
  }
  const found: Problem[] = [];
  const wanted = service.deploy?.replicas ?? service.scale ?? 1;
  const places = nodes.reduce((sum, node) => sum + placesOn(service, node), 0);
  if (service.deploy?.mode !== 'global' && places < wanted) {
    const message = `${wanted} replicas do not fit: the ${nodes.length} nodes that may run it have room for ${places}`;
    found.push(
      say('warning', 'swarm-room', message, 'fewer replicas, smaller reservations, or more nodes', ['deploy']),
    );
  }
  const archs = [...new Set(nodes.map(({ os, arch }) => `${os}/${arch}`))];
  if (archs.length > 1) {
    const hint =
      'constrain it: deploy.placement.constraints: ["node.platform.arch == x86_64"], unless its image is for all of them';
    found.push(say('warning', 'swarm-mixed', `its nodes are of different kinds: ${archs.join(', ')}`, hint, path));
  }
  return found;
}

/** Where every engine has its own socket, unless somebody moved it. */
const isEngineSocket = (path: string | undefined): boolean => /^(?:\/var)?\/run\/docker\.sock$/.test(path ?? '');

const shared = /nfs|cifs|smb|ceph|gluster/i;

/** Data that would be on another node after the next failure, or never were on this one. */
function lintData(project: Project, service: Service, nodes: readonly SwarmNode[]): readonly Problem[] {
  if (nodes.length < 2) return [];
  const say = about(service);
  const fix =
    'pin it: deploy.placement.constraints: ["node.hostname == NAME"], or use a volume driver that all nodes share';
  return (service.volumes ?? []).flatMap((mount, index): readonly Problem[] => {
    const path = ['volumes', index];
    if (mount.type === 'bind') {
      if (isEngineSocket(mount.source)) return [];
      const message = `${mount.source ?? ''} must be on each of the ${nodes.length} nodes that may run it`;
      return [
        say(
          'warning',
          'swarm-bind',
          message,
          'use a config or a volume, or pin the service to the node that has it',
          path,
        ),
      ];
    }
    if (mount.type !== 'volume' || mount.source === undefined || mount.read_only === true) return [];
    const volume = project.volumes.get(mount.source);
    const { driver = 'local', driver_opts: options } = volume ?? {};
    if (driver !== 'local' || shared.test(`${options?.get('type') ?? ''} ${options?.get('o') ?? ''}`)) return [];
    const message = `volume ${mount.source} exists once on each of the ${nodes.length} nodes that may run it: after a move its data are gone`;
    return [say('warning', 'swarm-stateful', message, fix, path)];
  });
}

function lintImage(service: Service, nodes: readonly SwarmNode[], observed: ObservedStack): readonly Problem[] {
  const { image } = service;
  if (image === undefined || observed.digests[image] !== undefined || image.includes('@sha256:')) return [];
  const running = observed.services.find(({ name }) => name === toScopedName(observed.stack, service.name));
  // It came from somewhere, and runs.
  if (labelsOf(running?.spec)[stackImageLabel] === image) return [];
  const say = about(service);
  const here = observed.localImages.includes(image);
  if (here && nodes.length < 2 && observed.nodes.length < 2) return [];
  const denied = observed.denied?.[image];
  if (denied !== undefined) {
    // Without it here nothing shows that any node has it: tasks would end with `No such image`, which explains nothing.
    const hint = `${denied.hint ?? ''} Where every node has it already: --resolve-image never.`.trim();
    return [say(here ? 'warning' : 'error', 'image-denied', denied.message, hint, ['image'])];
  }
  // It comes to the nodes that lack it, or the plan warns: push-images.ts, node-images.ts.
  if (here) return [];
  const hint = 'build or load it here and deploy with --registry, or push it to a registry that every node reaches';
  if (observed.absentImages?.includes(image) === true && nodes.some(({ id }) => id === observed.node)) {
    const message = `its registry has no ${image}, and this node, which may run it, does not have it either`;
    return [say('error', 'swarm-image', message, `${hint}; --resolve-image never deploys it by name`, ['image'])];
  }
  const message = `no registry that answers has ${image}, and this node does not have it either: its nodes are asked before anything changes`;
  return [say('warning', 'swarm-image', message, hint, ['image'])];
}

function lintEnvironment(service: Service): readonly Problem[] {
  const say = about(service);
  return [...(service.environment ?? [])].flatMap(([key, value]): readonly Problem[] => {
    if (value === null || value === '') return [];
    const path = ['environment', key];
    const hint = secretAdvice(service.image ?? '', key);
    const [mark] = marksIn(value);
    if (mark !== undefined) {
      const message = `${key} is ${sourceText(mark.source)}; in environment everybody who can look at the service reads it`;
      return [say('warning', 'swarm-plain-secret', message, hint, path)];
    }
    if (/_FILE$/.test(key) || value.startsWith('/run/secrets/') || !looksSecret(`environment.${key}`, value)) return [];
    return [
      say('warning', 'swarm-plain-secret', `${key} looks like a secret, and is plain text in the service`, hint, path),
    ];
  });
}

/**
 * Without a pause Swarm takes up the next tasks as soon as the ones before have come up or failed, and which of the two it looks at
 * first is chance (slots and failures are cases of one select in swarmkit's updater.go; seen on 20.10, two of four times): it then
 * stops old ones although the new ones do not start. With `start-first` the old ones stay in any case.
 */
function lintUpdate(service: Service): readonly Problem[] {
  const { update_config: update = {}, replicas = 1 } = service.deploy ?? {};
  const careful = update.failure_action === 'pause' || update.failure_action === 'rollback';
  const { parallelism = 1, delay = 0 } = update;
  if (!careful || update.order === 'start-first' || delay > 0 || parallelism === 0 || replicas <= parallelism)
    return [];
  const message = `an update may stop more than ${parallelism} of ${replicas} tasks before Swarm notices that the first new ones fail: there is no pause between them`;
  const hint = 'write `delay: 2s` beside it (without a health check as long as `monitor`), or `order: start-first`';
  return [about(service)('warning', 'swarm-update-pause', message, hint, ['deploy', 'update_config'])];
}

/** Engines of different releases, which one stack may not run on alike. */
function lintNodes(nodes: readonly SwarmNode[]): readonly Problem[] {
  const releases = [
    ...new Set(nodes.map(({ engineVersion }) => engineVersion.split('.').slice(0, 2).join('.'))),
  ].sort();
  if (releases.length < 2) return [];
  const message = `the nodes run different releases of the engine: ${releases.join(', ')}`;
  return [
    {
      severity: 'warning',
      rule: 'swarm-mixed',
      message,
      hint: 'bring them to one release; the oldest decides what works everywhere',
    },
  ];
}
