import type { ActionOptions, AppInfo, Frame, StreamInput } from '../../preload/contract/api.ts';
import type { AppError, Diagnostic } from '../../preload/contract/errors.ts';
import type {
  CheckResult,
  Drift,
  EngineId,
  Environment,
  LiveState,
  Operation,
  Plan,
  PlanAction,
  ServiceId,
  Settings,
  StackId,
} from '../../preload/contract/model.ts';
import type { ServiceReading } from '../core/compose/options.ts';
import type { Project } from '../core/compose/project.ts';
import type { Containers } from './containers.ts';
import type { Credentials } from './credentials.ts';
import type { EnvImport } from './env-import.ts';
import type { Engines, ExecOptions } from './ports.ts';
import type { LoginInput, Registries, RegistryEntry } from './registries.ts';
import type { SwarmLive } from './swarm-live.ts';
import type { SwarmStacksService } from './swarm-stacks.ts';
import type { TeamService } from './team/index.ts';
import type { TeamMember } from './team-member/index.ts';
import type { TeamServices } from './team-services/index.ts';
import type { TeamStack } from './team-stack/index.ts';
import type { TeamStackRuns } from './team-stack/runs.ts';
import type { Trust } from './trust.ts';

/** Which stack is meant: one that is known, or files given on a command line. Nothing given: the local stack. */
export interface StackTarget {
  readonly stack?: StackId;
  readonly engine?: EngineId;
  readonly files?: readonly string[];
  readonly project?: string;
  /** Absolute; where relative paths of `files` begin, when not at the first one's folder. */
  readonly workingDir?: string;
  readonly profiles?: readonly string[];
  readonly envFiles?: readonly string[];
  /** Environment of the stack we ship; default `local`. */
  readonly environment?: string;
  /** Of a stack we ship, beside the process environment, which `files` are read with; these win. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Of a stack on a Swarm: whose values it takes from the keychain, where this machine has not joined that team. */
  readonly team?: string;
}

export interface LoadedStack {
  readonly stack: StackId;
  /** undefined when there is an error among the diagnostics. */
  readonly project: Project | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly files: readonly string[];
  /** What the files' variables were looked up in. */
  readonly variables: ReadonlyMap<string, string>;
}

export interface RunOptions extends ActionOptions {
  readonly fingerprint: string;
  /** Names of the plan's `credentials` that the user agrees to now. */
  readonly agree?: readonly string[] | undefined;
}

/** What the three hosts call. Made by `createServices` in index.ts. Every failure is an AppFailure. */
export interface Services {
  readonly info: () => Promise<AppInfo>;
  readonly doctor: () => Promise<readonly CheckResult[]>;
  readonly engines: Engines;
  readonly live: {
    readonly state: () => LiveState;
    /** Resolves when every engine has either been looked at once or is unreachable. */
    readonly ready: (engine?: EngineId) => Promise<void>;
    /** Snapshot first, then patches; `seq` rises by one. */
    readonly subscribe: (listener: (frame: Frame<'live'>) => void) => () => void;
  };
  readonly stacks: {
    /** `reading`: what `config` leaves undone. */
    readonly load: (target: StackTarget, reading?: ServiceReading) => Promise<LoadedStack>;
    readonly open: (target: StackTarget) => Promise<LoadedStack>;
    /** Remembers where a stack's files are now; answers with what the loader says about them. */
    readonly locate: (stack: StackId, paths: readonly string[]) => Promise<readonly Diagnostic[]>;
    /** The user agrees that the project's folder may have these of the keychain. */
    readonly agree: (target: StackTarget, names: readonly string[]) => Promise<void>;
    readonly forget: (stack: StackId) => Promise<void>;
    readonly files: (stack: StackId) => Promise<{ files: { path: string; text: string }[]; diagnostics: Diagnostic[] }>;
    readonly plan: (target: StackTarget, action: PlanAction, options: ActionOptions) => Promise<Plan>;
    /** What differs between files and engine, of all services or of some. */
    readonly drift: (target: StackTarget, services: readonly string[]) => Promise<Drift>;
    /** The same at once and whenever something happens to the stack on its engine, until the signal fires. */
    readonly followDrift: (
      stack: StackId,
      onFrame: (frame: Frame<'drift'>) => void,
      signal: AbortSignal,
    ) => Promise<void>;
    readonly run: (target: StackTarget, action: PlanAction, options: RunOptions) => Promise<{ operation: string }>;
  };
  /** Stacks on a Swarm. */
  readonly swarm: SwarmStacksService;
  /** What an engine's Swarm looks like, pushed. */
  readonly swarmLive: SwarmLive;
  readonly operations: {
    readonly list: () => readonly Operation[];
    readonly subscribe: (listener: (frame: Frame<'operations'>) => void) => () => void;
    readonly cancel: (operation: string) => void;
    readonly dismiss: (operation: string) => void;
    /** Resolves when it has ended, in whatever way. */
    readonly finished: (operation: string) => Promise<Operation>;
  };
  readonly logs: (
    input: StreamInput<'logs'>,
    onFrame: (frame: Frame<'logs'>) => void,
    signal: AbortSignal,
  ) => Promise<void>;
  /** What `cp`, `top` and the like work on; the calls are the engine's connection's. */
  readonly containers: Containers;
  readonly exec: (
    service: ServiceId,
    options: ExecOptions & { readonly index?: number },
  ) => Promise<{ exitCode: number }>;
  readonly environments: {
    readonly list: () => Promise<readonly Environment[]>;
    readonly save: (environment: Omit<Environment, 'stack'>) => Promise<Environment>;
    readonly remove: (name: string) => Promise<void>;
  };
  /** Names in the keychain; values go in, and come out where a container gets them, and to whoever asks in the window. */
  readonly credentials: Pick<Credentials, 'list' | 'set' | 'remove' | 'reveal'> & {
    /** What the Credentials screen shows, at once and whenever it changes, until the signal fires. */
    readonly follow: (onFrame: (frame: Frame<'credentials'>) => void, signal: AbortSignal) => Promise<void>;
    /** Asks the keychain how it is now. */
    readonly lookAgain: () => Promise<void>;
    /** Why the keychain cannot be read; undefined: it answers. Nothing is written for it. */
    readonly trouble: () => Promise<AppError | undefined>;
  };
  /** Compose files whose commands for secrets may be run. */
  readonly trust: Pick<Trust, 'list' | 'show' | 'add' | 'remove'>;
  /** Secrets out of a .env file into the keychain, and back. */
  readonly envImport: EnvImport;
  /** Logins of registries: ours in the keychain, and docker's. Values go in, and come out only where something is pulled. */
  readonly registries: Pick<Registries, 'list' | 'logout'> & {
    /** Kept when the engine (the preferred one) was let in with it. */
    readonly login: (input: LoginInput & { readonly engine?: EngineId }, signal: AbortSignal) => Promise<RegistryEntry>;
  };
  /** The team's Swarm: getting in and out, and who is in it. */
  readonly team: TeamService;
  /** The team's own services: this user's link to them, and what they say. */
  readonly teamServices: TeamServices;
  /** What they give this user's own dev containers. */
  readonly teamMember: TeamMember;
  /** Those services as a stack of the Swarm: what they need before they are deployed. */
  readonly teamStack: TeamStack;
  /** The same for a page: all of it as one run, which goes on whoever looks. */
  readonly teamStackRuns: TeamStackRuns;
  readonly editorLink: (service: ServiceId) => Promise<{ uri: string; command: string }>;
  readonly settings: { readonly get: () => Promise<Settings>; readonly set: (settings: Settings) => Promise<Settings> };
  /** Cancels what runs (running operations are cancelled and awaited), closes every connection. */
  readonly close: () => Promise<void>;
}
