import * as z from 'zod';
import {
  credentialKey,
  credentialName,
  credentialsFrame,
  envProposal,
  importScope,
  keepIn,
  registryLogin,
  teamSecret,
} from './credentials.ts';
import { appError, diagnostic } from './errors.ts';
import { engineId, environment, settings, stackId } from './kept.ts';
import { method, stream } from './method.ts';
import {
  checkResult,
  drift,
  liveState,
  logLine,
  operation,
  plan,
  planAction,
  serviceId,
  stepProgress,
} from './model.ts';
import { patch } from './patch.ts';
import { swarmFrame } from './swarm.ts';
import { swarmMethods } from './swarm-change.ts';
import { swarmDataMethods } from './swarm-data.ts';
import { swarmLogFrame, swarmLogsInput } from './swarm-logs.ts';
import { teamMethods, teamStreams } from './team.ts';
import { keepingMethods } from './team-keeping.ts';
import { teamMemberMethods, teamMemberStreams } from './team-member.ts';
import { teamServicesMethods, teamServicesStreams } from './team-services.ts';
import { teamStackMethods, teamStackStreams } from './team-stack.ts';

// The page's Content-Security-Policy forbids eval, which zod's compiled parsers need.
z.config({ jitless: true });

const nothing = z.object({});
const absolutePath = z.string().min(1).max(4096);

/** More than any system's keychain takes is said by main, with the system's own limit. */
const secretValue = z
  .string()
  .min(1)
  .max(512 * 1024);

/** One container of `scale`, at most this many: a typing error shall not fill a machine. */
const replicas = z.number().int().min(0).max(1000);

/** A one-off container: what `run` changes about its service. Where nothing is said, the service's own holds. */
export const runOptions = z.object({
  /** 64 hexadecimal digits that nobody has used: label `slug`, and its first 12 are in the container's name. */
  slug: z.string().regex(/^[0-9a-f]{64}$/),
  /** Where the caller stays attached it starts the container itself; the plan ends with its creation. */
  detach: z.boolean().optional(),
  tty: z.boolean().optional(),
  interactive: z.boolean().optional(),
  /** Removed by the engine when it ends. */
  remove: z.boolean().optional(),
  name: z.string().max(256).optional(),
  command: z.array(z.string()).max(10_000).optional(),
  entrypoint: z.array(z.string()).max(10_000).optional(),
  user: z.string().max(256).optional(),
  workingDir: z.string().max(4096).optional(),
  /** `KEY=value` */
  environment: z.array(z.string()).max(10_000).optional(),
  labels: z.array(z.string()).max(10_000).optional(),
  /** Short forms as in a compose file; a bind's source is absolute. */
  volumes: z.array(z.string()).max(1000).optional(),
  publish: z.array(z.string()).max(1000).optional(),
  /** The service's own ports, which are left out otherwise. */
  servicePorts: z.boolean().optional(),
  /** The service's name and aliases in its networks, besides the container's. */
  useAliases: z.boolean().optional(),
  capAdd: z.array(z.string()).max(100).optional(),
  capDrop: z.array(z.string()).max(100).optional(),
});
export type RunOptions = z.infer<typeof runOptions>;

/** How an action is meant. Absent means the default that docker compose has. */
export const actionOptions = z.object({
  /** Only these services and what they depend on. */
  services: z.array(z.string()).optional(),
  /** `up`: remove containers of services that the file no longer has. */
  removeOrphans: z.boolean().optional(),
  /** `up`: recreate even what is unchanged. */
  forceRecreate: z.boolean().optional(),
  /** `up`: leave dependencies alone. */
  noDeps: z.boolean().optional(),
  /** `up`: wait until services are healthy (or running where they have no health check). */
  wait: z.boolean().optional(),
  /** `up`: build even when an image is there. `build`: without the cache. */
  build: z.boolean().optional(),
  noCache: z.boolean().optional(),
  /** `build`: only images that are missing, or were built from another context. */
  changed: z.boolean().optional(),
  /** `build`: `NAME=value`, or `NAME` for the environment's. */
  buildArgs: z.array(z.string()).optional(),
  /** `build`: look for newer base images. */
  pullBases: z.boolean().optional(),
  /** `build`: push what was built. */
  push: z.boolean().optional(),
  /** `build`: the services that these depend on, too. */
  withDependencies: z.boolean().optional(),
  /** `build`: agent sockets or keys, as `default` or `id=path`. */
  ssh: z.array(z.string()).optional(),
  /** `build`: a builder of buildx instead of the engine's own. */
  builder: z.string().optional(),
  /** `build`: bytes that a build container may have. */
  memory: z.number().int().positive().optional(),
  /** `up`: never build. */
  noBuild: z.boolean().optional(),
  /** `up`, `run`: instead of every service's pull_policy. `pull`: `missing` leaves images that are there. */
  pull: z.enum(['always', 'missing', 'never']).optional(),
  /** `pull`: leave services that can be built; go on when one cannot be pulled; take dependencies along. */
  ignoreBuildable: z.boolean().optional(),
  ignorePullFailures: z.boolean().optional(),
  includeDeps: z.boolean().optional(),
  /** `up`: containers that are there stay, whatever the file says now. */
  noRecreate: z.boolean().optional(),
  /** `up`: recreate what the named services depend on, even where nothing changed. */
  alwaysRecreateDeps: z.boolean().optional(),
  /** `up`: create, start nothing. */
  noStart: z.boolean().optional(),
  /** `up`: anonymous volumes of recreated containers are made anew. */
  renewAnonVolumes: z.boolean().optional(),
  /** `up`: volumes that differ from the file are removed, with their data, and made anew. */
  recreateVolumes: z.boolean().optional(),
  /** `up`: say nothing about containers of services that the file no longer has. */
  ignoreOrphans: z.boolean().optional(),
  /** Seconds that each wait may take. */
  waitTimeout: z.number().int().min(1).max(86_400).optional(),
  /** `down`: also remove the project's named volumes. `rm`: also anonymous ones. */
  volumes: z.boolean().optional(),
  /** Seconds to wait for a stop before the engine kills. */
  timeout: z.number().int().min(0).max(3600).optional(),
  /** `up`, `scale`: how many containers a service has, whatever the file says. */
  scale: z.record(z.string(), replicas).optional(),
  /** `kill`: the signal, as `SIGHUP` or `HUP`; absent: SIGKILL. */
  signal: z
    .string()
    .regex(/^[A-Z0-9+-]{1,20}$/)
    .optional(),
  /** `rm`: stop first what still runs. */
  stop: z.boolean().optional(),
  /** `run`; its service is the only one in `services`. */
  run: runOptions.optional(),
});
export type ActionOptions = z.infer<typeof actionOptions>;

const action = z.object({ stack: stackId, action: planAction, options: actionOptions.optional() });

export const appInfo = z.object({
  version: z.string(),
  host: z.enum(['electron', 'web', 'cli']),
  platform: z.enum(['linux', 'darwin', 'win32', 'other']),
  node: z.string(),
  /** A folder to suggest for the user's code on first run. */
  suggestedWorkspace: z.string(),
  capabilities: z.array(z.enum(['dialogs', 'tray'])),
});
export type AppInfo = z.infer<typeof appInfo>;

/** Every call of the product: input and output are parsed at run time, by main on the way in and by tests on the way out. */
export const methods = {
  'app.info': method(nothing, appInfo),
  'app.doctor': method(nothing, z.object({ checks: z.array(checkResult) })),

  /** Try a lost engine now instead of at its next back-off. */
  'engines.retry': method(z.object({ engine: engineId }), nothing),

  /** Adds a compose project that the user points at; it is listed from then on, running or not. */
  'stacks.open': method(
    z.object({
      engine: engineId.optional(),
      files: z.array(absolutePath).min(1).max(32),
      project: z.string().max(128).optional(),
    }),
    z.object({ stack: stackId, diagnostics: z.array(diagnostic) }),
  ),
  /** Says where the files of a known stack are now, after they were moved; remembered like an opened project. */
  'stacks.locate': method(
    z.object({ stack: stackId, files: z.array(absolutePath).min(1).max(32) }),
    z.object({ diagnostics: z.array(diagnostic) }),
  ),
  /** Takes an opened project off the list; touches nothing on the engine. */
  'stacks.forget': method(z.object({ stack: stackId }), nothing),
  'stacks.files': method(
    z.object({ stack: stackId }),
    z.object({
      files: z.array(z.object({ path: z.string(), text: z.string() })),
      diagnostics: z.array(diagnostic),
    }),
  ),
  'stacks.plan': method(action, plan),
  /** Starts the plan with this fingerprint; another one fails with `plan.changed`, and nothing is done. */
  'stacks.run': method(
    action.extend({
      fingerprint: z.string(),
      /** Names of the plan's `credentials` that the user agrees to now; remembered for the project's folder. */
      agree: z.array(credentialName).max(1000).optional(),
    }),
    z.object({ operation: z.string() }),
  ),

  ...swarmMethods,
  ...swarmDataMethods,
  ...teamMethods,
  ...keepingMethods,
  ...teamServicesMethods,
  ...teamMemberMethods,
  ...teamStackMethods,

  'operations.cancel': method(z.object({ operation: z.string() }), nothing),
  /** Takes a finished operation off the list. */
  'operations.dismiss': method(z.object({ operation: z.string() }), nothing),

  'environments.list': method(nothing, z.object({ environments: z.array(environment) })),
  /** Creates or changes one by name. Nothing runs until `stacks.run`. */
  'environments.save': method(environment.omit({ stack: true }), environment),
  'environments.remove': method(z.object({ name: environment.shape.name }), nothing),

  /** The value travels in this call alone; it is in no answer and no log. */
  'credentials.set': method(z.object({ key: credentialKey, value: secretValue, keep: keepIn }), nothing),
  'credentials.remove': method(z.object({ key: credentialKey }), z.object({ removed: z.boolean() })),
  /** Asks the keychain again how it is, after it was installed or unlocked; the answer comes with the stream. */
  'credentials.retry': method(nothing, nothing),

  /** Reads a `.env` and says what of it looks like a secret; nothing is changed. */
  'credentials.proposeImport': method(z.object({ file: absolutePath }), envProposal),
  /** Moves these lines' values to the keychain, checks that they are there, and leaves comments in their places. */
  'credentials.import': method(
    z.object({
      file: absolutePath,
      names: z.array(credentialName).min(1).max(10_000),
      to: importScope,
      /** Also where the keychain has another value. */
      replace: z.boolean(),
    }),
    nothing,
  ),
  /** Puts lines back with the values that the keychain has now. `left`: those that it could not, each with why. */
  'credentials.undoImport': method(
    z.object({ file: absolutePath }),
    z.object({
      restored: z.array(z.string()),
      left: z.array(z.object({ name: z.string(), why: z.string() })),
    }),
  ),

  /** What the engine's Swarm keeps, by name; only a manager can say. */
  'credentials.team': method(z.object({ engine: engineId }), z.object({ secrets: z.array(teamSecret) })),

  /** Ours and docker's own. `problems`: sources that could not be asked, each a sentence. */
  'registries.list': method(nothing, z.object({ registries: z.array(registryLogin), problems: z.array(z.string()) })),
  /** Kept once the engine was let in with it. The password travels in this call alone. */
  'registries.login': method(
    z.object({
      /** Its host; empty: Docker Hub. */
      registry: z.string().max(300),
      user: z.string().min(1).max(300),
      password: secretValue,
      keep: keepIn,
    }),
    nothing,
  ),
  /** Takes ours away. `left`: docker's own, which is used from now on. */
  'registries.logout': method(
    z.object({ registry: z.string().max(300) }),
    z.object({ removed: z.boolean(), left: z.string().optional() }),
  ),

  /** The address that opens VS Code inside the service's container, and the command that does the same. */
  'editor.link': method(z.object({ service: serviceId }), z.object({ uri: z.string(), command: z.string() })),

  'settings.get': method(nothing, settings),
  'settings.set': method(settings, settings),

  'desktop.pickFolder': method(
    z.object({ title: z.string().max(200), start: absolutePath.optional() }),
    z.object({ path: absolutePath.optional() }),
    'desktop',
  ),
  'desktop.pickFiles': method(
    z.object({ title: z.string().max(200), start: absolutePath.optional() }),
    z.object({ paths: z.array(absolutePath) }),
    'desktop',
  ),
  /** Asks the user in a dialog of the system's own, outside of the page; `value` is absent when the answer was no. */
  'desktop.revealCredential': method(
    z.object({ key: credentialKey }),
    z.object({ value: z.string().optional() }),
    'desktop',
  ),
  /** Opens an http(s) or vscode address in the system's program for it; every other scheme is refused. */
  'desktop.openExternal': method(z.object({ url: z.string().max(4096) }), nothing, 'desktop'),
} as const;

export const streams = {
  /** A snapshot first, then patches; `seq` rises by one a frame. A hole means: subscribe again. */
  live: stream(
    nothing,
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('snapshot'), seq: z.number().int(), state: liveState }),
      z.object({ kind: z.literal('patches'), seq: z.number().int(), patches: z.array(patch) }),
    ]),
  ),
  /** An engine's Swarm, in the same shape; read only while somebody follows it. */
  swarm: stream(z.object({ engine: engineId }), swarmFrame),
  /** A service of a stack: all tasks' lines in one row, and a gap where a node does not answer. */
  swarmLogs: stream(swarmLogsInput, swarmLogFrame),
  ...teamStreams,
  ...teamServicesStreams,
  ...teamMemberStreams,
  ...teamStackStreams,
  /** Every known operation first, each whole; then what changes. */
  operations: stream(
    nothing,
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('operation'), operation }),
      z.object({ kind: z.literal('progress'), operation: z.string(), progress: stepProgress }),
      z.object({ kind: z.literal('dismissed'), operation: z.string() }),
    ]),
  ),
  /** Names, scopes and uses, never values: the list and the keychain's state at first, then each whenever it changes. */
  credentials: stream(nothing, credentialsFrame),
  /** What differs between a stack's files and what is on its engine, at first and after everything that happens to it there. */
  drift: stream(
    z.object({ stack: stackId }),
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('drift'), drift }),
      z.object({ kind: z.literal('failed'), error: appError }),
    ]),
  ),
  /** Logs of several services merged by arrival. `gap` says what may be missing; the stream goes on through restarts. */
  logs: stream(
    z.object({
      services: z.array(serviceId).min(1).max(64),
      tail: z.number().int().min(0).max(100_000).optional(),
      follow: z.boolean().optional(),
      /** ISO time or seconds since the epoch, as `docker logs --since`. */
      since: z.string().optional(),
    }),
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('lines'), lines: z.array(logLine) }),
      z.object({ kind: z.literal('gap'), service: serviceId, reason: z.string() }),
    ]),
  ),
} as const;

export type Methods = typeof methods;
export type MethodName = keyof Methods;
export type Input<M extends MethodName> = z.infer<Methods[M]['input']>;
export type Output<M extends MethodName> = z.infer<Methods[M]['output']>;
export type Streams = typeof streams;
export type StreamName = keyof Streams;
export type StreamInput<S extends StreamName> = z.infer<Streams[S]['input']>;
export type Frame<S extends StreamName> = z.infer<Streams[S]['frame']>;
