import * as z from 'zod';
import { credentialName } from './credentials.ts';
import { engineId } from './kept.ts';
import { method } from './method.ts';
import { plan } from './model.ts';
import { backupId } from './swarm-data.ts';

/* What can be done with the stacks of a Swarm: each is planned, shown, and run by its fingerprint. */

const serviceName = z.string().min(1).max(255);
const stackName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/);

/** What goes, and what was set by hand, is left alone unless these say otherwise. */
const keeping = z.object({ prune: z.boolean().optional(), resetScale: z.boolean().optional() });
export const deployOptions = keeping.extend({
  /** A service is started once what it depends on has converged. */
  ordered: z.boolean().optional(),
  /** So many tasks of each service that changes get the new version, until somebody promotes it or takes it back. */
  canary: z.number().int().min(1).max(1000).optional(),
  /** `HOST[:PORT][/PREFIX]`: images that no registry has are pushed there. */
  registry: z.string().min(1).max(300).optional(),
});

/** Services by their whole names. */
export const swarmChange = z.discriminatedUnion('kind', [
  /** Makes the Swarm be what these files say, merged in this order. */
  z.object({
    kind: z.literal('deploy'),
    files: z.array(z.string().min(1).max(4096)).min(1).max(32),
    options: deployOptions,
  }),
  z.object({ kind: z.literal('remove') }),
  z.object({ kind: z.literal('scale'), service: serviceName, replicas: z.number().int().min(0).max(1000) }),
  /** Fresh tasks of what runs, in the way of the service's update_config. */
  z.object({ kind: z.literal('restart'), services: z.array(serviceName).min(1).max(1000) }),
  /** Of services of which some tasks have a new version: all of them get it, or none. */
  z.object({
    kind: z.literal('canary'),
    end: z.enum(['promote', 'rollback']),
    services: z.array(serviceName).min(1).max(1000),
  }),
  /** Each to what it was before its last change. */
  z.object({ kind: z.literal('rollback'), services: z.array(serviceName).min(1).max(1000) }),
  /** A volume becomes what this copy on this machine says; the copy says of which stack it is. */
  z.object({ kind: z.literal('restore-volume'), from: backupId }),
  /** The whole stack, to what a recorded deploy made of it. */
  z.object({ kind: z.literal('go-back'), to: z.string().min(1).max(300), options: keeping }),
]);
export type SwarmChange = z.infer<typeof swarmChange>;

/** Of the stack on the Swarm of this engine. Only a deploy can do without its name, which is in the files then. */
const swarmAction = z.object({
  engine: engineId,
  stack: stackName.optional(),
  change: swarmChange,
  /** Volumes of services that change are copied to this machine first. */
  backup: z.boolean().optional(),
});

export const recordedDeploy = z.object({
  number: z.number().int(),
  at: z.string(),
  who: z.string(),
  /** SHA-256 of the files as they are recorded. */
  hash: z.string(),
  changes: z.string(),
  /** The record's name in the Swarm: what `go-back` is told. */
  id: z.string(),
  /** Enough is recorded to go back to it. */
  back: z.boolean(),
});
export type RecordedDeploy = z.infer<typeof recordedDeploy>;

export const swarmMethods = {
  /** What a change would do; asks a manager. */
  'swarm.plan': method(swarmAction, plan),
  /** As `stacks.run`: under the Swarm's lease of the stack, only the plan with this fingerprint. */
  'swarm.run': method(
    swarmAction.extend({ fingerprint: z.string(), agree: z.array(credentialName).max(1000).optional() }),
    z.object({ operation: z.string() }),
  ),
  /** Who deployed it when, the newest first; the last five are kept. */
  'swarm.history': method(
    z.object({ engine: engineId, stack: stackName }),
    z.object({ deploys: z.array(recordedDeploy) }),
  ),
} as const;
