import * as z from 'zod';
import { appError } from './errors.ts';
import { engineId } from './kept.ts';
import { method, stream } from './method.ts';
import { plan } from './model.ts';

/*
 * The team's services as a stack of its Swarm: set up, brought up to date, and what is known of that. Keys, passwords and tokens
 * are made and kept by main; none of them is in any of it.
 */

const hostName = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/)
  .regex(/[a-z]/);

/** What is chosen in a page. The other choices are files, or for a terminal. An empty text takes a choice back. */
export const teamStackOptions = z.object({
  /** DNS names by which servers are reached, beside their addresses. */
  names: z.array(hostName).max(32),
  /** Of each server's gateway. */
  port: z.number().int().min(1).max(65_535),
  /** `HOST[:PORT][/PREFIX]`: where images go that no registry has. */
  registry: z.string().max(300).regex(/^\S*$/),
  /** A git repository; its key is in the keychain, not in its address. */
  configRepo: z.string().max(2000).regex(/^\S*$/),
  configBranch: z.string().max(250).regex(/^\S*$/),
  /** Prometheus and Grafana as well. */
  monitoring: z.boolean(),
});
export type TeamStackOptions = z.infer<typeof teamStackOptions>;

/** What is made here, or marked on the Swarm, before anything is built or deployed. */
export const teamStackStep = z.object({
  kind: z.enum(['make-authority', 'issue-certificate', 'make-value', 'mark-node', 'forget-certificate']),
  /** What it makes, in words; the names that a certificate is for; the node's name. */
  target: z.string(),
  cause: z.string(),
});
export type TeamStackStep = z.infer<typeof teamStackStep>;

export const teamStackPlan = z.object({
  team: z.string(),
  /** `host:port` of each server's gateway. */
  addresses: z.array(z.string()),
  steps: z.array(teamStackStep),
  /** Images that are missing or were built from something else; absent: a registry has them. */
  build: plan.optional(),
  /** The stack's own plan; absent: it is made when what is above is there. */
  deploy: plan.optional(),
  /** What is worth knowing, in sentences. */
  notes: z.array(z.string()),
  /** Why what has to be made cannot be kept here: then it is not made in a page. */
  trouble: appError.optional(),
  fingerprint: z.string(),
});
export type TeamStackPlan = z.infer<typeof teamStackPlan>;

/** From the confirmation to its end, whoever looks at it. */
export const teamStackRun = z.discriminatedUnion('phase', [
  z.object({
    phase: z.enum(['preparing', 'building', 'deploying']),
    team: z.string(),
    since: z.string(),
    /** Whose steps are seen in the operations. */
    operation: z.string().optional(),
  }),
  z.object({ phase: z.literal('done'), team: z.string(), addresses: z.array(z.string()) }),
  z.object({ phase: z.literal('failed'), team: z.string(), error: appError }),
  z.object({ phase: z.literal('cancelled'), team: z.string() }),
]);
export type TeamStackRun = z.infer<typeof teamStackRun>;

const ofEngine = z.object({ engine: engineId });
const asked = ofEngine.extend({ options: teamStackOptions.partial() });

export const teamStackMethods = {
  /** What was chosen before, and what the Swarm alone has: `only` is lost when the services are taken down. */
  'teamStack.look': method(
    ofEngine,
    z.object({ team: z.string(), options: teamStackOptions, only: z.array(z.string()) }),
  ),
  /** What is missing or changed; asks a manager. Options that are not given stay what they were. */
  'teamStack.plan': method(asked, teamStackPlan),
  /** Starts what was shown under this fingerprint; another one fails with `plan.changed`. What its plans give is agreed to. */
  'teamStack.run': method(asked.extend({ fingerprint: z.string() }), z.object({})),
  'teamStack.cancel': method(ofEngine, z.object({})),
  /** How the last one ended was seen. */
  'teamStack.dismiss': method(ofEngine, z.object({})),
} as const;

export const teamStackStreams = {
  /** The run of this engine's team at first and whenever it is another one; null: there is none. */
  teamStack: stream(ofEngine, z.object({ run: teamStackRun.nullable() })),
} as const;
