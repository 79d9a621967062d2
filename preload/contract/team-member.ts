import * as z from 'zod';
import { appError } from './errors.ts';
import { method, stream } from './method.ts';

/*
 * What a team's services give a member's own dev containers: MCP servers that Claude Code there uses, and a configuration of
 * Claude Code's that is shown as a diff, applied when its user agrees, and undone exactly. No token is in any of it.
 */

/** A commit of the team's configuration. */
const revision = z.string().regex(/^[0-9a-f]{40}$/);
/** Name of an environment; absent: the only one that runs. */
const environment = z.string().min(1).max(64).optional();

export const offeredRevision = z.object({ sha: revision, subject: z.string().optional() });

export const memberServer = z.object({
  /** As Claude Code lists it: `team-context7`. */
  name: z.string(),
  outcome: z.enum(['registered', 'already', 'updated', 'removed', 'skipped', 'foreign']),
  /** Its address, or why it is not registered. */
  detail: z.string(),
});
export type MemberServer = z.infer<typeof memberServer>;

export const memberFile = z.object({
  /** In Claude Code's configuration folder. */
  path: z.string(),
  /** `keep-yours`: it stays as its user has it; `note` says why. `same`: nothing to do. */
  kind: z.enum(['add', 'change', 'remove', 'keep-yours', 'same']),
  /** Unified, of the team's part alone: nothing of the user's own text is in it. Empty where nothing is written. */
  diff: z.string(),
  note: z.string().optional(),
});
export type MemberFile = z.infer<typeof memberFile>;

/** Something of a revision that runs on the member's machine, or that Claude may do unasked from then on. */
export const carried = z.object({
  file: z.string(),
  /** When it runs, in words; `sets` for what is no command. */
  what: z.string(),
  command: z.string(),
});
export type Carried = z.infer<typeof carried>;

export const memberDiff = z.object({
  environment: z.string(),
  team: z.string(),
  /** null: the team offers none yet. */
  offered: offeredRevision.nullable(),
  /** null: none is applied here. */
  applied: z.string().nullable(),
  files: z.array(memberFile),
  /** All of it, also what an earlier revision brought already. */
  carries: z.array(carried),
  /** In sentences: what else there is to know before agreeing. */
  notes: z.array(z.string()),
});
export type MemberDiff = z.infer<typeof memberDiff>;

const kept = z.array(z.object({ path: z.string(), note: z.string() }));

export const memberEnvironment = z.object({
  name: z.string(),
  /** `working`: something is being brought or asked. `failed`: with `error`, which `ready` may have, too. */
  state: z.enum(['working', 'ready', 'failed']),
  servers: z.array(memberServer),
  offered: offeredRevision.nullable(),
  applied: z.string().nullable(),
  /** Files of the configuration that were changed here since. */
  drifted: z.array(z.string()),
  error: appError.optional(),
});
export type MemberEnvironment = z.infer<typeof memberEnvironment>;

export const teamMemberMethods = {
  'teamMember.diff': method(z.object({ environment }), memberDiff),
  /** Exactly the revision that was shown; the same is brought to new containers of this user without asking again. */
  'teamMember.apply': method(
    z.object({ environment, sha: revision }),
    z.object({ environment: z.string(), written: z.array(z.string()), kept }),
  ),
  'teamMember.undo': method(
    z.object({ environment }),
    z.object({ environment: z.string(), restored: z.array(z.string()), kept }),
  ),
} as const;

export const teamMemberStreams = {
  /** The dev containers that run, at once and after every change. Empty without a team. */
  teamMember: stream(z.object({}), z.object({ environments: z.array(memberEnvironment) })),
} as const;
