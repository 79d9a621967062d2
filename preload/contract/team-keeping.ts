import * as z from 'zod';
import { engineId } from './kept.ts';
import { method } from './method.ts';

/* Leaving a team's Swarm, and what keeps it: keys, backups, a lost quorum, labels of machines. */

const onEngine = z.object({ engine: engineId });

/** What leaving means. */
export const leavingTeam = z.object({
  team: z.string(),
  role: z.enum(['manager', 'worker']),
  /** The Swarm ends with it, so a backup of its state is asked for. */
  last: z.boolean(),
  /** What breaks, in sentences. */
  breaks: z.array(z.string()),
});

/** As the Swarm takes it; values may be empty. */
export const labelKey = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/);

/** Docker's own form; nothing else is sent to an engine as a key. */
const unlockKey = z.string().regex(/^SWMKEY-1-[A-Za-z0-9+/]{20,100}$/);

export const keepingMethods = {
  /** Fails where the machine must stay, with why. */
  'team.adviseLeaving': method(onEngine, leavingTeam),
  /** `backup`: of the Swarm's state, which the only manager is asked for; `withoutBackup`: the Swarm ends for good. */
  'team.leave': method(
    onEngine.extend({ backup: z.string().min(1).max(4096).optional(), withoutBackup: z.boolean() }),
    /** `notes`: what became of the link to the team's services, which ends as well. */
    z.object({ team: z.string(), ended: z.boolean(), notes: z.array(z.string()) }),
  ),
  /** The key goes to the keychain. `unlockKey`: there is none, and it is told this once. A secret. */
  'team.autolock': method(onEngine.extend({ on: z.boolean() }), z.object({ unlockKey: z.string().optional() })),
  /** With the keychain's key unless one is given. `waiting`: it was taken, and too few managers answer yet. */
  'team.unlock': method(onEngine.extend({ key: unlockKey.optional() }), z.object({ waiting: z.boolean() })),
  /** How this manager's state is backed up and brought back: no engine stops itself, so it is done by hand. */
  'team.guideBackup': method(onEngine, z.object({ steps: z.array(z.string()) })),
  /** After a loss of quorum that is for good: this manager goes on alone. */
  'team.recover': method(onEngine, z.object({})),
  /** null takes a label away; what is not named stays. */
  'team.label': method(
    onEngine.extend({
      node: z.string().regex(/^[a-z0-9]{1,64}$/),
      labels: z.record(labelKey, z.string().max(1000).nullable()),
    }),
    z.object({}),
  ),
} as const;
