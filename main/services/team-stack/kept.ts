import * as z from 'zod';
import type { Clock, Log, StateStore } from '../ports.ts';
import { createStateList } from '../state-document.ts';

/** What was chosen for a team's services; each stays until another one is given. */
export const teamStackChoices = z.object({
  /** DNS names by which servers are reached, beside their addresses. */
  names: z.array(z.string()).readonly().default([]),
  port: z.number().int().min(1).max(65_535).default(8443),
  /** `HOST[:PORT][/PREFIX]`: where images go that no registry has. */
  registry: z.string().optional(),
  configRepo: z.string().optional(),
  configBranch: z.string().optional(),
  /** Seconds. */
  syncInterval: z.number().int().positive().optional(),
  /** Texts, as git and ssh read them: who may sign the configuration, and which keys its host has. */
  allowedSigners: z.string().optional(),
  knownHosts: z.string().optional(),
  monitoring: z.boolean().default(false),
});
export type TeamStackChoices = z.infer<typeof teamStackChoices>;

/** What this machine remembers of the services of a team. Nothing of it is secret: keys and passwords are in the keychain. */
const record = z.object({
  /** The Swarm's id. */
  swarm: z.string(),
  choices: teamStackChoices,
  /** `certificate` is PEM; `hosts` are the DNS names that it may vouch for. */
  authority: z.object({ certificate: z.string(), hosts: z.array(z.string()).readonly() }).optional(),
  /** SHA-256 of the certificates of authorities that this one took the place of, the newest last. */
  former: z.array(z.string()).readonly().optional(),
  /** The first operator of this very Swarm was made here: a value of that name may be of a team before, and of a token that is gone. */
  operator: z.literal(true).optional(),
  /** Names of optional values that this machine gave to the services: one that it has no more was taken away here. */
  given: z.array(z.string()).readonly().optional(),
  certificate: z.object({ hosts: z.array(z.string()).readonly(), until: z.number() }).optional(),
});
export type TeamStackRecord = z.infer<typeof record>;

export function createKept(options: { readonly state: StateStore; readonly clock: Clock; readonly log: Log }) {
  const list = createStateList({ ...options, name: 'team-stack', entry: record, onChange: () => undefined });
  return {
    of: async (swarm: string): Promise<TeamStackRecord> =>
      (await list.read()).find((one) => one.swarm === swarm) ?? { swarm, choices: teamStackChoices.parse({}) },
    keep: (kept: TeamStackRecord): Promise<void> =>
      list.change(async (now) => [...now.filter(({ swarm }) => swarm !== kept.swarm), kept]),
  };
}

/** The key of the team's authority: in the keychain, and on no list of credentials, so that no stack can be given it. */
export const authorityKeyAccount = (swarm: string): string => `team/${swarm}/authority-key`;
