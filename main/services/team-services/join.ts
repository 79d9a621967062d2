import { AppFailure } from '../../core/app-failure.ts';
import type { ServicesInvite } from '../../core/swarm/invite.ts';
import { otherCertificate, type Tried, unreachable } from '../../core/team-services/failures.ts';
import { joinedAnswer, meAnswer } from '../../core/team-services/wire.ts';
import { throwIfLocked } from '../keychain-state.ts';
import type { ServicesContext } from './context.ts';
import type { LinkRecord } from './link.ts';

/** This user's link to a team's services, as it was made. */
export interface Linked {
  readonly team: string;
  readonly person: LinkRecord['person'];
  readonly addresses: readonly string[];
  readonly servers: readonly { readonly name: string; readonly path: string }[];
  readonly notes: readonly string[];
}

export type ServicesAbout = { readonly team: string; readonly services: ServicesInvite };

/** The certificate that the invite names, from the first address that has it. Nothing is believed before the digests are the same. */
async function believe({ teamLink }: ServicesContext, { team, services }: ServicesAbout, signal?: AbortSignal) {
  const tried: Tried[] = [];
  let other: Tried | undefined;
  for (const address of services.addresses) {
    const found = await teamLink.fetchCa(address, signal);
    if (found.kind === 'ca' && found.sha256 === services.ca) return found.pem;
    if (found.kind === 'ca')
      other ??= { address, why: `It shows the CA ${found.sha256}, the invite means ${services.ca}.` };
    else tried.push({ address, why: found.why });
  }
  throw new AppFailure(other === undefined ? unreachable(team, tried) : otherCertificate(team, other));
}

/**
 * Turns the invite's code into a token of this person's, kept in the keychain and nowhere else. Whoever is linked to this team
 * already stays as he is: the other half of such an invite may have to be tried again.
 */
export async function joinServices(
  context: ServicesContext,
  about: ServicesAbout,
  signal?: AbortSignal,
): Promise<Linked> {
  const { link, client, clock, keychain } = context;
  const { team, services } = about;
  const before = await link.read();
  if (before !== undefined && before.caDigest === services.ca) return already(context, before, signal);
  if (before !== undefined && !(await hasNewAuthority(context, before, services, signal))) {
    throw alreadyLinked(context, before);
  }
  // The code works once: a token that could be kept nowhere would be lost.
  await throwIfLocked(keychain);
  const ca = await believe(context, about, signal);
  const caller = { team, addresses: services.addresses, ca };
  const {
    token,
    person,
    team: name,
    servers,
  } = await client
    .ask(caller, { method: 'POST', path: '/api/v1/join', body: { code: services.code } }, joinedAnswer, signal)
    .catch(asInvite);
  const kept = {
    team: name,
    addresses: [...services.addresses],
    ca,
    caDigest: services.ca,
    person,
    linkedAt: clock.now(),
  };
  await link.keep(kept, token);
  if (before !== undefined) await link.forgetToken(before);
  const notes = before === undefined ? [] : [wasSomebody(before)];
  return { team: name, person, addresses: kept.addresses, servers, notes };
}

/**
 * The team that this machine is linked to has another CA: where it knows the team to be, the one that the invite means is shown.
 * The old token is not sent there; the invite's code makes another one.
 */
async function hasNewAuthority(
  { teamLink }: Pick<ServicesContext, 'teamLink'>,
  { addresses }: LinkRecord,
  { ca }: ServicesInvite,
  signal?: AbortSignal,
): Promise<boolean> {
  const shown = await Promise.all(addresses.map((address) => teamLink.fetchCa(address, signal)));
  const cas = shown.flatMap((one) => (one.kind === 'ca' ? [one.sha256] : []));
  return cas.length > 0 && cas.every((sha256) => sha256 === ca);
}
const wasSomebody = ({ team, person }: LinkRecord): string =>
  `${team} has another CA since. You are a new entry on its list of people: an operator takes out the one before, ${person.name} (${person.role}), with \`team person rm ${person.id}\`.`;

const alreadyLinked = ({ program }: ServicesContext, { team }: LinkRecord): AppFailure =>
  new AppFailure({
    code: 'team.already-linked',
    message: `This machine is linked to ${team}’s services, and can be to one team’s at a time.`,
    hint: `Leave them first: ${program} team leave`,
  });

async function already(context: ServicesContext, record: LinkRecord, signal?: AbortSignal): Promise<Linked> {
  const caller = { ...record, token: await context.link.token(record) };
  const me = await context.client.ask(caller, { method: 'GET', path: '/api/v1/me' }, meAnswer, signal);
  const { addresses } = record;
  const notes = [`This machine was linked to ${me.team}’s services already; the invite’s code was not used.`];
  return { team: me.team, person: me.person, addresses, servers: me.servers, notes };
}

/** Nobody has a token yet: who is refused here has an invite that is worth nothing. */
function asInvite(error: unknown): never {
  if (!(error instanceof AppFailure) || !['team.revoked', 'team.refused'].includes(error.error.code)) throw error;
  const message =
    error.error.code === 'team.revoked'
      ? 'The services do not take this invite: it was used, or taken back.'
      : error.error.message;
  throw new AppFailure({ code: 'swarm.invite-refused', message, hint: 'Ask an operator for a new one.' });
}

export interface Adopted {
  readonly team: string;
  readonly addresses: readonly string[];
  /** PEM, one certificate; and the SHA-256 of its DER, hex. */
  readonly ca: string;
  readonly caDigest: string;
  /** A secret. */
  readonly token: string;
  readonly person: { readonly name: string };
}

/** The operator's own machine, which made the services and the token: no invite. Again for the same CA: its addresses and token are other ones from then on. */
export async function adopt(context: ServicesContext, made: Adopted): Promise<void> {
  const { token, person, ...rest } = made;
  const before = await context.link.read();
  if (before !== undefined && before.caDigest !== made.caDigest) throw alreadyLinked(context, before);
  const kept = before?.person ?? { id: 'first', role: 'operator' as const };
  await context.link.keep(
    {
      ...rest,
      addresses: [...rest.addresses],
      person: { ...kept, name: person.name },
      linkedAt: context.clock.now(),
    },
    token,
  );
}
