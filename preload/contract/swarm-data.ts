import * as z from 'zod';
import { diagnostic } from './errors.ts';
import { engineId } from './kept.ts';
import { method } from './method.ts';
import { volumeBackup } from './volume-backup.ts';

/* A stack's data and ports: copies of volumes on this machine, and whether what is published answers. */

export const backupId = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);
const stackName = z.string().min(1).max(255);

/**
 * `partly`: some tries went through; `unreachable`: nothing of that node answers this machine, which says nothing about the port;
 * `untried`: it is not TCP, or the node's address means nothing here.
 */
export const portAnswer = z.enum(['yes', 'partly', 'refused', 'silent', 'unreachable', 'untried']);
export type PortAnswer = z.infer<typeof portAnswer>;

export const triedPort = z.object({
  service: z.string(),
  published: z.number().int(),
  target: z.number().int(),
  protocol: z.string(),
  /** `ingress`: every node should answer. `host`: those with a task. */
  mode: z.enum(['ingress', 'host']),
  /** Where it should answer; none while no task runs. */
  nodes: z.array(z.object({ node: z.string(), answer: portAnswer })),
});
export type TriedPort = z.infer<typeof triedPort>;

export const swarmDataMethods = {
  /** Of the stack's volumes, whichever Swarm they were on; the newest first. */
  'swarm.backups': method(z.object({ stack: stackName }), z.object({ backups: z.array(volumeBackup) })),
  'swarm.removeBackup': method(z.object({ backup: backupId }), z.object({})),
  /** Tries the stack's published TCP ports once from this machine, which takes seconds. `findings`: what is wrong, what to do. */
  'swarm.tryPorts': method(
    z.object({ engine: engineId, stack: stackName }),
    z.object({ ports: z.array(triedPort), findings: z.array(diagnostic) }),
  ),
} as const;
