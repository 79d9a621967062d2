import * as z from 'zod';
import { machineRole, type SwarmRole, swarmRole } from './invite.ts';

/*
 * Which invites are out. A Swarm has one token a role, so invites of a role die together when it is rotated, and none can be
 * taken back alone. The list is a label of the Swarm and knows no token.
 */

const issuedInvite = z.object({
  id: z.string(),
  role: swarmRole,
  machine: machineRole,
  /** Seconds since the epoch. */
  issued: z.number(),
  expires: z.number(),
  /** Who made it, as that machine's user is called. */
  by: z.string(),
});
export type IssuedInvite = z.infer<typeof issuedInvite>;

/** What is no list is an empty one: the next invite writes it anew. */
export function parseIssued(label: string | undefined): readonly IssuedInvite[] {
  if (label === undefined) return [];
  try {
    return z.array(issuedInvite).parse(JSON.parse(label));
  } catch {
    return [];
  }
}

/** Expired ones of the last week are kept to be shown; at most thirty, because a label is no place for a history. */
export const formatIssued = (list: readonly IssuedInvite[], now: number): string =>
  JSON.stringify(list.filter(({ expires }) => expires > now / 1000 - 7 * 86_400).slice(-30));

export const isAlive = (invite: IssuedInvite, now: number): boolean => invite.expires > now / 1000;

/** The others that die with a role's token. */
export const dyingWith = (list: readonly IssuedInvite[], role: SwarmRole, now: number): readonly IssuedInvite[] =>
  list.filter((invite) => invite.role === role && isAlive(invite, now));

/**
 * Invites of that role have expired, yet their token still works for whoever takes it out of one; none that is alive needs it.
 */
export const isDueForRotation = (list: readonly IssuedInvite[], role: SwarmRole, now: number): boolean =>
  list.some((invite) => invite.role === role && !isAlive(invite, now)) && dyingWith(list, role, now).length === 0;

/** After a rotation none of that role is worth anything. */
export const withoutRole = (list: readonly IssuedInvite[], role: SwarmRole): readonly IssuedInvite[] =>
  list.filter((invite) => invite.role !== role);
