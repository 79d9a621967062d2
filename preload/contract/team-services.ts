import * as z from 'zod';
import { appError } from './errors.ts';
import { engineId } from './kept.ts';
import { method, stream } from './method.ts';
import { personRole } from './person-role.ts';

export type { PersonRole } from './person-role.ts';

/*
 * The team's own services (its controller) as the page sees them: this person's link to them, who else is there, what they
 * have running, the team's configuration, its MCP servers, incidents and deploys. No token is in any of it.
 */

const personId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
/** A commit of the team's configuration. */
const revision = z.string().regex(/^[0-9a-f]{40}$/);
const personName = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^\P{Cc}+$/u);

const linked = {
  team: z.string(),
  /** All that are known, `host:port`. */
  addresses: z.array(z.string()),
  /** Who the services know this user as. */
  me: z.object({ id: z.string(), name: z.string(), role: personRole }),
};
export const servicesLink = z.discriminatedUnion('kind', [
  /** Nothing has been read yet. */
  z.object({ kind: z.literal('looking') }),
  /** This user has joined no team's services. */
  z.object({ kind: z.literal('none') }),
  /** `address`: the one that answers. */
  z.object({
    kind: z.literal('open'),
    ...linked,
    address: z.string(),
    tokenCreated: z.string().optional(),
    /** What will keep people out soon: the certificate ends. */
    warning: z.object({ message: z.string(), hint: z.string() }).optional(),
  }),
  /** None has answered yet, or it was lost: tried again by itself. What was seen stays as it was. */
  z.object({ kind: z.literal('connecting'), ...linked, error: appError.optional() }),
  /** Nothing is tried any more: the token holds no longer, the keychain has none, or who answers is not the team. */
  z.object({ kind: z.literal('refused'), ...linked, error: appError }),
]);
export type ServicesLink = z.infer<typeof servicesLink>;

export const environmentState = z.enum(['running', 'stopped', 'starting', 'failed', 'unknown']);
export type EnvironmentState = z.infer<typeof environmentState>;

/** One machine's dev container, as its own program reports it. */
export const teamEnvironment = z.object({
  machine: z.string(),
  state: environmentState,
  /** Of the team's configuration, as applied there. */
  revision: z.string().optional(),
  /** null: cannot be told. */
  behind: z.boolean().nullable(),
  /** Files of the configuration that were changed there. */
  drifted: z.array(z.string()),
  /** Its name in the Swarm, where it is a node. */
  node: z.string().optional(),
  /** ISO 8601: when it last said so. */
  at: z.string().optional(),
});
export type TeamEnvironment = z.infer<typeof teamEnvironment>;

export const teamPerson = z.object({
  id: z.string(),
  name: z.string(),
  role: personRole,
  /** null: presence is not known now. */
  online: z.boolean().nullable(),
  /** ISO 8601. */
  joined: z.string().optional(),
  seen: z.string().optional(),
  environments: z.array(teamEnvironment),
});
export type TeamPerson = z.infer<typeof teamPerson>;

/** An invite to the services, without its code. */
export const personInvite = z.object({
  id: z.string(),
  name: z.string(),
  role: personRole,
  by: z.string(),
  issued: z.string(),
  expires: z.string(),
  /** `pending`: a member proposed it, and no operator has approved it yet. */
  state: z.enum(['pending', 'open', 'used', 'expired']),
  approvedBy: z.string().optional(),
});
export type PersonInvite = z.infer<typeof personInvite>;

/** The four panels. null: not known, which is never the same as 0. */
export const teamOverview = z.object({
  environments: z.object({ running: z.number().int(), known: z.number().int() }).nullable(),
  /** `successRate`: 0 to 1. */
  sync: z.object({ successRate: z.number().nullable(), lastError: z.string().nullable() }),
  mcp: z.object({ p95Seconds: z.number().nullable(), requestsPerSecond: z.number().nullable() }),
  /** `behind`: who, as `anna/laptop`. */
  drift: z.object({ percent: z.number().nullable(), behind: z.array(z.string()) }),
  /** Open ones. */
  incidents: z.number().int().nullable(),
});
export type TeamOverview = z.infer<typeof teamOverview>;

/** The four figures at one moment, looked at once a minute by the services. null: not known then. */
export const teamSample = z.object({
  at: z.iso.datetime({ offset: true }),
  /** That run. */
  environments: z.number().nullable(),
  /** 0 to 1. */
  sync: z.number().nullable(),
  /** The slowest server's p95, in seconds. */
  mcp: z.number().nullable(),
  /** Per cent. */
  drift: z.number().nullable(),
});
export type TeamSample = z.infer<typeof teamSample>;

export const offeredRevision = z.object({
  sha: z.string(),
  subject: z.string(),
  /** ISO 8601. */
  since: z.string(),
  approvedBy: z.string().optional(),
  signedBy: z.string().optional(),
});
export const pendingRevision = z.object({
  sha: z.string(),
  subject: z.string(),
  author: z.string(),
  date: z.string(),
  signature: z.enum(['good', 'bad', 'none', 'unknown-signer']),
  signer: z.string().optional(),
  /** Why it can be offered to nobody, whoever approves it. */
  refused: z.string().optional(),
});
export type PendingRevision = z.infer<typeof pendingRevision>;
export const teamConfig = z.object({
  /** What members are offered; null: nothing yet. */
  current: offeredRevision.nullable(),
  sync: z.object({
    lastSync: z.string().nullable(),
    error: z.string().nullable(),
    remoteHead: z.string().nullable(),
  }),
  /** Newer ones that wait for an operator; absent: not for this role. */
  pending: z.array(pendingRevision).optional(),
});
export type TeamConfig = z.infer<typeof teamConfig>;

/** What a look at the team's repository has brought. */
export const lookedConfig = z.object({
  /** `trouble`: the remote is gone, say, or its history was rewritten. `going-on`: it takes longer, and shows by itself. */
  outcome: z.enum(['news', 'nothing', 'trouble', 'going-on']),
  /** In sentences. */
  says: z.string(),
  hint: z.string().optional(),
  /** Seen for the first time, and not offered. */
  waiting: z.array(z.string()),
});
export type LookedConfig = z.infer<typeof lookedConfig>;

export const teamMcpServer = z.object({
  name: z.string(),
  /** Below the services' address: `/mcp/context7`. */
  path: z.string(),
  state: z.enum(['running', 'degraded', 'stopped', 'unknown']),
  /** Those that answer; null: not known. */
  replicas: z.number().int().nullable(),
  p95Seconds: z.number().nullable(),
  requestsPerSecond: z.number().nullable(),
});
export type TeamMcpServer = z.infer<typeof teamMcpServer>;

export const incident = z.object({
  id: z.string(),
  title: z.string(),
  detail: z.string().optional(),
  state: z.enum(['open', 'resolved']),
  by: z.string(),
  opened: z.string(),
  /** Who is on it. */
  owner: z.object({ id: z.string(), name: z.string() }).optional(),
  resolved: z.string().optional(),
  notes: z.array(z.object({ by: z.string(), at: z.string(), text: z.string() })),
});
export type Incident = z.infer<typeof incident>;

export const teamDeploy = z.object({
  stack: z.string(),
  number: z.number().int(),
  by: z.string(),
  at: z.string(),
  what: z.string(),
});
export type TeamDeploy = z.infer<typeof teamDeploy>;

/** What there is beside the link. Absent: not known yet, or not for this person's role. */
const parts = {
  overview: teamOverview,
  /** Of the last hour, the oldest first; null: the services cannot tell now. */
  trend: z.array(teamSample).nullable(),
  people: z.record(z.string(), teamPerson),
  /** For operators. */
  invites: z.array(personInvite),
  config: teamConfig,
  mcp: z.array(teamMcpServer),
  /** Open ones first, the newest first. */
  incidents: z.array(incident),
  /** The newest first. */
  deploys: z.array(teamDeploy),
};
export const servicesPart = z.enum(['overview', 'trend', 'people', 'invites', 'config', 'mcp', 'incidents', 'deploys']);
export type ServicesPart = z.infer<typeof servicesPart>;

export const teamServicesState = z.object({
  link: servicesLink,
  ...z.object(parts).partial().shape,
  /** Why a part could not be read, or is as it was. */
  errors: z.partialRecord(servicesPart, appError),
});
export type TeamServicesState = z.infer<typeof teamServicesState>;
export const unseenServices: TeamServicesState = { link: { kind: 'looking' }, errors: {} };

/** As the live state's patches: whole parts put or dropped, and one person put. */
export const servicesPatch = z.discriminatedUnion('op', [
  z.object({ op: z.literal('put'), value: z.object({ link: servicesLink, ...parts }).partial() }),
  z.object({ op: z.literal('put-person'), value: teamPerson }),
  z.object({ op: z.literal('put-errors'), value: teamServicesState.shape.errors }),
  z.object({ op: z.literal('drop'), part: servicesPart }),
]);
export type ServicesPatch = z.infer<typeof servicesPatch>;

/** Pure. What a patch does not name keeps its identity. */
export function applyServicesPatch(state: TeamServicesState, change: ServicesPatch): TeamServicesState {
  switch (change.op) {
    case 'put': {
      const given = Object.entries(change.value).filter(([, value]) => value !== undefined);
      return { ...state, ...(Object.fromEntries(given) as Partial<TeamServicesState>) };
    }
    case 'put-person':
      return { ...state, people: { ...state.people, [change.value.id]: change.value } };
    case 'put-errors':
      return { ...state, errors: change.value };
    case 'drop': {
      const { [change.part]: _dropped, ...rest } = state;
      return rest;
    }
  }
}

/** What taking a person out has done, and what is left to do by people. */
export const removedPerson = z.object({
  name: z.string(),
  /** Tokens that hold no longer. */
  revoked: z.number().int(),
  invitesEnded: z.number().int(),
  /** Roles whose join tokens are new ones; their open invites are worth nothing. */
  rotated: z.array(z.enum(['worker', 'manager'])),
  /** Machines that were taken out of the Swarm, by name. */
  nodes: z.array(z.string()),
  /** Secrets that could be read on them. */
  secrets: z.array(z.object({ name: z.string(), stack: z.string().optional(), why: z.string() })),
  notes: z.array(z.string()),
});
export type RemovedPerson = z.infer<typeof removedPerson>;

const nothing = z.object({});
const ofPerson = z.object({ person: personId });
const ofInvite = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const ofIncident = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });
const title = z.string().trim().min(1).max(200);
const note = z.string().trim().min(1).max(10_000);

export const teamServicesMethods = {
  /** Tries the services now instead of at its next turn. */
  'teamServices.retry': method(nothing, nothing),
  /** Ends the link on this machine, and the token with it where the services answer. */
  'teamServices.leave': method(nothing, z.object({ team: z.string(), notes: z.array(z.string()) })),
  /** A new token for this person; the one before ends a minute later. */
  'teamServices.renewToken': method(nothing, nothing),
  /**
   * `swarm`: the invite lets a machine of the person's join the Swarm as well, asked of this engine; without it, the
   * services alone. A member's, for a guest, waits for an operator.
   */
  'teamServices.invitePerson': method(
    z.object({
      name: personName,
      role: personRole,
      /** Seconds. */
      lasts: z
        .number()
        .int()
        .min(60)
        .max(30 * 86_400),
      swarm: z
        .object({ engine: engineId, role: z.enum(['worker', 'manager']), machine: z.enum(['server', 'laptop']) })
        .optional(),
    }),
    z.object({
      /** Shown once. A secret. */
      invite: z.string(),
      id: z.string(),
      team: z.string(),
      name: z.string(),
      role: personRole,
      expires: z.string(),
      pending: z.boolean(),
      notes: z.array(z.string()),
    }),
  ),
  'teamServices.approveInvite': method(ofInvite, nothing),
  'teamServices.withdrawInvite': method(ofInvite, nothing),
  'teamServices.setRole': method(ofPerson.extend({ role: personRole }), nothing),
  /** What taking a person out means; `engine`: a manager of the Swarm, where there is one. */
  'teamServices.adviseRemoval': method(
    ofPerson.extend({ engine: engineId.optional() }),
    z.object({ name: z.string(), means: z.array(z.string()), nodes: z.array(z.string()) }),
  ),
  /** `nodes`: those that were agreed to, as `adviseRemoval` named them; absent: all. */
  'teamServices.removePerson': method(
    ofPerson.extend({ engine: engineId.optional(), nodes: z.array(z.string()).max(1000).optional() }),
    removedPerson,
  ),
  /** Exactly this commit is offered from then on. */
  'teamServices.approveRevision': method(z.object({ sha: revision }), nothing),
  /** Has the team's repository looked at now, instead of at the next turn. */
  'teamServices.syncConfig': method(nothing, lookedConfig),
  'teamServices.openIncident': method(z.object({ title, detail: note.optional() }), z.object({ id: z.string() })),
  /** `owner`: null gives it back. */
  'teamServices.changeIncident': method(
    ofIncident.extend({
      owner: z.literal('me').nullable().optional(),
      state: z.enum(['open', 'resolved']).optional(),
      note: note.optional(),
    }),
    nothing,
  ),
} as const;

export const teamServicesStreams = {
  /** A snapshot first, then patches; nothing is asked of the services while nobody follows and nothing is reported. */
  teamServices: stream(
    nothing,
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('snapshot'), seq: z.number().int(), state: teamServicesState }),
      z.object({ kind: z.literal('patches'), seq: z.number().int(), patches: z.array(servicesPatch) }),
    ]),
  ),
} as const;
