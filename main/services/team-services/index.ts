import { AppFailure } from '../../core/app-failure.ts';
import { decodeInvite } from '../../core/swarm/invite.ts';
import type { StateStore } from '../ports.ts';
import type { Joined, JoinOptions } from '../team/join.ts';
import { createTeamClient } from './client.ts';
import { callerOf, type ServicesContext } from './context.ts';
import { adopt, joinServices, type Linked } from './join.ts';
import { adviseLeavingTeam, leaveServices, leaveTeam, renewToken } from './leave.ts';
import { createLink } from './link.ts';
import { createServicesLive, type OwnEnvironment } from './live.ts';
import {
  adviseRemoval,
  approveInvite,
  findPerson,
  invitePerson,
  removePerson,
  setRole,
  withdrawInvite,
} from './people.ts';
import { lookOnce } from './status.ts';
import { approveRevision, changeIncident, openIncident, syncConfig } from './work.ts';

export interface TeamServicesOptions extends Omit<ServicesContext, 'link' | 'client'> {
  readonly state: StateStore;
  readonly environment: () => Promise<OwnEnvironment | undefined>;
  readonly onEnvironment: (listener: () => void) => () => void;
}

/** Which team's services this user is linked to; no secret. */
export interface TeamLinkFacts {
  readonly team: string;
  readonly addresses: readonly string[];
  /** PEM of the team's own CA. */
  readonly ca: string;
  readonly caDigest: string;
  readonly person: { readonly id: string; readonly name: string; readonly role: string };
}

/** The link to a team's services: in, out, who is there, and what people do. Every failure is an AppFailure, mostly `team.*`. */
export function createTeamServices(options: TeamServicesOptions) {
  const { teamLink, ids, clock, log, team } = options;
  const link = createLink(options);
  const client = createTeamClient({ link: teamLink });
  const context: ServicesContext = { ...options, link, client };
  const live = createServicesLive({ ...options, link, client });
  const undo: (() => Promise<readonly string[]>)[] = [];
  /**
   * Tells the team of this machine without a stream: of a node that nobody knows to be somebody's, nothing could be taken away when
   * its person is taken out.
   */
  const report = async (node: string | undefined): Promise<void> => {
    try {
      const environment = await options.environment();
      if (environment === undefined) return;
      const body = { ...environment, ...(node === undefined ? {} : { node }) };
      await client.tell(await callerOf(context), { method: 'PUT', path: '/api/v1/me/environment', body });
    } catch (error) {
      if (!(error instanceof AppFailure)) throw error;
      log('warn', 'the team was not told of this machine', { code: error.error.code });
    }
  };
  const bind =
    <R extends readonly unknown[], A>(run: (of: ServicesContext, ...rest: R) => A) =>
    (...rest: R): A =>
      run(context, ...rest);

  return {
    follow: live.follow,
    hold: live.hold,
    retry: live.retry,
    close: live.close,

    link: (): Promise<TeamLinkFacts | undefined> => link.read(),
    /** This person's own. A secret, which the log is told. */
    token: async (): Promise<string> => link.token(await link.mustRead()),
    /** Called when the link is another one, another address answers, or another configuration is offered. */
    onChange: (listener: () => void): (() => void) => {
      const stops = [link.onChange(listener), live.onNews(listener)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    /** What is run before the link ends; what it answers with is told to the user. */
    onLeave: (run: () => Promise<readonly string[]>): void => void undo.push(run),

    /** For the first operator, whom no invite lets in. The token is a secret; the digest is what the services keep. */
    newToken: (): { readonly token: string; readonly sha256: string } => {
      // 256 bits as 43 letters.
      const token = `cet_${`${ids.random()}${ids.random()}`.slice(0, 43)}`;
      log.redactor?.know(token);
      return { token, sha256: ids.sha256(token) };
    },
    adopt: bind(adopt),
    /** Other servers, or another CA: the same person with the same token. Nothing where the link is to none of the CAs in `from`. */
    moved: async (now: {
      readonly from: readonly string[];
      readonly addresses: readonly string[];
      readonly ca: string;
      readonly caDigest: string;
    }): Promise<void> => {
      const record = await link.read();
      if (record === undefined || !now.from.includes(record.caDigest)) return;
      const token = await link.token(record);
      const { addresses, ca, caDigest } = now;
      await link.keep({ ...record, addresses: [...addresses], ca, caDigest, linkedAt: clock.now() }, token);
      // Last: interrupted before, the token is there twice and not nowhere.
      if (caDigest !== record.caDigest) await link.forgetToken(record);
    },

    /** As the invite says: into the services, into the Swarm, or both. What was done already is not done again. */
    enter: async (
      { onLinked, ...join }: JoinOptions & { readonly onLinked?: (linked: Linked) => void },
      signal?: AbortSignal,
    ): Promise<{ readonly linked?: Linked; readonly joined?: Joined }> => {
      const read = decodeInvite(join.invite, { sha256: ids.sha256, now: clock.now() });
      if ('error' in read) throw new AppFailure(read.error);
      const { services, swarm, team: name } = read.invite;
      if (services !== undefined) log.redactor?.know(services.code);
      if (services !== undefined) join.onProgress?.(`Asking ${name}’s services who they are`);
      const linked = services && (await joinServices(context, { team: name, services }, signal));
      if (linked !== undefined) onLinked?.(linked);
      const joined = swarm && (await team.join(join, signal));
      if (services !== undefined) await report(joined?.hostname);
      return { ...(linked === undefined ? {} : { linked }), ...(joined === undefined ? {} : { joined }) };
    },
    adviseLeaving: bind(adviseLeavingTeam),
    leaveTeam: (of: Parameters<typeof leaveTeam>[1]) => leaveTeam(context, of, undo),
    leave: () => leaveServices(context, { undo, teamEnds: false }),
    renewToken: bind(renewToken),

    look: bind(lookOnce),
    findPerson: bind(findPerson),
    invitePerson: bind(invitePerson),
    approveInvite: bind(approveInvite),
    withdrawInvite: bind(withdrawInvite),
    setRole: bind(setRole),
    adviseRemoval: bind(adviseRemoval),
    removePerson: bind(removePerson),

    approveRevision: bind(approveRevision),
    syncConfig: bind(syncConfig),
    openIncident: bind(openIncident),
    changeIncident: bind(changeIncident),
  };
}
export type TeamServices = ReturnType<typeof createTeamServices>;
