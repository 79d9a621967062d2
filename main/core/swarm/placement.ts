import type { Service } from '../compose/project.ts';
import type { ImagePlatform, SwarmNode } from './observed.ts';

/* Which nodes a service's tasks may go to. https://docs.docker.com/reference/cli/docker/service/create/#constraint */

const constraint = /^\s*([\w.-]+)\s*(==|!=)\s*(.*?)\s*$/;

/** `x86_64` and `amd64` are one architecture under two names, as Swarm has it. */
const archNames: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };
const toArch = (name: string): string => archNames[name] ?? name;

function attributeOf(node: SwarmNode, key: string): string | undefined {
  switch (key) {
    case 'node.id':
      return node.id;
    case 'node.hostname':
      return node.hostname;
    case 'node.role':
      return node.role;
    case 'node.platform.os':
      return node.os;
    case 'node.platform.arch':
      return toArch(node.arch);
    default:
      if (key.startsWith('node.labels.')) return node.labels[key.slice('node.labels.'.length)] ?? '';
      if (key.startsWith('engine.labels.')) return node.engineLabels[key.slice('engine.labels.'.length)] ?? '';
      return undefined;
  }
}

/** Case does not count; a constraint that is none fits nothing. */
function fitsConstraint(node: SwarmNode, text: string): boolean {
  const [, key = '', operator, wanted = ''] = constraint.exec(text) ?? [];
  const value = attributeOf(node, key);
  if (value === undefined) return false;
  const wish = key === 'node.platform.arch' ? toArch(wanted) : wanted;
  return (value.toLowerCase() === wish.toLowerCase()) === (operator === '==');
}

/** `linux/amd64` as docker's client has it: `arm` says too little to place by (swarmkit#2294). */
export function toImagePlatform(text: string): ImagePlatform {
  const [os = '', architecture = ''] = text.split('/');
  return architecture.toLowerCase() === 'arm' ? { OS: os } : { Architecture: architecture, OS: os };
}

export const constraintsOf = (service: Service): readonly string[] => service.deploy?.placement?.constraints ?? [];

/** Nodes that take tasks and fit the constraints. */
export const nodesFitting = (constraints: readonly string[], nodes: readonly SwarmNode[]): readonly SwarmNode[] =>
  nodes.filter(
    (node) =>
      node.state === 'ready' && node.availability === 'active' && constraints.every((one) => fitsConstraint(node, one)),
  );

/** The same of a service. */
export const eligibleNodes = (service: Service, nodes: readonly SwarmNode[]): readonly SwarmNode[] =>
  nodesFitting(constraintsOf(service), nodes);

/** How many tasks of the service a node could hold by its reservations, other tasks not counted. */
export function placesOn(service: Service, node: SwarmNode): number {
  const { cpus, memory } = service.deploy?.resources?.reservations ?? {};
  const byCpu =
    cpus === undefined || Number(cpus) === 0
      ? Number.POSITIVE_INFINITY
      : Math.floor(node.nanoCpus / (Number(cpus) * 1e9));
  const byMemory =
    memory === undefined || memory === 0 ? Number.POSITIVE_INFINITY : Math.floor(node.memoryBytes / memory);
  const hostPort = (service.ports ?? []).some(({ mode, published = '' }) => mode === 'host' && published !== '');
  const most = service.deploy?.placement?.max_replicas_per_node ?? 0;
  return Math.min(byCpu, byMemory, hostPort ? 1 : Number.POSITIVE_INFINITY, most > 0 ? most : Number.POSITIVE_INFINITY);
}
