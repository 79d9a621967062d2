import type {
  Incident,
  PendingRevision,
  PersonRole,
  RemovedPerson,
  ServicesLink,
  TeamEnvironment,
  TeamMcpServer,
  TeamOverview,
  TeamPerson,
} from '../../preload/contract/team-services.ts';
import { aggregateLook, type Look, mcpLook } from './aggregate.ts';
import { plural } from './words.ts';

/* Words and shapes for a team's services. Pure. What is not known is said to be that, and never a number. */

export type LinkedServices = Exclude<ServicesLink, { kind: 'looking' | 'none' }>;
export const isLinked = (link: ServicesLink): link is LinkedServices => link.kind !== 'looking' && link.kind !== 'none';

const ranks = { guest: 0, member: 1, operator: 2 } as const satisfies Readonly<Record<PersonRole, number>>;
/** Each higher role may what the lower may. */
export const mayAs = (link: ServicesLink, role: PersonRole): boolean =>
  isLinked(link) && ranks[link.me.role] >= ranks[role];

export const personRoleHelp = {
  guest: 'Uses the team’s MCP servers and configuration. No node of the Swarm, no access to Docker.',
  member: 'Sees people, incidents and the Swarm as well, and may propose guests.',
  operator: 'Invites and removes people, and approves configuration that then runs on everybody’s machine.',
} as const satisfies Readonly<Record<PersonRole, string>>;

export const unknownText = 'not known';
export const percentText = (share: number): string => `${Math.floor(share * 100 + 1e-9)} %`;
/** `84 ms`, `1.2 s`. */
export const secondsText = (seconds: number): string =>
  seconds < 0.9995 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : `${seconds.toFixed(1)} s`;
export const rateText = (perSecond: number): string =>
  perSecond === 0
    ? 'no requests now'
    : `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)} requests a second`;

export interface Panel {
  readonly key: 'environments' | 'sync' | 'mcp' | 'drift';
  readonly title: string;
  /** undefined: not known. */
  readonly value: string | undefined;
  /** What it means, or why it is not known. */
  readonly says: string;
  readonly tone: 'plain' | 'warn';
}

/** The seed's four: what is not known has no number, and says why as far as that can be told. */
export function overviewPanels({ environments, sync, mcp, drift }: TeamOverview): readonly Panel[] {
  const behind = drift.behind.length;
  return [
    {
      key: 'environments',
      title: 'Environments active',
      value: environments === null ? undefined : String(environments.running),
      says:
        environments === null
          ? 'Presence is not known now.'
          : environments.known === 0
            ? 'Nobody has reported one yet.'
            : `of ${plural(environments.known, 'environment')} that reported`,
      tone: 'plain',
    },
    {
      key: 'sync',
      title: 'Sync success rate',
      value: sync.successRate === null ? undefined : percentText(sync.successRate),
      says: sync.lastError ?? (sync.successRate === null ? 'No sync has been counted yet.' : 'The last one went well.'),
      tone: sync.lastError === null ? 'plain' : 'warn',
    },
    {
      key: 'mcp',
      title: 'MCP p95',
      value: mcp.p95Seconds === null ? undefined : secondsText(mcp.p95Seconds),
      says: mcp.requestsPerSecond === null ? 'No gateway has figures now.' : rateText(mcp.requestsPerSecond),
      tone: 'plain',
    },
    {
      key: 'drift',
      title: 'Configuration drift',
      value: drift.percent === null ? undefined : `${Math.ceil(drift.percent)} %`,
      says:
        drift.percent === null
          ? 'No environment has reported its revision.'
          : behind === 0
            ? 'Everybody who reported is current.'
            : `${behind} behind: ${drift.behind.join(', ')}`,
      tone: behind > 0 ? 'warn' : 'plain',
    },
  ];
}

/** Presence alone: what somebody's environments are at is beside it. */
export function presenceLook({ online }: Pick<TeamPerson, 'online'>): Look {
  if (online === null) return { ...aggregateLook.unknown, label: unknownText };
  return online ? { ...aggregateLook.healthy, label: 'here' } : { ...aggregateLook.stopped, label: 'away' };
}

const environmentLooks: Readonly<Record<TeamEnvironment['state'], Look>> = {
  running: { ...aggregateLook.healthy, label: 'running' },
  starting: { ...aggregateLook.working, label: 'starting' },
  stopped: aggregateLook.stopped,
  failed: aggregateLook.failed,
  unknown: { ...aggregateLook.unknown, label: unknownText },
};
export const environmentLook = ({ state }: Pick<TeamEnvironment, 'state'>): Look => environmentLooks[state];

/** `2, 1 running`; nothing reported is not the same as none. */
export function environmentsText({ environments }: Pick<TeamPerson, 'environments'>): string {
  if (environments.length === 0) return 'none reported';
  const running = environments.filter(({ state }) => state === 'running').length;
  const only = environments[0];
  if (environments.length === 1 && only !== undefined) return `${only.machine}, ${environmentLook(only).label}`;
  return `${environments.length}, ${running} running`;
}

const current: Look = { ...aggregateLook.healthy, label: 'current' };
const behindLook: Look = { ...aggregateLook.degraded, label: 'behind' };
const changedLook: Look = { ...aggregateLook.degraded, label: 'changed there' };
const unknownConfig: Look = { ...aggregateLook.unknown, label: unknownText };
const noConfig: Look = { ...aggregateLook.stopped, label: 'not applied' };

/** How a machine stands to the team's configuration. */
export function configLook({
  behind,
  drifted,
  revision,
}: Pick<TeamEnvironment, 'behind' | 'drifted' | 'revision'>): Look {
  if (behind === true) return revision === undefined ? noConfig : behindLook;
  if (drifted.length > 0) return changedLook;
  if (behind === null) return unknownConfig;
  return current;
}
const worse: readonly Look[] = [behindLook, changedLook, noConfig, unknownConfig, current];
/** A person's: that of the machine that is worst off. undefined: there is none. */
export const personConfigLook = ({ environments }: Pick<TeamPerson, 'environments'>): Look | undefined => {
  const looks = environments.map(configLook);
  return worse.find((look) => looks.includes(look));
};

export const shortSha = (sha: string): string => sha.slice(0, 8);

export const signatureLook = ({ signature, signer }: Pick<PendingRevision, 'signature' | 'signer'>): Look => {
  switch (signature) {
    case 'good':
      return { ...aggregateLook.healthy, label: signer === undefined ? 'good' : `good, ${signer}` };
    case 'bad':
      return { ...aggregateLook.failed, label: 'bad: it was altered' };
    case 'unknown-signer':
      return {
        ...aggregateLook.degraded,
        label: signer === undefined ? 'by nobody the team knows' : `${signer}, whom the team does not know`,
      };
    case 'none':
      return { ...aggregateLook.stopped, label: 'not signed' };
  }
};

const mcpLooks: Readonly<Record<TeamMcpServer['state'], Look>> = {
  running: { ...aggregateLook.healthy, label: 'running' },
  degraded: aggregateLook.degraded,
  stopped: aggregateLook.stopped,
  unknown: { ...mcpLook.unknown, label: unknownText },
};
export const teamMcpLook = ({ state }: Pick<TeamMcpServer, 'state'>): Look => mcpLooks[state];
export const orUnknown = <T>(value: T | null, text: (value: T) => string): string =>
  value === null ? unknownText : text(value);

/** One that nobody is on is what people have to see. */
export function incidentLook({ state, owner }: Pick<Incident, 'state' | 'owner'>): Look {
  if (state === 'resolved') return { ...aggregateLook.completed, label: 'resolved' };
  return owner === undefined
    ? { ...aggregateLook.failed, label: 'nobody is on it' }
    : { ...aggregateLook.working, label: `${owner.name} is on it` };
}

/** One line below the title. */
export function servicesSummary(link: ServicesLink, people: Readonly<Record<string, TeamPerson>> | undefined): string {
  if (link.kind === 'looking') return 'Looking whether this machine belongs to a team…';
  if (link.kind === 'none') return 'This machine belongs to no team’s services';
  const as = `You are ${link.me.name}, ${link.me.role}`;
  if (link.kind === 'connecting') return `${as} · not connected: what is below is as it was last seen`;
  if (link.kind === 'refused') return `${as} · the link holds no longer`;
  if (people === undefined) return as;
  const all = Object.values(people);
  const here = all.filter(({ online }) => online === true).length;
  const known = all.every(({ online }) => online !== null);
  return `${as} · ${plural(all.length, 'person', 'people')}${known ? `, ${here} here now` : ', presence is not known'}`;
}

/** What of a team this user may look at. Without services there is one place more, which says how to get them. */
export function teamTabsOf(link: ServicesLink, openIncidents: number): readonly TeamTabItem[] {
  const base: readonly TeamTabItem[] = [
    { key: 'swarm', title: 'Swarm' },
    { key: 'overview', title: isLinked(link) ? 'Overview' : 'Team services' },
  ];
  if (!isLinked(link)) return base;
  const config = { key: 'config', title: 'Configuration' } as const;
  if (!mayAs(link, 'member')) return [...base, config];
  return [
    ...base,
    { key: 'people', title: 'People' },
    config,
    { key: 'incidents', title: openIncidents === 0 ? 'Incidents' : `Incidents (${openIncidents})` },
  ];
}
interface TeamTabItem {
  readonly key: 'swarm' | 'overview' | 'people' | 'config' | 'incidents';
  readonly title: string;
}

/** Machines that have reported and do not have what is offered as it is offered, by the person's name. */
export const notCurrent = (
  people: Readonly<Record<string, TeamPerson>>,
): readonly { readonly person: TeamPerson; readonly environment: TeamEnvironment }[] =>
  Object.values(people)
    .sort((a, b) => a.name.localeCompare(b.name))
    .flatMap((person) =>
      person.environments
        .filter((environment) => configLook(environment).tone === 'warn' || environment.behind === true)
        .map((environment) => ({ person, environment })),
    );

/** What taking a person out has done, as facts; nothing that was not done is among them. */
export function removedFacts({
  revoked,
  invitesEnded,
  rotated,
  nodes,
}: Pick<RemovedPerson, 'revoked' | 'invitesEnded' | 'rotated' | 'nodes'>): readonly (readonly [string, string])[] {
  return [
    ['Tokens', `${revoked} ended`],
    ...(invitesEnded === 0 ? [] : [['Invites', `${invitesEnded} ended`] as const]),
    ...(rotated.length === 0
      ? []
      : [
          [
            'Join tokens',
            `new ones for ${rotated.map((role) => `${role}s`).join(' and ')}: open invites of them are worth nothing`,
          ] as const,
        ]),
    ...(nodes.length === 0 ? [] : [['Swarm', `without ${nodes.join(', ')}`] as const]),
  ];
}
