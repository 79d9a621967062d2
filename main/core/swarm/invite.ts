import * as z from 'zod';
import type { AppError } from '../../../preload/contract/errors.ts';
import { fromBase32, fromUtf8, toBase32, toUtf8 } from './base32.ts';
import { parseJoinToken } from './join-token.ts';

/*
 * An invite is one word: `claude-env-team-1-<base32>-<checksum>`. It holds a join token, because without one no machine joins
 * a Swarm: whoever has the word can join until it expires, so it is passed on like a password. It holds no private key, and
 * it is never part of an address that a browser or a server would keep.
 * The checksum finds what mail and chat programs do to long words; against people it protects nothing, the Swarm's own
 * certificate does (its digest is in the token, and is compared with the manager's before joining).
 */

export const swarmRole = z.enum(['worker', 'manager']);
export type SwarmRole = z.infer<typeof swarmRole>;
/** `server`: runs the team's services. `laptop`: comes and goes, and runs what is meant for it. */
export const machineRole = z.enum(['server', 'laptop']);
export type MachineRole = z.infer<typeof machineRole>;

/** `host:port`, brackets around an IPv6 address. */
const managerAddress = z.string().regex(/^(?:\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9.-]+):\d{1,5}$/);
/** How the Swarm is seen from elsewhere: a user's own ssh login, or one of his docker contexts. */
export const seeThrough = z.string().regex(/^(?:ssh:\/\/[A-Za-z0-9._@:[\]-]+|context:[A-Za-z0-9_.+-]+)$/);
export const teamName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$/);

export interface Invite {
  /** Names it in the list of issued invites; says nothing. */
  readonly id: string;
  readonly team: string;
  readonly role: SwarmRole;
  readonly machine: MachineRole;
  readonly managers: readonly string[];
  /** Swarm's own. A secret. */
  readonly token: string;
  /** Seconds since the epoch. */
  readonly expires: number;
  readonly see?: string;
}

type Sha256 = (text: string) => string;

const kind = 'claude-env-team-';
const version = 1;
const payload = z.tuple([
  z.string().min(1).max(20),
  teamName,
  swarmRole,
  machineRole,
  z.array(managerAddress).min(1).max(15),
  z.string(),
  z.number().int().positive(),
  seeThrough.nullable(),
]);

const checksum = (sha256: Sha256, body: string): string => {
  const hex = sha256(`${kind}${version}-${body}`).slice(0, 14);
  return toBase32((hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
};

export function encodeInvite(invite: Invite, sha256: Sha256): string {
  const { id, team, role, machine, managers, token, expires, see } = invite;
  const fields: z.infer<typeof payload> = [id, team, role, machine, [...managers], token, expires, see ?? null];
  const body = toBase32(toUtf8(JSON.stringify(fields)));
  return `${kind}${version}-${body}-${checksum(sha256, body)}`;
}

export type ReadInvite = { readonly invite: Invite } | { readonly error: AppError };

const refuse = (message: string, hint: string): ReadInvite => ({
  error: { code: 'swarm.invite-invalid', message, hint },
});
const again = 'Copy the whole invite once more, or ask for a new one.';

/** Reads what somebody pasted. `now`: milliseconds since the epoch. White space and capitals do not matter. */
export function decodeInvite(text: string, { sha256, now }: { sha256: Sha256; now: number }): ReadInvite {
  const word = text.replaceAll(/\s+/g, '');
  if (/SWMTKN-/.test(word)) {
    return refuse(
      'This is Docker’s own join token, not an invite.',
      'Ask for an invite (`claude-env team invite`), or join with `docker swarm join`.',
    );
  }
  const lower = word.toLowerCase();
  const [, number, body = '', sum] = new RegExp(`^${kind}(\\d+)-([a-z2-7]+)(?:-([a-z2-7]+))?$`).exec(lower) ?? [];
  if (number === undefined) {
    return lower.startsWith(kind)
      ? refuse('The invite was changed on its way: it has letters that no invite has.', again)
      : refuse('This is no invite to a team.', `An invite is one long word that begins with ${kind}${version}-.`);
  }
  if (Number(number) !== version) {
    return refuse(`This is an invite of version ${number}, and this program knows ${version}.`, 'Update claude-env.');
  }
  if (sum === undefined || sum !== checksum(sha256, body)) {
    return refuse('The invite was changed on its way, or is not whole: its checksum does not fit.', again);
  }
  const invite = toInvite(body);
  if (invite === undefined) return refuse('The invite holds something else than an invite should.', again);
  if (invite.expires * 1000 <= now) {
    const at = new Date(invite.expires * 1000).toISOString().slice(0, 16).replace('T', ' ');
    const message = `The invite to ${invite.team} expired at ${at} UTC.`;
    return {
      error: { code: 'swarm.invite-expired', message, hint: 'Ask for a new one; and is this machine’s clock right?' },
    };
  }
  return { invite };
}

function toInvite(body: string): Invite | undefined {
  const bytes = fromBase32(body);
  const text = bytes && fromUtf8(bytes);
  const parsed = payload.safeParse(text === undefined ? undefined : parseJson(text));
  if (!parsed.success) return undefined;
  const [id, team, role, machine, managers, token, expires, see] = parsed.data;
  if (parseJoinToken(token) === undefined) return undefined;
  return { id, team, role, machine, managers, token, expires, ...(see === null ? {} : { see }) };
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
