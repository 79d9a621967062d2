import { AppFailure } from '../../core/app-failure.ts';
import {
  encodeInvite,
  type MachineRole,
  type ServicesInvite,
  type SwarmRole,
  seeThrough,
} from '../../core/swarm/invite.ts';
import {
  dyingWith,
  formatIssued,
  type IssuedInvite,
  isAlive,
  isDueForRotation,
  parseIssued,
  withoutRole,
} from '../../core/swarm/issued.ts';
import { parseJoinToken, toFingerprint } from '../../core/swarm/join-token.ts';
import { type SwarmState, teamLabels } from '../../core/swarm/membership.ts';
import type { SwarmMembership } from '../ports.ts';
import { mustBeManager, mustHaveQuorum, type TeamContext } from './context.ts';

export interface InviteOptions {
  readonly engine?: string;
  readonly role: SwarmRole;
  readonly machine: MachineRole;
  /** Seconds. */
  readonly lasts: number;
  /** `ssh://user@host` or `context:NAME`. */
  readonly see?: string;
  /** Lets a person into the team's services as well. */
  readonly services?: ServicesInvite;
}

export interface IssuedNow {
  readonly invite: string;
  readonly team: string;
  readonly role: SwarmRole;
  readonly machine: MachineRole;
  readonly expires: string;
  readonly fingerprint: string;
  /** Expired invites of the role died: their token was rotated before this one was made. */
  readonly rotated: boolean;
  /** Whether joiners can prove their overlay traffic; without it, why not. */
  readonly probe: boolean;
  readonly notes: readonly string[];
}

const dayInSeconds = 86_400;

/** One string that lets machines join until it expires or its role's token is rotated. */
export async function makeInvite(context: TeamContext, options: InviteOptions): Promise<IssuedNow> {
  const { clock, ids, files } = context;
  if (options.see !== undefined && !seeThrough.safeParse(options.see).success) {
    throw new AppFailure({
      code: 'usage',
      message: `“${options.see}” does not say how to see the team.`,
      hint: 'Write ssh://user@host, or context:NAME for a docker context that the invited person has.',
    });
  }
  const { swarm } = await context.engineOf(options.engine);
  const self = await swarm.self();
  mustBeManager(self);
  mustHaveQuorum(await swarm.nodes());
  const now = clock.now();
  const before = await swarm.swarm();
  const issued = parseIssued(before.labels[teamLabels.invites]);
  const rotated = isDueForRotation(issued, options.role, now);
  const mine: IssuedInvite = {
    id: ids.random().slice(0, 8),
    role: options.role,
    machine: options.machine,
    issued: Math.floor(now / 1000),
    expires: Math.floor(now / 1000) + options.lasts,
    by: userName(files.environment(), self.hostname),
  };
  const list = [...(rotated ? withoutRole(issued, options.role) : issued), mine];
  await swarm.change({
    labels: { [teamLabels.invites]: formatIssued(list, now) },
    ...(rotated ? { rotate: options.role } : {}),
  });
  const state = await swarm.swarm();
  const team = state.labels[teamLabels.team] ?? 'Swarm';
  const managers = await reachableManagers(swarm);
  const token = state.tokens[options.role];
  const probe = await offerProbe(context, { swarm, state, nodeId: self.nodeId, list, now });
  return {
    invite: encodeInvite(
      {
        id: mine.id,
        team,
        expires: mine.expires,
        swarm: {
          role: options.role,
          machine: options.machine,
          managers,
          token,
          ...(options.see === undefined ? {} : { see: options.see }),
        },
        ...(options.services === undefined ? {} : { services: options.services }),
      },
      ids.sha256,
    ),
    team,
    role: options.role,
    machine: options.machine,
    expires: new Date(mine.expires * 1000).toISOString(),
    fingerprint: toFingerprint(parseJoinToken(token)?.caDigest ?? ''),
    rotated,
    probe: probe === undefined,
    notes: probe === undefined ? [] : [probe],
  };
}

const userName = (environment: Readonly<Record<string, string | undefined>>, hostname: string): string =>
  `${environment.USER ?? environment.USERNAME ?? 'somebody'} on ${hostname}`.slice(0, 80);

/** Any of them lets a machine in; a joiner tries them all. */
async function reachableManagers(swarm: SwarmMembership): Promise<readonly string[]> {
  const nodes = await swarm.nodes();
  const found = nodes.flatMap(({ manager }) => (manager?.reachable === true ? [manager.address] : []));
  return found.slice(0, 15);
}

/** While an invite is out, a responder waits on this manager for joiners to try the overlay network with. */
async function offerProbe(
  context: TeamContext,
  about: { swarm: SwarmMembership; state: SwarmState; nodeId: string; list: readonly IssuedInvite[]; now: number },
): Promise<string | undefined> {
  const { swarm, state, nodeId, list, now } = about;
  const image = await context.probeImage(swarm);
  if (image === undefined) {
    return 'Joiners cannot try the overlay network: this manager has no Debian image for the responder (docker pull debian:bookworm-slim).';
  }
  const last = Math.max(...list.map(({ expires }) => expires));
  const seconds = Math.min(Math.max(60, last - Math.floor(now / 1000)), 30 * dayInSeconds);
  const encrypted = state.labels[teamLabels.encrypted] === 'true';
  await swarm.startResponder({ image, nodeId, seconds, encrypted });
  return undefined;
}

export interface ListedInvite extends Omit<IssuedInvite, 'issued' | 'expires'> {
  readonly issued: string;
  readonly expires: string;
  readonly alive: boolean;
}

export const toListed = (invite: IssuedInvite, now: number): ListedInvite => ({
  ...invite,
  issued: new Date(invite.issued * 1000).toISOString(),
  expires: new Date(invite.expires * 1000).toISOString(),
  alive: isAlive(invite, now),
});

/** What is known of invites; never a token. */
export async function listInvites(
  context: TeamContext,
  { engine }: { readonly engine?: string },
): Promise<readonly ListedInvite[]> {
  const { swarm } = await context.engineOf(engine);
  mustBeManager(await swarm.self());
  const { labels } = await swarm.swarm();
  return parseIssued(labels[teamLabels.invites]).map((invite) => toListed(invite, context.clock.now()));
}

/** The invites that a rotation of the role's token would end. */
export async function dyingInvites(
  context: TeamContext,
  { engine, role }: { readonly engine?: string; readonly role: SwarmRole },
): Promise<readonly ListedInvite[]> {
  const { swarm } = await context.engineOf(engine);
  mustBeManager(await swarm.self());
  const { labels } = await swarm.swarm();
  const now = context.clock.now();
  return dyingWith(parseIssued(labels[teamLabels.invites]), role, now).map((invite) => toListed(invite, now));
}

/** A new join token for the role: all its invites are worth nothing from now on. Members stay members. */
export async function rotateToken(
  context: TeamContext,
  { engine, role }: { readonly engine?: string; readonly role: SwarmRole },
): Promise<{ readonly role: SwarmRole; readonly died: readonly ListedInvite[] }> {
  const { swarm } = await context.engineOf(engine);
  mustBeManager(await swarm.self());
  mustHaveQuorum(await swarm.nodes());
  const now = context.clock.now();
  const { labels } = await swarm.swarm();
  const issued = parseIssued(labels[teamLabels.invites]);
  const left = withoutRole(issued, role);
  await swarm.change({ labels: { [teamLabels.invites]: formatIssued(left, now) }, rotate: role });
  if (!left.some((invite) => isAlive(invite, now))) await swarm.stopProbe();
  return { role, died: dyingWith(issued, role, now).map((invite) => toListed(invite, now)) };
}
