import type { Redactor } from '../core/redact.ts';
import type { LoginAnswer, LoginSource } from '../core/registries/login.ts';
import type { InterfaceAddress } from '../core/swarm/addresses.ts';
import type { VolumeBackup } from '../core/swarm/volume-data.ts';
import type { SwarmValues } from './ports-swarm.ts';
import type { TeamLink } from './ports-team.ts';

/* What the services need of this machine; the door is ports.ts. */

/** Where logins of registries are looked up, at the moment of use. Never rejects: what could not be asked is a problem. */
export interface RegistryLogins {
  readonly ofImage: (image: string) => Promise<LoginAnswer>;
  readonly ofRegistry: (registry: string) => Promise<LoginAnswer>;
  /** Registries with a login that docker’s own programs cannot find; nothing is asked for it. */
  readonly own: () => Promise<readonly string[]>;
}
/** One login of docker's own, without its value. */
export interface DockerLogin {
  readonly registry: string;
  readonly user?: string;
  readonly source: Exclude<LoginSource, { kind: 'keychain' }>;
}
/** Docker's config.json and the helpers that it names. */
export interface DockerLogins extends RegistryLogins {
  readonly list: () => Promise<{ readonly logins: readonly DockerLogin[]; readonly problems: readonly string[] }>;
}

/** Files as the loader and the settings need them. Paths are absolute. */
export interface Files {
  /** Throws `file.not-found`; refuses more than `maxBytes` (default 16 MiB) with `file.invalid`. */
  readonly readText: (path: string, maxBytes?: number) => Promise<string>;
  readonly exists: (path: string) => Promise<'file' | 'directory' | 'other' | undefined>;
  readonly makeDirectory: (path: string) => Promise<void>;
  readonly realPath: (path: string) => Promise<string>;
  readonly home: () => string;
  readonly cwd: () => string;
  readonly platform: () => 'linux' | 'darwin' | 'win32' | 'other';
  /** The process environment. */
  readonly environment: () => Readonly<Record<string, string | undefined>>;
}

/** Files of the user's that are changed in place. */
export interface TextChanges {
  /**
   * Replaces a file's text at once, or not at all; its mode and owner stay. Throws `plan.changed` where it is not `from` any
   * more, `file.*` where it cannot be replaced.
   */
  readonly replace: (path: string, change: { readonly from: string; readonly to: string }) => Promise<void>;
}

export interface ProgramCall {
  /** Absolute. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds; then it is killed, with what it started. */
  readonly timeout: number;
  /** Of its output. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}
export type ProgramEnd =
  | { readonly kind: 'ended'; readonly code: number | null; readonly output: string }
  | { readonly kind: 'late' | 'too-much' | 'cancelled' }
  | { readonly kind: 'not-started'; readonly reason: string };
/** Programs of this machine. */
export interface Programs {
  /** Full path of one on PATH, where only absolute folders count. */
  readonly find: (name: string) => Promise<string | undefined>;
  /** Without a shell and without input; its error output is dropped. */
  readonly run: (call: ProgramCall) => Promise<ProgramEnd>;
}

/** Small JSON documents in the state folder, 0600, written atomically. */
export interface StateStore {
  /** undefined when absent; a file that cannot be read as JSON is moved aside and reported through `onCorrupt`. */
  readonly read: (name: string) => Promise<unknown>;
  readonly write: (name: string, value: unknown) => Promise<void>;
  /** Called after a document was written, by whatever process; returns how to stop. Where the system cannot tell, never. */
  readonly watch: (name: string, listener: () => void) => () => void;
  /** Cross-process lock; throws `stack.busy` naming the holder when it is taken. The returned function releases it. */
  readonly lock: (name: string, purpose: string) => Promise<() => Promise<void>>;
  /** The last one to hold the lock died with it. */
  readonly wasInterrupted: (name: string) => Promise<boolean>;
}

/** Where the stack files that come with the app are (copied, versioned, to a stable user folder when packaged). */
export interface Resources {
  readonly localStack: () => Promise<{ readonly directory: string; readonly files: readonly string[] }>;
  /** Folder of the team's services, with `compose.yaml` and what may be added to it. */
  readonly teamStack: () => Promise<string>;
}

/** A certificate as PEM, and its private key (PKCS #8, PEM), which is a secret. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}
/** X.509, ECDSA on P-256: what every client can check. Times are milliseconds since the epoch. */
export interface Certificates {
  /** An authority of its own, which may issue for addresses and these DNS names, and nothing else: others trust it. */
  readonly makeAuthority: (options: {
    readonly name: string;
    readonly hosts: readonly string[];
    readonly from: number;
    readonly until: number;
  }) => Promise<KeyedCertificate>;
  /** A server's, for these DNS names and IP addresses. */
  readonly issue: (
    authority: KeyedCertificate,
    options: { readonly hosts: readonly string[]; readonly from: number; readonly until: number },
  ) => Promise<KeyedCertificate>;
  /** SHA-256 of the certificate's DER, in hex. Throws `file.invalid` for what is no certificate. */
  readonly fingerprint: (certificate: string) => string;
  /** Whether that very key signs for the certificate. */
  readonly belong: (pair: KeyedCertificate) => Promise<boolean>;
}

/** What `doctor` asks about this machine. */
export interface Machine {
  /** Full path of a program on PATH; nothing is started. */
  readonly findProgram: (name: string) => Promise<string | undefined>;
  /** Free bytes on the disk that holds the path; undefined where the system does not say. */
  readonly freeBytes: (path: string) => Promise<number | undefined>;
  readonly stateFolder: () => string;
}

/** A manager's part of the Swarm on disk, below the engine's root folder; the engine must be stopped for it. */
export interface SwarmFiles {
  readonly backUp: (root: string, file: string) => Promise<{ readonly bytes: number }>;
  readonly isBackup: (file: string) => Promise<boolean>;
  /** `aside`: what the folder that is there is called from then on. */
  readonly restore: (root: string, file: string, aside: string) => Promise<{ readonly kept?: string }>;
}

/** Copies of volumes in the state folder, for this user alone; each a gzipped tar with a record beside it. */
export interface BackupStore {
  /** Written as it comes; nothing is left of one that breaks off. */
  readonly keep: (
    about: Omit<VolumeBackup, 'bytes' | 'contentBytes' | 'sha256' | 'file'>,
    archive: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ) => Promise<VolumeBackup>;
  /** The newest first. */
  readonly list: () => Promise<readonly VolumeBackup[]>;
  /** Reads all of it; throws `file.invalid` unless it is what was written. */
  readonly verify: (backup: VolumeBackup, signal: AbortSignal) => Promise<void>;
  /** The archive that was kept. */
  readonly open: (backup: VolumeBackup, signal: AbortSignal) => AsyncIterable<Uint8Array>;
  readonly remove: (backup: VolumeBackup) => Promise<void>;
}

/** This machine's own network, as a member of a team needs to know it. */
export interface MachineNetwork {
  readonly addresses: () => Promise<readonly InterfaceAddress[]>;
  /** Whether somebody listens there; `silent` after three seconds. */
  readonly tcp: (host: string, port: number) => Promise<'open' | 'refused' | 'silent'>;
  /** The root certificate (PEM) of the Swarm whose manager answers there, not yet believed. Rejects with `swarm.unreachable`. */
  readonly rootCa: (host: string, port: number) => Promise<string>;
  /** Told when addresses come or go. */
  readonly watch: (listener: () => void) => () => void;
}

/**
 * Bounded, without secrets. `error` lines carry the id that an `internal` error shows to the user. Whoever may write to
 * the log is an exit of the program, so it also hands out what takes values out of texts.
 */
export interface Log {
  (level: 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>): void;
  readonly redactor?: Redactor;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Fires once; returns how to call it off. */
  readonly after: (ms: number, run: () => void) => () => void;
}

export interface Ids {
  /** Unguessable, URL-safe. */
  readonly random: () => string;
  readonly sha256: (text: string) => string;
}

/** All that the services need of this machine and of nothing else: a host makes it once and hands it on as it is. */
export interface MachinePorts {
  readonly files: Files;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly resources: Resources;
  readonly machine: Machine;
  readonly programs: Programs;
  readonly changes: TextChanges;
  readonly network: MachineNetwork;
  readonly swarmFiles: SwarmFiles;
  readonly swarmValues: SwarmValues;
  readonly teamLink: TeamLink;
  readonly backupStore: BackupStore;
  readonly certificates: Certificates;
  readonly log: Log;
  /** Of the whole program: what any part of it uses, no exit of it says. */
  readonly redactor: Redactor;
}
