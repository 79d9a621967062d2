import type { Engine, EngineId, EngineState } from '../../preload/contract/model.ts';
import type { Build } from '../core/compose/project.ts';
import type { Details, DetailsWanted } from '../core/plan/drift.ts';
import type { HookSpec, Observed, SecretReference, Step } from '../core/plan/plan.ts';
import type { EngineFacts, RegistryAnswer } from '../core/plan/preflight.ts';
import type { LoginAnswer, RegistryAuth } from '../core/registries/login.ts';
import type { EngineEvent, EngineSignal, SeenContainer } from '../core/seen.ts';
import type { Heard } from '../core/swarm/hearing.ts';
import type {
  NodeChange,
  ProbeCall,
  ProbeResponder,
  ProbeVerdict,
  SwarmChange,
  SwarmInit,
  SwarmJoin,
  SwarmNode,
  SwarmSelf,
  SwarmState,
} from '../core/swarm/membership.ts';

import type { SwarmSeals, SwarmStacks, VolumeAccess } from './ports-swarm.ts';

export type {
  BackupStore,
  Certificates,
  Clock,
  DockerLogin,
  DockerLogins,
  Files,
  Ids,
  KeyedCertificate,
  Log,
  Machine,
  MachineNetwork,
  MachinePorts,
  ProgramCall,
  ProgramEnd,
  Programs,
  RegistryLogins,
  Resources,
  StateStore,
  SwarmFiles,
  TextChanges,
} from './ports-machine.ts';
export type {
  LeaseHolder,
  ServiceLogLine,
  SwarmSeals,
  SwarmStacks,
  SwarmValues,
  VolumeAccess,
  VolumeFacts,
  VolumeUser,
} from './ports-swarm.ts';
export type { TeamAnswer, TeamCall, TeamLink, TeamLive, TeamPlace, TeamSilence, TeamSocket } from './ports-team.ts';

/*
 * What the services need of the world. `docker/` and `platform/` implement these; tests hand in in-memory ones.
 * Every failure is an AppFailure.
 */

/** All engines that were found, with their connections. */
export interface Engines {
  readonly list: () => readonly Engine[];
  /** Called with the whole list's changed entry at every change of state. */
  readonly onChange: (listener: (engine: Engine) => void) => () => void;
  /** Throws `engine.unreachable` for an engine nobody knows. */
  readonly get: (id: EngineId) => EngineConnection;
  /** An engine that is on no list: a team's manager, as its invite names it (`ssh://user@host`). */
  readonly reach: (address: string) => EngineId;
  readonly preferred: () => EngineId | undefined;
  /** The settings' choice has changed; without one, environment, contexts and the first that answers decide again. */
  readonly prefer: (id: EngineId | undefined) => Promise<void>;
  readonly retry: (id: EngineId) => void;
  readonly close: () => Promise<void>;
}

export interface LogOptions {
  readonly tail?: number;
  readonly since?: string;
  readonly follow: boolean;
  readonly timestamps: boolean;
}
export interface LogChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly at?: string;
  readonly text: string;
}

export interface StepReport {
  readonly message?: string;
  readonly fraction?: number;
}
export interface StepContext {
  readonly signal: AbortSignal;
  /** Called often; the receiver throttles. */
  readonly report: (progress: StepReport) => void;
  readonly build: BuildSettings;
  readonly secrets: SecretStore;
  /** For secrets of a Swarm. */
  readonly seals?: SwarmSeals;
  /** Who a Swarm’s secrets are set by, as others are told. */
  readonly operator?: string;
  /** Where a backup of a volume goes. */
  readonly keepVolume?: (
    step: Extract<Step, { readonly kind: 'backup-volume' }>,
    archive: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ) => Promise<unknown>;
  /** From a backup on this machine. */
  readonly restoreVolume?: (
    step: Extract<Step, { readonly kind: 'restore-volume' }>,
    say: (message: string) => void,
    signal: AbortSignal,
  ) => Promise<unknown>;
  /** Another engine, for steps that copy to it. */
  readonly engineOf?: (engine: string) => Promise<EngineConnection>;
}
/** The system's keychain. Rejects with `keychain.*`, or `input.invalid` for what it cannot hold. */
export interface Keychain {
  readonly get: (account: string) => Promise<string | undefined>;
  readonly set: (account: string, value: string) => Promise<void>;
  /** false: there was none. */
  readonly delete: (account: string) => Promise<boolean>;
  readonly close: () => void;
}
/** Where values come from that the core knows by name only. What it gives is used at once and kept nowhere. */
export interface SecretStore {
  /** Whether there is one, without asking for it. */
  readonly has: (reference: SecretReference) => Promise<boolean>;
  /** undefined: there is none. */
  readonly lookup: (reference: SecretReference) => Promise<string | undefined>;
}
/** Proxy, CA and base image for image builds, from the settings. */
export interface BuildSettings {
  readonly args: Readonly<Record<string, string>>;
  /** PEM text put into the build context as `extra-ca.pem`. */
  readonly extraCa?: string;
}

export interface ObserveOptions {
  /** A program died while it changed the project: what it was stopping is waited for first. */
  readonly interrupted?: boolean;
  /** What the engine's list says of the project's containers is enough; each is asked about only where a list leaves things out. */
  readonly listed?: boolean;
  /** The file's networks, volumes and image references by their engine names, so that external ones are looked up as well. */
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly images: readonly string[];
  /** References that a pull policy makes due after so many seconds: their registries are asked for the manifest they have. */
  readonly refresh?: Readonly<Record<string, number>>;
  /** References whose registries are asked when the engine does not have them. */
  readonly wanted?: readonly string[];
  /** Services with a build section. */
  readonly builds: Readonly<Record<string, Build>>;
  /** Those whose digest the plan depends on: every file of a context is read for it. Absent: all. */
  readonly digests?: readonly string[];
  readonly buildSettings: BuildSettings;
  /** Ports that the file publishes; those held by somebody else come back in `takenPorts`. */
  readonly ports: readonly {
    readonly hostIp: string;
    readonly port: number;
    readonly protocol: 'tcp' | 'udp' | 'sctp';
  }[];
}

export interface ExecOptions {
  readonly command: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
  readonly environment?: readonly string[];
  readonly privileged?: boolean;
  readonly tty?: boolean;
  /** Not waited for and not listened to: the answer is 0 as soon as it has been started. */
  readonly detach?: boolean;
  /** Standard input, if any. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** Where it answers with a promise, no more is read before that has been kept. */
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => unknown;
  /** With a tty: hands out how to resize it once it runs. */
  readonly onStart?: (control: { readonly resize: (columns: number, rows: number) => Promise<void> }) => void;
  readonly signal?: AbortSignal;
}

/** Starting a container that was made, with one's own input and output. */
export interface AttachOptions {
  readonly tty: boolean;
  readonly input?: AsyncIterable<Uint8Array>;
  /** As for exec. */
  readonly onOutput: ExecOptions['onOutput'];
  readonly onStart: (control: AttachControl) => void;
  /** The engine removes it when it ends; that is waited for. */
  readonly removed: boolean;
  readonly signal?: AbortSignal;
}
export interface AttachControl {
  readonly resize: (columns: number, rows: number) => Promise<void>;
  /** Sends a signal to its first process. */
  readonly kill: (signal: string) => Promise<void>;
}
/** Detached: left by the terminal's detach keys, it goes on. */
export type Attached = { readonly detached: true } | { readonly detached: false; readonly exitCode: number };

export interface CopyOut {
  /** In the container; relative to its root. */
  readonly path: string;
  /** Absolute, as written (a `/` or `/.` at the end counts); or where the archive's bytes go. */
  readonly to: string | ((chunk: Uint8Array) => Promise<void>);
  readonly followLink: boolean;
}
export interface CopyIn {
  /** Absolute, as written; or the bytes of an archive. */
  readonly from: string | AsyncIterable<Uint8Array>;
  readonly path: string;
  readonly followLink: boolean;
  /** Keep the numbers of the owners. */
  readonly archive: boolean;
}

/** The engine's `ps` of one container. */
export interface ProcessTable {
  readonly titles: readonly string[];
  readonly processes: readonly (readonly string[])[];
}

export interface ImageFacts {
  readonly id: string;
  readonly tags: readonly string[];
  /** `linux/amd64` */
  readonly platform: string;
  readonly bytes: number;
  readonly created?: string;
}

/** One engine's part in a Swarm. Failures are `swarm.*` where the reason is known. */
export interface SwarmMembership {
  /**
   * Any engine answers this, also a worker's, and one that belongs to no Swarm. A manager without a leader does so after twice
   * 20 s: `swarm.no-quorum` unless `patience` (milliseconds; 4 s) is longer.
   */
  readonly self: (patience?: number) => Promise<SwarmSelf>;
  /** Managers only, from here on down to `localImage`, but for `join`, `leave`, `unlock` and `callResponder`. */
  readonly swarm: () => Promise<SwarmState>;
  readonly nodes: () => Promise<readonly SwarmNode[]>;
  /** Which machines this engine hears; any member answers that, also without a leader. Never rejects. */
  readonly heard: () => Promise<Heard>;
  readonly init: (options: SwarmInit) => Promise<void>;
  readonly join: (options: SwarmJoin, signal?: AbortSignal) => Promise<void>;
  readonly leave: (options: { readonly force: boolean }) => Promise<void>;
  /** The engine answers when the manager has joined the others: never, where too few of them are there. */
  readonly unlock: (key: string, signal?: AbortSignal) => Promise<void>;
  readonly unlockKey: () => Promise<string>;
  readonly change: (change: SwarmChange) => Promise<void>;
  readonly changeNode: (id: string, change: NodeChange) => Promise<void>;
  readonly removeNode: (id: string, options: { readonly force: boolean }) => Promise<void>;
  readonly startResponder: (options: ProbeResponder) => Promise<void>;
  readonly callResponder: (options: ProbeCall, signal?: AbortSignal) => Promise<ProbeVerdict>;
  readonly stopProbe: () => Promise<void>;
  /** Whether the engine's kernel carries encrypted overlay networks. */
  readonly encrypts: (image: string) => Promise<'yes' | 'no' | 'unknown'>;
  /** Whether it has IPVS, which brings what comes in at ingress ports and virtual IPs to tasks. */
  readonly routes: (image: string) => Promise<'yes' | 'no' | 'unknown'>;
  /** The services whose tasks run on this very engine, one entry a task. */
  readonly tasksHere: () => Promise<readonly string[]>;
  /** The first of them that the engine has. */
  readonly localImage: (references: readonly string[]) => Promise<string | undefined>;
}

export interface EngineConnection {
  readonly swarmStacks: SwarmStacks;
  readonly membership: SwarmMembership;
  readonly volumes: VolumeAccess;
  readonly id: EngineId;
  readonly state: () => EngineState;
  /** Every container with a compose project label, inspected (bounded parallelism). */
  readonly listContainers: (signal?: AbortSignal) => Promise<readonly SeenContainer[]>;
  /** A fresh look at some; one that is gone is missing in the answer. */
  readonly inspectContainers: (ids: readonly string[], signal?: AbortSignal) => Promise<readonly SeenContainer[]>;
  readonly observe: (project: string, options: ObserveOptions, signal?: AbortSignal) => Promise<Observed>;
  /** One engine call (waits and builds: one conversation). Rejects with AppFailure; `cancelled` when the signal fired. */
  readonly execute: (step: Step, context: StepContext) => Promise<void>;
  /** Starts at once, reconnects by itself, and says `gap` after each (re)connection. */
  readonly watch: (listener: (signal: EngineSignal) => void) => () => void;
  /** Resolves when the log ends (container stopped, or `follow` is false). */
  readonly logs: (
    container: string,
    options: LogOptions,
    onChunk: (chunk: LogChunk) => void,
    signal: AbortSignal,
  ) => Promise<void>;
  readonly exec: (container: string, options: ExecOptions) => Promise<{ readonly exitCode: number }>;
  /** Starts it, attached; resolves when it has ended or was left. */
  readonly attach: (container: string, options: AttachOptions) => Promise<Attached>;
  /** By the rules of `docker cp`; `leftOut` names what is neither file, folder nor link. */
  readonly copyOut: (
    container: string,
    options: CopyOut,
    signal?: AbortSignal,
  ) => Promise<{ readonly leftOut: readonly string[] }>;
  readonly copyIn: (container: string, options: CopyIn, signal?: AbortSignal) => Promise<void>;
  /** undefined when the engine has no such image. */
  readonly image: (reference: string, signal?: AbortSignal) => Promise<ImageFacts | undefined>;
  /** What `docker load` does with an archive, which is read as it is sent. */
  readonly loadImage: (archive: AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<void>;
  readonly processes: (container: string, signal?: AbortSignal) => Promise<ProcessTable>;
  /** All that is known of some objects, as the engine says it; what is gone meanwhile is missing. */
  readonly details: (wanted: DetailsWanted) => Promise<Details>;
  /** What the engine says about itself; asked once. */
  readonly facts: () => Promise<EngineFacts>;
  /** Asks the image's registry through the engine, with the user's login; nothing is pulled. Rejects only when `signal` fired or the engine is gone. */
  readonly askRegistry: (image: string, signal: AbortSignal) => Promise<RegistryAnswer>;
  /**
   * Has the engine log in, as it would for a pull: Basic or a token, plain http only to loopback and to what its
   * insecure-registries name. Gives the identity token that some registries want kept instead of the password.
   * Rejects with `registry.denied` or `registry.failed`.
   */
  readonly checkLogin: (auth: RegistryAuth, signal: AbortSignal) => Promise<{ readonly identityToken?: string }>;
}

export type { EngineEvent, EngineSignal, HookSpec, LoginAnswer, RegistryAuth, SecretReference, SeenContainer };
