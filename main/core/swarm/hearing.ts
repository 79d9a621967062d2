/*
 * Which machines answer the others. A Swarm's manager calls a node down after three missed heartbeats: 15 s and more unless its
 * heartbeat was made shorter, and after an election only once the new leader has waited for it, too. The engines' gossip (port
 * 7946) knows after 5 to 7 s, on every engine, without a leader. Seen on 20.10: a node that comes back is heard by the gossip up
 * to a minute later than by the manager, so silence counts only where it is newer than what the manager says. Pure.
 */

/** Addresses of the machines that an engine hears; undefined: it cannot tell. */
export type Heard = readonly string[] | undefined;

/** A node as its Swarm knows it. */
interface Known {
  readonly id: string;
  readonly address?: string;
  readonly state: string;
  readonly changedAt?: number;
}

/** What was noticed so far of one engine's Swarm. */
export interface Hearing {
  /** Ids of the nodes that were heard at the last look. */
  readonly heard: ReadonlySet<string>;
  /** Those that were not: since when, and what the Swarm said last of them then. */
  readonly missing: ReadonlyMap<string, Missing>;
}
interface Missing {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly changedAt: number;
  /** It was heard before. */
  readonly witnessed: boolean;
}

const rejoining = 75_000;
/** A Swarm with the usual heartbeat has noticed by then: that it says ready now means that only the gossip is broken. */
const patience = 30_000;

/** What is known after another look. */
export function listen(before: Hearing | undefined, nodes: readonly Known[], heard: Heard, now: number): Hearing {
  if (heard === undefined) return before ?? { heard: new Set(), missing: new Map() };
  const addresses = new Set(heard);
  const missing = new Map<string, Missing>();
  const isMissing = ({ address }: Known): boolean => address !== undefined && !addresses.has(address);
  for (const node of nodes) {
    const { id, changedAt = 0 } = node;
    if (!isMissing(node)) continue;
    const found = before?.missing.get(id);
    missing.set(id, found ?? { since: now, changedAt, witnessed: before?.heard.has(id) === true });
  }
  return { heard: new Set(nodes.flatMap((node) => (isMissing(node) ? [] : [node.id]))), missing };
}

/** Whether the machine does not answer, although the Swarm has not called it down. */
export function isSilent({ missing }: Hearing, node: Known, now: number): boolean {
  const found = missing.get(node.id);
  if (found === undefined) return false;
  // A leader that was just chosen calls everybody that, until they report.
  if (node.state === 'unknown') return true;
  if (node.state !== 'ready' || (node.changedAt ?? 0) !== found.changedAt) return false;
  return now - found.since < patience && (found.witnessed || now - found.changedAt > rejoining);
}

/** The node as it is known to be. */
export const asHeard = <T extends Known & { readonly message: string }>(hearing: Hearing, node: T, now: number): T =>
  isSilent(hearing, node, now) ? { ...node, state: 'disconnected', message: silentText } : node;

/** The same for somebody who looks once. */
export const asHeardNow = <T extends Known>(nodes: readonly T[], heard: Heard, now: number): readonly T[] => {
  const hearing = listen(undefined, nodes, heard, now);
  return nodes.map((node) => (isSilent(hearing, node, now) ? { ...node, state: 'disconnected' } : node));
};

export const silentText = 'It does not answer the other machines (port 7946); Swarm itself notices later.';
