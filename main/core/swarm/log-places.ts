import { toKey } from './names.ts';
import type { ObservedService, ObservedStack, SeenTask, SwarmNode } from './observed.ts';

/* Where the lines of a service's log come from, and which cannot come. Pure. */

export interface LogPlace {
  /** `web.2`; of a global service `web.n3`. */
  readonly task: string;
  /** The node's hostname, or the beginning of its id. */
  readonly node: string;
}

export interface LogPlaces {
  /** By the task's id. */
  readonly tasks: ReadonlyMap<string, LogPlace>;
  readonly nodes: ReadonlyMap<string, SwarmNode>;
  /** By the node's id: the names of the service's tasks that wrote there, as far as the Swarm remembers them. */
  readonly onNode: ReadonlyMap<string, readonly string[]>;
}

const nodeName = (nodes: ReadonlyMap<string, SwarmNode>, id: string): string =>
  nodes.get(id)?.hostname || id.slice(0, 12);

export function logPlaces({ stack, tasks, nodes }: ObservedStack, service: ObservedService): LogPlaces {
  const known = new Map(nodes.map((node) => [node.id, node]));
  const short = toKey(stack, service.name);
  const own = tasks.filter((task) => task.service === service.id);
  const nameOf = ({ slot, node = '' }: SeenTask): string =>
    `${short}.${slot === undefined || slot === 0 ? nodeName(known, node) : slot}`;
  const onNode = new Map<string, string[]>();
  for (const task of own) {
    if (task.node === undefined) continue;
    const names = onNode.get(task.node) ?? [];
    onNode.set(task.node, names.includes(nameOf(task)) ? names : [...names, nameOf(task)].sort());
  }
  return {
    tasks: new Map(own.map((task) => [task.id, { task: nameOf(task), node: nodeName(known, task.node ?? '') }])),
    nodes: known,
    onNode,
  };
}

export interface LogGap {
  readonly node: string;
  readonly tasks: readonly string[];
  /** ISO 8601: since when, as the Swarm noticed it. */
  readonly since?: string;
  readonly reason: string;
}

/** Nodes that the Swarm calls gone, with tasks of the service; by id. `silent`: ids of nodes that the engine heard nothing from. */
export function logGaps({ nodes, onNode }: LogPlaces, silent: readonly string[] = []): ReadonlyMap<string, LogGap> {
  const gaps = new Map<string, LogGap>();
  for (const [id, tasks] of onNode) {
    const node = nodes.get(id);
    // A leader that was just chosen calls all of them unknown until they report.
    const gone = node === undefined || node.state === 'down' || node.state === 'disconnected';
    if (!gone && !silent.includes(id)) continue;
    gaps.set(id, {
      node: nodeName(nodes, id),
      tasks,
      ...(gone && node?.changedAt ? { since: new Date(node.changedAt).toISOString() } : {}),
      reason: node === undefined ? 'the node has left the Swarm' : 'the node does not answer',
    });
  }
  return gaps;
}
