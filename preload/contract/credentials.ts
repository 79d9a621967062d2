import * as z from 'zod';
import { appError, diagnostic } from './errors.ts';
import { stackId } from './kept.ts';

/* What the page sees of credentials: names and whereabouts. A value goes in by `credentials.set`, and comes out by the desktop's `revealCredential` alone. */

/** As a variable is named in a compose file. */
export const credentialName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/);

const named = { name: credentialName };
/** Whose it is, and its name. A project's is used before a team's, and that before the user's. */
export const credentialKey = z.discriminatedUnion('scope', [
  z.object({ scope: z.literal('user'), ...named }),
  z.object({ scope: z.literal('project'), project: z.string().min(1).max(255), ...named }),
  /** One's own value, for stacks on the Swarm of a team of that name. Others have theirs: values are not shared. */
  z.object({ scope: z.literal('team'), team: z.string().min(1).max(255), ...named }),
]);
export type CredentialKey = z.infer<typeof credentialKey>;

/** A stack whose files or secrets refer to the name. */
export const credentialUse = z.object({
  stack: stackId,
  /** Those that get it; empty when it is in a part that belongs to none. */
  services: z.array(z.string()),
  /** What the stack takes: this very entry, or what comes before it. */
  takes: z.enum(['this', 'environment', 'project']),
});
export type CredentialUse = z.infer<typeof credentialUse>;

export const credential = z.object({
  key: credentialKey,
  /**
   * `kept`: in the keychain, as far as is known without asking it. `session`: in this program's memory, until it ends.
   * `gone`: the keychain was asked and has it no longer. `missing`: stacks need it, and nobody has it.
   */
  state: z.enum(['kept', 'session', 'gone', 'missing']),
  /** ISO 8601 in UTC; absent for what is missing. */
  changedAt: z.string().optional(),
  usedBy: z.array(credentialUse),
});
export type Credential = z.infer<typeof credential>;

/** Whether values can be kept. `asking`: it has not answered yet. */
export const keychainState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('asking') }),
  z.object({ kind: z.literal('available') }),
  z.object({ kind: z.enum(['none', 'locked', 'denied', 'failed']), error: appError }),
]);
export type KeychainState = z.infer<typeof keychainState>;

/** Where a value is kept: in the system's keychain, or in memory until the program ends. */
export const keepIn = z.enum(['keychain', 'session']);
export type KeepIn = z.infer<typeof keepIn>;

/** Whose the entries of a `.env` become. */
export const importScope = z.discriminatedUnion('scope', [
  z.object({ scope: z.literal('user') }),
  z.object({ scope: z.literal('project'), project: z.string().min(1).max(255) }),
]);

/** What a `.env` has, by name: never a value. */
export const envProposal = z.object({
  /** Absolute, without links. */
  file: z.string(),
  /** The compose project of the file's folder. */
  project: z.string().optional(),
  /** In the order of the file. `sign`: why it looks like a secret. `blocked`: why it cannot be moved. */
  entries: z.array(
    z.object({ name: z.string(), line: z.number().int(), sign: z.string().optional(), blocked: z.string().optional() }),
  ),
  warnings: z.array(diagnostic),
  /** Names that were moved out of it before, and can be put back. */
  undo: z.array(z.string()),
});
export type EnvProposal = z.infer<typeof envProposal>;

/** One login of a registry: ours, or docker's own. */
export const registryLogin = z.object({
  /** The key that logins are kept under. */
  registry: z.string(),
  /** As people say it: `Docker Hub`, `ghcr.io`. */
  title: z.string(),
  user: z.string().optional(),
  /** `the keychain`, docker's `config.json` by its path, or a credential helper by its name. */
  source: z.string(),
  /** Added in this app, which alone it can take away. */
  own: z.boolean(),
  /** For this run only. */
  session: z.boolean(),
  /** False: another one comes before it. */
  used: z.boolean(),
  changedAt: z.string().optional(),
});
export type RegistryLogin = z.infer<typeof registryLogin>;

/** A secret that a team's Swarm has, for every member to see: its name, and who set it. Its value is for its containers alone. */
export const teamSecret = z.object({
  /** As the stack's file calls it; as the Swarm does, where no stack of ours made it. */
  name: z.string(),
  stack: z.string().optional(),
  /** `anna@laptop`; absent where docker's own command made it. */
  setBy: z.string().optional(),
  /** ISO 8601, by a manager's clock. */
  setAt: z.string(),
  /** Where its value was taken from: `file`, `environment NAME`. */
  from: z.string().optional(),
  /** Under which scope this machine's keychain has a value of that name: this person's own, and perhaps another one. */
  here: z.enum(['user', 'project', 'team']).optional(),
});
export type TeamSecret = z.infer<typeof teamSecret>;

export const credentialsFrame = z.discriminatedUnion('kind', [
  /** All of them, whole. `looked`: the stacks' files have been read, so `usedBy` and what is missing are complete. */
  z.object({ kind: z.literal('list'), credentials: z.array(credential), looked: z.boolean() }),
  z.object({ kind: z.literal('keychain'), keychain: keychainState }),
]);
