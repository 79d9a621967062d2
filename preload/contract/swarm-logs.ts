import * as z from 'zod';
import { engineId } from './kept.ts';

/* The log of a service on a Swarm: its tasks' lines in one row, and where some are missing. */

export const swarmLogsInput = z.object({
  engine: engineId,
  stack: z.string().min(1).max(255),
  /** By its name in the file, or its whole name. */
  service: z.string().min(1).max(255),
  /** Lines of each task. */
  tail: z.number().int().min(0).max(100_000).optional(),
  follow: z.boolean().optional(),
  /** ISO time, seconds since the epoch, or a span such as `10m`. */
  since: z.string().max(64).optional(),
});

export const swarmLogLine = z.object({
  /** Increases within one subscription; gaps are counted as well. */
  seq: z.number().int(),
  /** `web.2`; of a global service `web.n3`; where the Swarm has forgotten the task, the beginning of its id. */
  task: z.string(),
  taskId: z.string(),
  node: z.string(),
  stream: z.enum(['stdout', 'stderr']),
  /** As its node's clock had it, with nanoseconds. */
  at: z.string(),
  text: z.string(),
});
export type SwarmLogLine = z.infer<typeof swarmLogLine>;

export const swarmLogGap = z.object({
  seq: z.number().int(),
  node: z.string(),
  tasks: z.array(z.string()),
  /** ISO 8601: nothing has come since then; absent: nobody knows. */
  since: z.string().optional(),
  reason: z.string(),
  /** The node answers again: what was missing follows, as far as the node has kept it. */
  over: z.boolean(),
});
export type SwarmLogGap = z.infer<typeof swarmLogGap>;

export const swarmLogFrame = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('lines'), lines: z.array(swarmLogLine) }),
  z.object({ kind: z.literal('gap'), gap: swarmLogGap }),
  /** The view could not keep up: so many lines were left out here. */
  z.object({ kind: z.literal('dropped'), lines: z.number().int() }),
]);
export type SwarmLogFrame = z.infer<typeof swarmLogFrame>;
