import type { AppError } from '../../../preload/contract/errors.ts';
import { hostOf } from './addresses.ts';
import type { Heard } from './hearing.ts';

/*
 * How many managers may go: Raft needs more than half of them.
 * https://docs.docker.com/engine/swarm/admin_guide/#add-manager-nodes-for-fault-tolerance
 */

export interface Quorum {
  readonly managers: number;
  readonly reachable: number;
  /** So many have to answer. */
  readonly needed: number;
  /** So many of those that answer may go before nothing can be changed any more. */
  readonly spare: number;
  readonly state: 'lost' | 'at-risk' | 'ok';
}

export function toQuorum(managers: readonly { readonly reachable: boolean }[]): Quorum {
  const reachable = managers.filter((manager) => manager.reachable).length;
  const needed = Math.floor(managers.length / 2) + 1;
  const spare = reachable - needed;
  const state = spare < 0 ? 'lost' : spare === 0 && managers.length > 1 ? 'at-risk' : 'ok';
  return { managers: managers.length, reachable, needed, spare, state };
}

const bringBack = 'Bring managers back. If they are gone for good: `claude-env team recover` on one that is left.';

export const noQuorum = ({
  reachable,
  managers,
  needed,
}: Pick<Quorum, 'reachable' | 'managers' | 'needed'>): AppError => ({
  code: 'swarm.no-quorum',
  message: `Only ${reachable} of ${managers} managers answer, and ${needed} are needed. What runs goes on, but nothing can be changed.`,
  hint: bringBack,
  retry: true,
});

/**
 * A manager that has no leader to ask. With `heard` it can be told whether another one will be chosen: Swarm waits 10 to 19 s
 * before it does (swarmkit's election tick).
 * @param managers addresses of all of them, with or without a port
 */
export function leaderless(managers: readonly string[] = [], heard?: Heard): AppError {
  const common = { code: 'swarm.no-quorum', retry: true } as const;
  if (heard === undefined || managers.length === 0) {
    return {
      ...common,
      message:
        'This manager has no leader to ask: the managers elect a new one (some seconds), or too few of them answer.',
      hint: `Look again in a moment. If it stays so: ${bringBack.charAt(0).toLowerCase()}${bringBack.slice(1)}`,
    };
  }
  const quorum = toQuorum(managers.map((address) => ({ reachable: heard.includes(hostOf(address)) })));
  if (quorum.state === 'lost') return noQuorum(quorum);
  return {
    ...common,
    message: `The Swarm has no leader: ${quorum.reachable} of ${quorum.managers} managers answer and choose another one, within 20 s. What runs goes on.`,
  };
}

const manager = (count: number): string => `${count} ${count === 1 ? 'manager' : 'managers'}`;

/** What a number of managers means, for whoever is about to change it. */
function describeManagers(count: number): string {
  if (count === 1)
    return 'With one manager, the Swarm cannot be changed while that machine is away; what runs goes on.';
  const spare = count - (Math.floor(count / 2) + 1);
  if (spare === 0) return `With ${manager(count)}, all of them have to be there: that is worse than one.`;
  const even = count % 2 === 0 ? ' One more would make it no worse, and an odd number is better.' : '';
  return `With ${manager(count)}, ${spare === 1 ? 'one' : spare} may be away.${even}`;
}

export type ManagerChange =
  | { readonly kind: 'fine'; readonly advice: string }
  /** Possible, and likely to be regretted. */
  | { readonly kind: 'doubtful'; readonly advice: string }
  /** Would end the Swarm's ability to change. */
  | { readonly kind: 'refused'; readonly advice: string };

/**
 * Promoting one more, or demoting (removing) one of them.
 * @param machine promoted laptops come and go, and their addresses change (moby#41043)
 */
export function adviseManagers(
  now: Quorum,
  change: { readonly add: true; readonly laptop: boolean } | { readonly add: false; readonly reachable: boolean },
): ManagerChange {
  const count = now.managers + (change.add ? 1 : -1);
  const next = count === 0 ? '' : describeManagers(count);
  if (change.add) {
    if (change.laptop) {
      return {
        kind: 'doubtful',
        advice: `This machine is a laptop: it sleeps and its address changes, and a manager must do neither. ${next}`,
      };
    }
    return { kind: count === 2 ? 'doubtful' : 'fine', advice: next };
  }
  if (count === 0) return { kind: 'refused', advice: 'It is the only manager: without it there is no Swarm.' };
  const reachable = now.reachable - (change.reachable ? 1 : 0);
  const needed = Math.floor(count / 2) + 1;
  if (reachable < needed) {
    const left = `Of the ${manager(count)} left, ${reachable} would answer and ${needed} are needed`;
    return {
      kind: 'refused',
      advice: `${left}: nothing could be changed any more. Bring others back, or promote one first.`,
    };
  }
  return { kind: count === 2 ? 'doubtful' : 'fine', advice: next };
}
