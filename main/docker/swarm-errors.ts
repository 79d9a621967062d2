import type { AppError } from '../../preload/contract/errors.ts';
import { AppFailure } from '../core/app-failure.ts';
import { isAbort, sentenceOf, toFailure } from './errors.ts';

/*
 * What engines say about Swarms. The sentences were seen on 20.10, and read in moby (daemon/cluster/errors.go) and swarmkit
 * up to 28. Status codes do not tell them apart: 503 is "not a manager", "no leader" and "locked".
 */

type Rule = readonly [pattern: RegExp, error: Omit<AppError, 'message'> & { readonly message?: string }];

const rules: readonly Rule[] = [
  [
    /swarm does not have a leader|too few managers are online|lost quorum|context deadline exceeded.*raft|raft: /i,
    {
      code: 'swarm.no-quorum',
      message: 'Too few managers of the Swarm answer. What runs goes on, but nothing can be seen or changed.',
      hint: 'Bring managers back. If they are gone for good: `claude-env team recover` on one that is left.',
      retry: true,
    },
  ],
  [
    /needs to be unlocked|swarm is encrypted/i,
    {
      code: 'swarm.locked',
      message: 'The Swarm’s keys on this manager are locked, as after every restart with autolock on.',
      hint: '`claude-env team unlock` takes the key from the keychain, or asks for it.',
    },
  ],
  [
    /not part of a swarm|This node is not a swarm member/i,
    {
      code: 'swarm.not-member',
      message: 'This machine belongs to no Swarm.',
      hint: 'Join one with an invite (`claude-env team join`), or make one (`claude-env team create`).',
    },
  ],
  [
    /not a swarm manager|Worker nodes can't be used to view or modify/i,
    {
      code: 'swarm.not-manager',
      message: 'This machine is a worker: only managers can be asked about the Swarm.',
      hint: 'Run this on a manager, or choose its engine with --engine.',
    },
  ],
  [
    /already part of a swarm/i,
    {
      code: 'swarm.already-member',
      message: 'This machine belongs to a Swarm already, and can belong to one only.',
      hint: '`claude-env team nodes` shows it, `claude-env team leave` leaves it.',
    },
  ],
  [
    /invalid join token|A valid join token is necessary/i,
    {
      code: 'swarm.invite-refused',
      message: 'The Swarm no longer takes this invite: its join token was changed since.',
      hint: 'Ask for a new invite.',
    },
  ],
  [
    /remote CA does not match fingerprint|certificate signed by unknown authority/i,
    {
      code: 'swarm.other-certificate',
      message: 'Who answers there is not the Swarm that the invite means: its certificate is another one.',
      hint: 'Do not go on. Compare the fingerprint with whoever sent the invite.',
    },
  ],
  [
    /could not choose an IP address to advertise|multiple addresses on|must specify a listening address|no usable IPv4 or IPv6|could not find local IP address|advertise address must be/i,
    { code: 'swarm.address', hint: 'Say which address others reach this machine by: --advertise ADDRESS.' },
  ],
  [
    /Timeout was reached before node (?:was )?joined|could not connect to prospective new cluster member|connection refused|no route to host|i\/o timeout/i,
    {
      code: 'swarm.unreachable',
      hint: 'Is the manager on, and do firewalls let 2377/tcp through? And can it reach this machine at the address it is told?',
      retry: true,
    },
  ],
  [
    /update out of sequence/i,
    { code: 'swarm.conflict', hint: 'Somebody changed it at the same moment; try again.', retry: true },
  ],
  [
    /last manager|is a manager and is a member|result in a loss of quorum|You are attempting to leave the swarm on a node that is participating as a manager/i,
    { code: 'swarm.refused', hint: 'Demote it first: `claude-env team node demote`.' },
  ],
  [/node .* not found|No such node/i, { code: 'swarm.node-not-found', hint: '`claude-env team nodes` lists them.' }],
];

export function toSwarmError(doing: string, sentence: string): AppError | undefined {
  const found = rules.find(([pattern]) => pattern.test(sentence))?.[1];
  return found && { ...found, message: found.message ?? `${doing}: ${sentence}` };
}

/** Anything thrown while talking about Swarms; what no rule knows stays the engine's own sentence. */
export function toSwarmFailure(doing: string, error: unknown): unknown {
  if (error instanceof AppFailure || isAbort(error)) return error;
  const known = toSwarmError(doing, sentenceOf(error));
  return known === undefined ? toFailure(doing, error) : new AppFailure(known, { cause: error });
}
