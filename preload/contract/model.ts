import * as z from 'zod';
import { appError, diagnostic, sourceLocation } from './errors.ts';
import { engineId, stackId } from './kept.ts';
import { mcpServer } from './mcp.ts';
import { missingValue, planCredential } from './plan-values.ts';

export type { EngineId, Environment, Settings, StackId } from './kept.ts';
export type { McpServer } from './mcp.ts';

/*
 * What the user sees. Every id carries its engine, because several engines are looked at side by side:
 *   engine     `default`, `env`, `context:work`, `socket:colima`   (no slash)
 *   stack      `<engine>/<project>`
 *   service    `<engine>/<project>/<service>`
 *   container  `<engine>//<64 hex>`
 * `ids.ts` builds and splits them; nobody else does.
 */
export const serviceId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9:._-]*\/[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/);
export const containerId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9:._-]*\/\/[0-9a-f]{12,64}$/);
export type ServiceId = z.infer<typeof serviceId>;
export type ContainerId = z.infer<typeof containerId>;

/** The seven states of look.md; shapes and colours follow from this one word. */
export const aggregate = z.enum(['healthy', 'working', 'degraded', 'failed', 'stopped', 'completed', 'unknown']);
export type Aggregate = z.infer<typeof aggregate>;

/** ISO 8601 in UTC. */
const instant = z.string();

export const engineState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('connecting') }),
  z.object({
    kind: z.literal('connected'),
    name: z.string(),
    /** What answers: `Docker Engine`, `Docker Desktop`, `Podman`, … */
    product: z.string(),
    version: z.string(),
    /** The negotiated API version, e.g. `1.41`. */
    apiVersion: z.string(),
    os: z.string(),
    arch: z.string(),
    swarm: z.enum(['none', 'worker', 'manager', 'locked', 'error']),
    since: instant,
  }),
  z.object({ kind: z.literal('unreachable'), error: appError, since: instant }),
]);
export type EngineState = z.infer<typeof engineState>;

export const engine = z.object({
  id: engineId,
  /** Short name for people: the context's name, or the product behind a known socket. */
  title: z.string(),
  /** `unix:///var/run/docker.sock`, `ssh://user@host`, … never with a password. */
  address: z.string(),
  /** Why this engine is known, e.g. "context `work` from ~/.docker/config.json". */
  source: z.string(),
  /** The engine used when nothing else is said. */
  preferred: z.boolean(),
  /** False for ssh and tcp: bind mounts, published ports and `localhost` links are on another machine. */
  local: z.boolean(),
  state: engineState,
});
export type Engine = z.infer<typeof engine>;

export const publishedPort = z.object({
  /** Port on the host; absent when the container port is exposed but not published. */
  host: z.number().int().optional(),
  hostIp: z.string().optional(),
  container: z.number().int(),
  protocol: z.enum(['tcp', 'udp', 'sctp']),
});
export type PublishedPort = z.infer<typeof publishedPort>;

/** Docker's words. `absent`: the file or a label names the service, but it has no container. */
export const containerState = z.enum([
  'absent',
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
]);
export type ContainerState = z.infer<typeof containerState>;
export const health = z.enum(['none', 'starting', 'healthy', 'unhealthy']);
export type Health = z.infer<typeof health>;

export const container = z.object({
  id: containerId,
  name: z.string(),
  number: z.number().int(),
  oneOff: z.boolean(),
  state: containerState,
  health,
  exitCode: z.number().int().optional(),
  oomKilled: z.boolean().optional(),
  startedAt: instant.optional(),
  finishedAt: instant.optional(),
  /** Restarts by the engine's restart policy since creation. */
  restarts: z.number().int(),
  image: z.string(),
  ports: z.array(publishedPort),
  /** Output of the last failing health probe, cut to 2,000 characters. */
  healthOutput: z.string().optional(),
  /** Files of secrets that were kept in memory and are gone: whoever started it could not bring them. */
  missingSecrets: z.array(z.string()).optional(),
});
export type Container = z.infer<typeof container>;

export const service = z.object({
  id: serviceId,
  stack: stackId,
  name: z.string(),
  aggregate,
  /** One sentence for every state that is not healthy, completed or plainly stopped: the cause first. */
  reason: z.string().optional(),
  /** What to do about it, as a sentence. */
  nextStep: z.string().optional(),
  state: containerState,
  health,
  image: z.string(),
  startedAt: instant.optional(),
  restarts: z.number().int(),
  ports: z.array(publishedPort),
  containers: z.array(container),
  /** Secrets in its environment that its image would read from a file, as its documentation says. */
  fileAdvice: z.array(z.object({ variable: z.string(), fileVariable: z.string() })).optional(),
  mcp: z.array(mcpServer).optional(),
});
export type Service = z.infer<typeof service>;

export const stack = z.object({
  id: stackId,
  engine: engineId,
  project: z.string(),
  /** Name for people: `Local` for the stack we ship, otherwise the project. */
  title: z.string(),
  /** `local`: the stack we ship; `compose`: any other compose project. */
  kind: z.enum(['local', 'compose']),
  aggregate,
  reason: z.string().optional(),
  /** Absolute paths as the labels (or the user) name them; empty when nobody knows. */
  files: z.array(z.string()),
  workingDir: z.string().optional(),
  /** Every configured file can be read from here, so `up` and `plan` are possible. */
  filesFound: z.boolean(),
  services: z.array(serviceId),
});
export type Stack = z.infer<typeof stack>;

/** Everything the live stream carries. Flat maps by id, so that a patch names one thing. */
export const liveState = z.object({
  engines: z.record(z.string(), engine),
  stacks: z.record(z.string(), stack),
  services: z.record(z.string(), service),
});
export type LiveState = z.infer<typeof liveState>;

export const planAction = z.enum([
  'up',
  'down',
  'start',
  'stop',
  'restart',
  'build',
  'pull',
  'scale',
  'run',
  'kill',
  'pause',
  'unpause',
  'rm',
  'deploy',
  'rollback',
  'restore-volume',
]);
export type PlanAction = z.infer<typeof planAction>;

/** What a step does, in one engine call; see core/plan/plan.ts for what each carries. */
export const stepKind = z.enum([
  'pull-image',
  'build-image',
  'create-network',
  'remove-network',
  'create-volume',
  'remove-volume',
  'create-container',
  'deliver-files',
  'start-container',
  'stop-container',
  'restart-container',
  'kill-container',
  'pause-container',
  'unpause-container',
  'remove-container',
  'rename-container',
  'connect-network',
  'disconnect-network',
  'wait-healthy',
  'wait-completed',
  'wait-running',
  'run-hook',
  'create-service',
  'update-service',
  'rollback-service',
  'remove-service',
  'create-secret',
  'remove-secret',
  'create-config',
  'remove-config',
  'wait-converged',
  'send-image',
  'backup-volume',
  'restore-volume',
  'push-image',
  'check-image',
  'run-job',
  'wait-removed',
]);
export type StepKind = z.infer<typeof stepKind>;

export const planStep = z.object({
  id: z.string(),
  kind: stepKind,
  /** What it acts on, as people call it: a container's, image's, network's or volume's name. */
  target: z.string(),
  service: z.string().optional(),
  cause: z.string(),
  /** Something is lost that cannot be had back by running `up` again. */
  destructive: z.boolean(),
  after: z.array(z.string()),
});
export type PlanStep = z.infer<typeof planStep>;

export const portConflict = z.object({
  service: z.string(),
  port: publishedPort,
  /** "container `web-1` of project shop" or "process nginx (pid 812)". */
  owner: z.string(),
  /** A port near it that is free now. */
  alternative: z.number().int().optional(),
  where: sourceLocation.optional(),
});
export type PortConflict = z.infer<typeof portConflict>;

/** The wire's view of a plan: what will happen and why; payloads stay in main. */
export const plan = z.object({
  stack: stackId,
  action: planAction,
  fingerprint: z.string(),
  steps: z.array(planStep),
  /** What removing would lose, by name; volumes only when asked for. */
  losses: z.array(z.string()),
  /** Taken ports; a plan with conflicts is not run. */
  conflicts: z.array(portConflict),
  /** Everything else that stands in the way, found before anything is changed; a plan with problems is not run. */
  problems: z.array(diagnostic),
  /** Things to know that do not stop it: orphans, keys without effect. */
  warnings: z.array(diagnostic),
  /** What of the keychain it gives to whom, and what it lacks. */
  credentials: z.array(planCredential).optional(),
  missing: z.array(missingValue).optional(),
  /** The equivalent terminal command: the app teaches the CLI. */
  command: z.string(),
});
export type Plan = z.infer<typeof plan>;

/** One thing that differs between a stack's files and what is on its engine. */
export const driftItem = z.object({
  subject: z.enum(['project', 'service', 'network', 'volume']),
  /** The service's name in the file; a network's or volume's name on the engine. */
  name: z.string(),
  /** The containers that it is about; empty where it is about none. */
  containers: z.array(z.string()),
  /** In compose's words: `environment.LOG_LEVEL`, `ports.80/tcp`, `image`; empty for the thing as a whole. */
  key: z.string(),
  /** `newer`: its image's reference means another image by now. `missing`, `extra`: the thing as a whole. */
  change: z.enum(['changed', 'only-in-file', 'only-on-engine', 'missing', 'extra', 'newer']),
  file: z.string().optional(),
  engine: z.string().optional(),
  /** Both sides are left out, because they look like a secret. */
  hidden: z.boolean().optional(),
  where: sourceLocation.optional(),
});
export type DriftItem = z.infer<typeof driftItem>;

export const drift = z.object({
  stack: stackId,
  files: z.array(z.string()),
  items: z.array(driftItem),
  /** What the loader has to say about the files. */
  warnings: z.array(diagnostic),
});
export type Drift = z.infer<typeof drift>;

export const stepState = z.enum(['waiting', 'running', 'done', 'failed', 'skipped', 'cancelled']);
export type StepState = z.infer<typeof stepState>;

export const stepProgress = z.object({
  step: z.string(),
  state: stepState,
  /** What it is doing now: "layer 3 of 7", the build step's line. */
  message: z.string().optional(),
  /** 0..1 where the engine says how much is left. */
  fraction: z.number().min(0).max(1).optional(),
  startedAt: instant.optional(),
  endedAt: instant.optional(),
  error: appError.optional(),
});
export type StepProgress = z.infer<typeof stepProgress>;

export const operation = z.object({
  id: z.string(),
  stack: stackId,
  action: planAction,
  state: z.enum(['running', 'cancelling', 'done', 'failed', 'cancelled']),
  startedAt: instant,
  endedAt: instant.optional(),
  steps: z.array(planStep),
  progress: z.record(z.string(), stepProgress),
  error: appError.optional(),
});
export type Operation = z.infer<typeof operation>;

export const logLine = z.object({
  /** Increases within one subscription, so that a virtual list has stable keys. */
  seq: z.number().int(),
  service: serviceId,
  container: z.string(),
  stream: z.enum(['stdout', 'stderr']),
  at: instant.optional(),
  text: z.string(),
});
export type LogLine = z.infer<typeof logLine>;

/** One line of `doctor`: what was looked at, what was found, what to do. */
export const checkResult = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(['ok', 'warning', 'problem', 'skipped']),
  found: z.string(),
  nextStep: z.string().optional(),
});
export type CheckResult = z.infer<typeof checkResult>;
