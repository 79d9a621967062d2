import type { Problem } from '../plan/problem.ts';
import { toKey } from './names.ts';
import type { ObservedStack } from './observed.ts';

/*
 * Which published ports should answer on which node, and what it means where they do not. A port of mode `ingress` belongs to every
 * node: the mesh brings what comes in to a task, wherever that runs. One of mode `host` belongs to nodes with a task.
 * https://docs.docker.com/engine/swarm/ingress/
 */

export interface PortNode {
  readonly id: string;
  readonly node: string;
  /** How the Swarm knows it. */
  readonly address: string;
}

export interface PublishedPort {
  /** By its key in the file. */
  readonly service: string;
  readonly published: number;
  readonly target: number;
  readonly protocol: string;
  readonly mode: 'ingress' | 'host';
  /** Where it should answer; none while no task runs. */
  readonly nodes: readonly PortNode[];
  /** Tasks that run. */
  readonly tasks: number;
}

export function publishedPorts({ stack, services, tasks, nodes, ports }: ObservedStack): readonly PublishedPort[] {
  const places = new Map(
    nodes.map((node): [string, PortNode] => [
      node.id,
      { id: node.id, node: node.hostname, address: node.address ?? '' },
    ]),
  );
  const sorted = (list: readonly PortNode[]): readonly PortNode[] =>
    [...list].sort((a, b) => a.node.localeCompare(b.node, 'en'));
  const ready = sorted(nodes.filter(({ state }) => state === 'ready').flatMap(({ id }) => places.get(id) ?? []));
  return services.flatMap((service): readonly PublishedPort[] => {
    const key = toKey(stack, service.name);
    const running = tasks.filter((task) => task.service === service.id && task.state === 'running');
    const mesh = ports
      .filter((one) => one.service === service.name && one.mode === 'ingress')
      .map(
        ({ port, target = 0, protocol }): PublishedPort => ({
          service: key,
          published: port,
          target,
          protocol,
          mode: 'ingress',
          nodes: running.length === 0 ? [] : ready,
          tasks: running.length,
        }),
      );
    const host = new Map<string, PublishedPort>();
    for (const { node = '', ports: own = [] } of running) {
      const place = places.get(node);
      if (place === undefined) continue;
      for (const { published, target, protocol } of own) {
        const id = `${published}/${protocol}`;
        const before = host.get(id) ?? { service: key, published, target, protocol, mode: 'host', nodes: [], tasks: 0 };
        host.set(id, { ...before, nodes: sorted([...before.nodes, place]), tasks: before.tasks + 1 });
      }
    }
    return [...mesh, ...host.values()].sort((a, b) => a.published - b.published);
  });
}

/**
 * `partly`: some tries went through; `unreachable`: nothing at all of that node answers this machine, which says nothing about the
 * port; `untried`: it is not TCP, or the node's address means nothing here.
 */
export type PortAnswer = 'yes' | 'partly' | 'refused' | 'silent' | 'unreachable' | 'untried';
export type TriedPort = Omit<PublishedPort, 'nodes'> & {
  readonly nodes: readonly (PortNode & { readonly answer: PortAnswer })[];
};
/** Whether a node's kernel has IPVS; by node id, of those that could be asked. */
export type MeshKernels = ReadonlyMap<string, 'yes' | 'no' | 'unknown'>;

const fails = (answer: PortAnswer): boolean => answer === 'refused' || answer === 'silent' || answer === 'partly';
const names = (nodes: readonly { readonly node: string }[]): string => nodes.map(({ node }) => node).join(', ');
const instead = 'or publish with mode: host (and endpoint_mode: dnsrr), and go to the nodes that run a task';
const between = 'let nodes reach each other on 7946/tcp, 7946/udp and 4789/udp';

/** What is wrong with ports that were tried, and what to do; nothing where all answer. */
export function portFindings(ports: readonly TriedPort[], kernels: MeshKernels): readonly Problem[] {
  const lacking = new Set([...kernels].flatMap(([id, has]) => (has === 'no' ? [id] : [])));
  const found: Problem[] = [];
  const blind = ports.flatMap(({ mode, nodes }) =>
    mode === 'ingress' ? nodes.filter(({ id, answer }) => fails(answer) && lacking.has(id)) : [],
  );
  if (blind.length > 0) {
    const nodes = [...new Map(blind.map((one) => [one.id, one])).values()];
    const shown = ports.filter((port) => port.mode === 'ingress' && port.nodes.some(({ id }) => lacking.has(id)));
    found.push({
      severity: 'warning',
      rule: 'swarm-mesh',
      message: `the mesh does not answer on ${names(nodes)}: the kernel there has no IPVS, so ${shown.map(({ published }) => published).join(', ')} and the virtual IPs of services lead nowhere`,
      hint: `load the kernel’s module ip_vs on these nodes (modprobe ip_vs; a small virtual machine may need another kernel), ${instead}`,
    });
  }
  for (const port of ports) {
    const { mode, service, published, target, nodes, tasks } = port;
    const bad = nodes.filter(({ id, answer }) => fails(answer) && !(mode === 'ingress' && lacking.has(id)));
    if (bad.length === 0) continue;
    const good = nodes.filter(({ answer }) => answer === 'yes');
    const at: Problem['at'] = ['services', service, 'ports'];
    const base = { severity: 'warning', at } as const;
    const does = bad.every(({ answer }) => answer === 'partly') ? 'answers only now and then' : 'does not answer';
    if (mode === 'host') {
      found.push({
        ...base,
        rule: 'swarm-port-silent',
        message: `service ${service}: port ${published} does not answer on ${names(bad)}, where a task runs`,
        hint: `does it listen on ${target}, on all addresses of its container? And does a firewall let ${published}/tcp through?`,
      });
    } else if (good.length > 0 || does !== 'does not answer') {
      found.push({
        ...base,
        rule: 'swarm-mesh',
        message: `service ${service}: the mesh ${does} at ${published} on ${names(bad)}${good.length === 0 ? '' : `, and does on ${names(good)}`}`,
        hint: `${between}, and see that each has the kernel’s module ip_vs; ${instead}`,
      });
    } else {
      found.push({
        ...base,
        rule: 'swarm-mesh',
        message: `service ${service}: port ${published} does not answer on any node (${names(bad)}), though ${tasks} of its tasks ${tasks === 1 ? 'runs' : 'run'}`,
        hint: `does it listen on ${target}, on all addresses of its container? If it does, it is the mesh: ${between}, and load the kernel’s module ip_vs; ${instead}`,
      });
    }
  }
  return found;
}

/** `on every node`, `on n2`; with what came of trying them, where they were tried. */
export function portPlaces({ mode, nodes, tasks }: PublishedPort | TriedPort): string {
  if (tasks === 0) return 'nowhere: no task runs';
  const tried = nodes.flatMap((one) => ('answer' in one ? [one] : []));
  if (tried.length === 0) return mode === 'ingress' ? 'on every node' : `on ${names(nodes)}`;
  const said: Readonly<Record<PortAnswer, string>> = {
    yes: 'answers on',
    partly: 'answers now and then on',
    refused: 'refused on',
    silent: 'silent on',
    unreachable: 'out of reach:',
    untried: 'not tried on',
  };
  return (Object.keys(said) as PortAnswer[])
    .flatMap((answer) => {
      const there = tried.filter((one) => one.answer === answer);
      return there.length === 0 ? [] : [`${said[answer]} ${names(there)}`];
    })
    .join('; ');
}
