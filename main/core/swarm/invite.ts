import * as z from 'zod';
import type { AppError } from '../../../preload/contract/errors.ts';
import { parseJson } from '../parse-json.ts';
import { fromBase32, fromUtf8, toBase32, toUtf8 } from './base32.ts';
import { parseJoinToken } from './join-token.ts';

/*
 * An invite is one word: `claude-env-team-<version>-<base32>-<checksum>`. Version 1 lets a machine join a team's Swarm and holds
 * its join token, because without one no machine joins: whoever has the word can join until it expires. Version 2 has a
 * person's one-time code for the team's services (and the digest of the only certificate to believe there), with or without
 * such a Swarm part; without one it is a guest's. So either is passed on like a password. It holds no private key, and it is
 * never part of an address that a browser or a server would keep.
 * The checksum finds what mail and chat programs do to long words; against people it protects nothing, the certificates do
 * (their digests are in the invite, and are compared before joining).
 */

export const swarmRole = z.enum(['worker', 'manager']);
export type SwarmRole = z.infer<typeof swarmRole>;
/** `server`: runs the team's services. `laptop`: comes and goes, and runs what is meant for it. */
export const machineRole = z.enum(['server', 'laptop']);
export type MachineRole = z.infer<typeof machineRole>;

/** `host:port`, brackets around an IPv6 address. */
const hostAndPort = z.string().regex(/^(?:\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9.-]+):\d{1,5}$/);
/** How the Swarm is seen from elsewhere: a user's own ssh login, or one of his docker contexts. */
export const seeThrough = z.string().regex(/^(?:ssh:\/\/[A-Za-z0-9._@:[\]-]+|context:[A-Za-z0-9_.+-]+)$/);
export const teamName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$/);

/** Lets a machine into the Swarm. */
export interface SwarmInvite {
  readonly role: SwarmRole;
  readonly machine: MachineRole;
  readonly managers: readonly string[];
  /** Swarm's own. A secret. */
  readonly token: string;
  readonly see?: string;
}
/** Lets one person into the team's services. */
export interface ServicesInvite {
  /** `host:port` of each server's gateway. */
  readonly addresses: readonly string[];
  /** SHA-256 of the DER of the team's own CA certificate, 64 hexadecimal digits. */
  readonly ca: string;
  /** Works once. A secret. */
  readonly code: string;
}
/** At least one of its parts is there. */
export interface Invite {
  /** Names it in the list of issued invites; says nothing. */
  readonly id: string;
  readonly team: string;
  /** Seconds since the epoch. */
  readonly expires: number;
  readonly swarm?: SwarmInvite;
  readonly services?: ServicesInvite;
}

type Sha256 = (text: string) => string;

const kind = 'claude-env-team-';
const newest = 2;

const id = z.string().min(1).max(20);
const expires = z.number().int().positive();
const addresses = z.array(hostAndPort).min(1).max(15);
const token = z.string().refine((text) => parseJoinToken(text) !== undefined);
const swarmPart = z.tuple([swarmRole, machineRole, addresses, token, seeThrough.nullable()]).transform(
  ([role, machine, managers, join, see]): SwarmInvite => ({
    ...{ role, machine, managers, token: join },
    ...(see === null ? {} : { see }),
  }),
);
const servicesPart = z
  .tuple([addresses, z.string().regex(/^[0-9a-f]{64}$/), z.string().regex(/^cei_[A-Za-z0-9_-]{32}$/)])
  .transform(([at, ca, code]): ServicesInvite => ({ addresses: at, ca, code }));
/** What a version's word holds, in its order: names would make it longer. */
const payloads = {
  1: z
    .tuple([id, teamName, swarmRole, machineRole, addresses, token, expires, seeThrough.nullable()])
    .transform(([of, team, role, machine, managers, join, until, see]): Invite => {
      const swarm = { role, machine, managers, token: join, ...(see === null ? {} : { see }) };
      return { id: of, team, expires: until, swarm };
    }),
  2: z.tuple([id, teamName, expires, swarmPart.nullable(), servicesPart]).transform(
    ([of, team, until, swarm, services]): Invite => ({
      ...{ id: of, team, expires: until, services },
      ...(swarm === null ? {} : { swarm }),
    }),
  ),
} as const;
type Version = keyof typeof payloads;

const checksum = (sha256: Sha256, version: number, body: string): string => {
  const hex = sha256(`${kind}${version}-${body}`).slice(0, 14);
  return toBase32((hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
};

/** Version 1 where that is enough, which programs of before read. */
export function encodeInvite({ id: of, team, expires: until, swarm, services }: Invite, sha256: Sha256): string {
  const joins = swarm === undefined ? [] : [swarm.role, swarm.machine, swarm.managers, swarm.token];
  const see = swarm?.see ?? null;
  const version: Version = services === undefined ? 1 : 2;
  const fields =
    services === undefined
      ? [of, team, ...joins, until, see]
      : [of, team, until, swarm ? [...joins, see] : null, [services.addresses, services.ca, services.code]];
  const body = toBase32(toUtf8(JSON.stringify(fields)));
  return `${kind}${version}-${body}-${checksum(sha256, version, body)}`;
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
      : refuse('This is no invite to a team.', `An invite is one long word that begins with ${kind}.`);
  }
  const version = Number(number);
  if (version !== 1 && version !== 2) {
    return refuse(`This is an invite of version ${number}, and this program knows ${newest}.`, 'Update claude-env.');
  }
  if (sum === undefined || sum !== checksum(sha256, version, body)) {
    return refuse('The invite was changed on its way, or is not whole: its checksum does not fit.', again);
  }
  const invite = readBody(version, body);
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

function readBody(version: Version, body: string): Invite | undefined {
  const bytes = fromBase32(body);
  const text = bytes && fromUtf8(bytes);
  return payloads[version].safeParse(text === undefined ? undefined : parseJson(text)).data;
}
