import * as z from 'zod';
import { machineRole, seeThrough, swarmRole } from '../../core/swarm/invite.ts';
import type { Clock, Log, StateStore } from '../ports.ts';
import { createStateList } from '../state-document.ts';

/** What this machine remembers of the team it is in; a worker's engine knows hardly anything of it. No secrets. */
const record = z.object({
  engine: z.string(),
  nodeId: z.string(),
  /** Its id, where this machine is or was a manager. */
  swarm: z.string().optional(),
  team: z.string(),
  /** SHA-256 of the Swarm's root certificate. */
  caDigest: z.string(),
  role: swarmRole,
  machine: machineRole,
  managers: z.array(z.string()),
  see: seeThrough.optional(),
  /** How the Swarm was told to know this machine, when that was an address of its own. */
  address: z.string().optional(),
  joinedAt: z.number(),
});
export type TeamRecord = z.infer<typeof record>;

export function createTeamRecords(options: { readonly state: StateStore; readonly clock: Clock; readonly log: Log }) {
  const list = createStateList({ ...options, name: 'teams', entry: record, onChange: () => undefined });
  return {
    of: async (engine: string): Promise<TeamRecord | undefined> =>
      (await list.read()).find((one) => one.engine === engine),
    keep: (kept: TeamRecord): Promise<void> =>
      list.change(async (now) => [...now.filter(({ engine }) => engine !== kept.engine), kept]),
    /** Told when this machine joined or left, by this program or another. */
    watch: (listener: () => void): (() => void) => list.watch(listener),
    forget: (engine: string): Promise<void> => list.change(async (now) => now.filter((one) => one.engine !== engine)),
  };
}
export type TeamRecords = ReturnType<typeof createTeamRecords>;

/** The invite that this machine joined with: it opens the Swarm, so it is in the keychain, for joining again. */
export const inviteAccount = (engine: string): string => `team/${engine}/invite`;
export const unlockAccount = (swarm: string): string => `team/${swarm}/unlock-key`;
