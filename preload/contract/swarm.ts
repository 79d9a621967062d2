import * as z from 'zod';
import { appError } from './errors.ts';
import { aggregate } from './model.ts';

/* One engine's Swarm as the page sees it: the engine's part in it, its nodes, and the services that run on it. */

const about = {
  /** The team's name, where its Swarm or this machine's records have one. */
  team: z.string().optional(),
  /** Of the Swarm's certificate, to compare with others. */
  fingerprint: z.string().optional(),
  /** How the Swarm knows this machine; empty: not at all. */
  address: z.string(),
  hostname: z.string(),
  /** Managers by address, as this engine knows them. */
  managers: z.array(z.string()),
  /** Where the nodes come from: a manager, one through the invite's endpoint, or only what this engine itself knows. */
  source: z.enum(['manager', 'endpoint', 'self']),
  /** What is worth knowing or doing, in sentences. */
  notes: z.array(z.string()),
};

export const swarmPart = z.discriminatedUnion('kind', [
  /** The engine has not answered yet. */
  z.object({ kind: z.literal('looking') }),
  z.object({ kind: z.literal('none') }),
  /** It has been told to join, and no manager has let it in yet. */
  z.object({ kind: z.literal('joining'), ...about }),
  z.object({ kind: z.literal('worker'), ...about }),
  z.object({
    kind: z.literal('manager'),
    ...about,
    autolock: z.boolean(),
    /** Managers there are, those that answer, and how many have to. */
    quorum: z.object({ managers: z.number().int(), reachable: z.number().int(), needed: z.number().int() }),
  }),
  /** `no-quorum`: what was seen before stays, as unknown. `failed`: anything else that stands in the way of looking. */
  z.object({ kind: z.enum(['locked', 'no-quorum', 'failed']), ...about, error: appError }),
]);
export type SwarmPart = z.infer<typeof swarmPart>;

export const swarmNode = z.object({
  id: z.string(),
  /** Empty: this engine does not know it. */
  hostname: z.string(),
  address: z.string(),
  role: z.enum(['manager', 'worker']),
  availability: z.enum(['active', 'pause', 'drain']),
  state: z.enum(['ready', 'down', 'disconnected', 'unknown']),
  /** In the Swarm's own words, when it is not ready. */
  message: z.string(),
  leader: z.boolean(),
  /** Of managers: whether the others reach it. */
  reachable: z.boolean().optional(),
  /** Absent: nobody said what kind of machine it is. */
  machine: z.enum(['server', 'laptop']).optional(),
  /** Version; empty: not known. */
  engine: z.string(),
  platform: z.string(),
  /** Its labels in the Swarm, without those that are claude-env's own. */
  labels: z.record(z.string(), z.string()),
  /** The very engine that was asked. */
  here: z.boolean(),
});
export type SwarmNode = z.infer<typeof swarmNode>;

export const swarmTask = z.object({
  id: z.string(),
  /** `2` of `web.2`; absent for tasks of global services. */
  slot: z.number().int().optional(),
  /** Its node's name or id; absent: it has none yet. */
  node: z.string().optional(),
  /** Swarm's word; `unknown` for one that was running when its node went away. */
  state: z.string(),
  desired: z.string(),
  /** ISO 8601: since when it is in this state, by its node's clock. */
  at: z.string(),
  error: z.string().optional(),
  exitCode: z.number().int().optional(),
  /** Its end was not wanted. */
  failed: z.boolean(),
  image: z.string(),
});
export type SwarmTask = z.infer<typeof swarmTask>;

export const swarmService = z.object({
  id: z.string(),
  name: z.string(),
  /** Absent: made outside of any stack. */
  stack: z.string().optional(),
  mode: z.enum(['replicated', 'global', 'replicated-job', 'global-job']),
  running: z.number().int(),
  desired: z.number().int(),
  /** As written, without the digest. */
  image: z.string(),
  /** `sha256:…`, where the service names one. */
  digest: z.string().optional(),
  /** Of the last update, in Swarm's words: `updating`, `paused`, `completed`, `rollback_completed`, … */
  update: z.object({ state: z.string(), message: z.string() }).optional(),
  aggregate,
  /** Why it is not healthy, as a sentence without its full stop. */
  reason: z.string().optional(),
  /** Swarm remembers what it was before its last change. */
  canRollBack: z.boolean(),
  /** A new version that so many tasks were to have, and that so many run, until somebody promotes it or takes it back. */
  canary: z
    .object({ tasks: z.number().int(), running: z.number().int(), by: z.string(), since: z.string() })
    .optional(),
  ports: z.array(
    z.object({
      published: z.number().int(),
      target: z.number().int(),
      protocol: z.string(),
      /** Of mode `host`: the nodes that run a task. Absent: every node should answer. */
      nodes: z.array(z.string()).optional(),
    }),
  ),
  /** Those that are wanted, by slot; then what ended against the wish, the latest first. */
  tasks: z.array(swarmTask),
});
export type SwarmService = z.infer<typeof swarmService>;

export const swarmState = z.object({
  part: swarmPart,
  nodes: z.record(z.string(), swarmNode),
  services: z.record(z.string(), swarmService),
});
export type SwarmState = z.infer<typeof swarmState>;

/** As the live state's patches: whole entities put, or dropped. */
export const swarmPatch = z.discriminatedUnion('op', [
  z.object({ op: z.literal('put-part'), value: swarmPart }),
  z.object({ op: z.literal('put-node'), value: swarmNode }),
  z.object({ op: z.literal('put-service'), value: swarmService }),
  z.object({ op: z.literal('drop'), kind: z.enum(['nodes', 'services']), id: z.string() }),
]);
export type SwarmPatch = z.infer<typeof swarmPatch>;

export const swarmFrame = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('snapshot'), seq: z.number().int(), state: swarmState }),
  z.object({ kind: z.literal('patches'), seq: z.number().int(), patches: z.array(swarmPatch) }),
]);
