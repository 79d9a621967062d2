import * as z from 'zod';
import { personRole } from '../../../preload/contract/person-role.ts';
import {
  environmentState,
  incident,
  offeredRevision,
  pendingRevision,
  personInvite,
  teamMcpServer,
  teamOverview,
  teamSample,
} from '../../../preload/contract/team-services.ts';

/* What the team's controller answers (/api/v1) and says over its WebSocket. Keys that are not named here are dropped. */

/** As it stands in addresses and on screens. */
export const wireId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const text = z.string().max(10_000);
/** Shown on one line, in terminals too. */
const words = z
  .string()
  .max(1000)
  .regex(/^\P{Cc}*$/u);
/** Absent and null are the same to whoever asks. */
const maybe = <T extends z.ZodType>(type: T) =>
  type
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();

export const wirePerson = z.object({ id: wireId, name: words, role: personRole });
const mcpPath = z.object({ name: words, path: z.string().regex(/^\/mcp\/[a-z0-9_-]{1,64}$/) });

/** An hour has sixty; twice as many are taken. */
export const trendAnswer = z.object({ samples: z.array(teamSample).max(120).nullable() });
const commit = z.string().regex(/^[0-9a-f]{40}$/);
/** A sentence of the services' own, for people. */
const said = text.transform((value) => value.replaceAll(/\p{Cc}+/gu, ' '));

export const wireError = z.object({
  error: z.object({ code: z.string().max(100), message: said, hint: maybe(said) }),
});

export const joinedAnswer = z.object({
  token: z.string().regex(/^cet_[A-Za-z0-9_-]{43}$/),
  person: wirePerson,
  team: words,
  servers: z.array(mcpPath).max(100),
});
export const meAnswer = z.object({
  person: wirePerson,
  team: words,
  tokenCreated: maybe(text),
  servers: z.array(mcpPath).max(100),
});
export const tokenAnswer = joinedAnswer.pick({ token: true });

export const peopleAnswer = z.object({
  people: z.array(wirePerson.extend({ created: maybe(text), lastUsed: maybe(text) })).max(10_000),
});
const wireEnvironment = z.object({
  machine: words,
  state: environmentState,
  revision: maybe(text),
  drifted: z.array(text).max(1000).default([]),
  node: maybe(text),
  at: maybe(text),
});
const presence = {
  /** false: what is known is of old. */
  known: z.boolean().default(true),
  people: z
    .array(
      z.object({
        id: wireId,
        /** null where presence is not known. */
        online: z.boolean().nullish(),
        seen: maybe(text),
        environments: z.array(wireEnvironment).max(100),
      }),
    )
    .max(10_000),
};
export const presenceAnswer = z.object(presence);
export type Presence = z.infer<typeof presenceAnswer>;

export const invitesAnswer = z.object({
  invites: z.array(personInvite.extend({ approvedBy: maybe(text) })).max(10_000),
});
export const issuedAnswer = z.object({
  code: z.string().regex(/^cei_[A-Za-z0-9_-]{32}$/),
  id: wireId,
  expires: z.iso.datetime({ offset: true }),
  state: z.enum(['open', 'pending']).default('open'),
});

export const overviewAnswer = teamOverview.extend({ environments: teamOverview.shape.environments.default(null) });
export const configAnswer = z.object({
  current: offeredRevision
    .extend({ approvedBy: maybe(text), signedBy: maybe(text) })
    .nullish()
    .transform((value) => value ?? null),
  sync: z.object({ lastSync: text.nullish(), error: text.nullish(), remoteHead: text.nullish() }),
});
export const revisionsAnswer = z.object({
  revisions: z
    .array(
      pendingRevision.extend({
        signer: maybe(text),
        refused: z
          .object({ message: text })
          .nullish()
          .transform((value) => value?.message)
          .optional(),
      }),
    )
    .max(10_000),
});
const refusedWhy = z
  .object({ message: said })
  .nullish()
  .transform((value) => value?.message)
  .optional();
/** Shown in terminals, too: what came of other people's commits is one line. */
export const lookedAnswer = z.object({
  done: z.boolean(),
  error: z.object({ message: said, hint: maybe(said) }).nullable(),
  offered: z.object({ sha: commit, subject: said }).nullable(),
  waiting: z.array(z.object({ sha: commit, subject: said, refused: refusedWhy })).max(1000),
  pending: z.number().int(),
});
export const mcpAnswer = z.object({ servers: z.array(teamMcpServer).max(100) });

const wireIncident = incident.extend({
  detail: maybe(text),
  owner: maybe(z.object({ id: wireId, name: text })),
  resolved: maybe(text),
});
export const incidentsAnswer = z.object({ incidents: z.array(wireIncident).max(10_000) });
export const incidentAnswer = z.object({ id: wireId });

export const swarmAnswer = z.object({
  deploys: z
    .array(
      z.object({
        stack: text,
        number: z.number().int(),
        who: maybe(text),
        at: text,
        changes: z.union([text, z.array(text)]).nullish(),
      }),
    )
    .max(10_000),
});

export const removedAnswer = z.object({
  revoked: z.union([z.number().int(), z.boolean().transform(Number)]),
  nodes: z.array(text).max(1000),
  invitesEnded: z.number().int(),
});

export const liveMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), person: wirePerson }),
  z.object({
    type: z.literal('changed'),
    what: z.enum(['people', 'presence', 'config', 'incidents', 'mcp', 'swarm']),
  }),
  /** Only those that changed. */
  z.object({ type: z.literal('presence'), ...presence }),
  /** The newest minute. */
  z.object({ type: z.literal('sample'), sample: teamSample }),
  /** What was said was not taken, and may be after so many seconds, if there are any. */
  z.object({
    type: z.literal('error'),
    error: wireError.shape.error,
    retryAfter: z.number().positive().max(600).optional(),
  }),
]);
export type LiveMessage = z.infer<typeof liveMessage>;
