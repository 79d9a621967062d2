import type { ObservedService, ObservedStack, SeenTask } from '../core/swarm/observed.ts';
import type { LogChunk, LogOptions } from './ports.ts';

/* What stacks on a Swarm need of the world; handed on by ports.ts, which is what other rooms import. */

/**
 * Tells later whether a value is still the same, without telling it: a salted scrypt as text, slow enough that guessing a
 * weak one takes long.
 */
export interface SwarmSeals {
  readonly seal: (value: Uint8Array) => Promise<string>;
  /** false also for a text that is no seal. */
  readonly matches: (value: Uint8Array, seal: string) => Promise<boolean>;
}
/** What a Swarm's secrets and configs need of this machine. */
export interface SwarmValues {
  /** Who others are told is deploying: `anna@laptop`. */
  readonly operator: string;
  readonly seals: SwarmSeals;
  /** A file as it is. Throws `file.not-found`, `file.invalid`. */
  readonly readBytes: (path: string) => Promise<Uint8Array>;
  /** gzip in base64; the same text gives the same answer. */
  readonly gzip: (text: string) => Promise<string>;
  /** The text again. Throws `file.invalid`. */
  readonly gunzip: (data: string) => Promise<string>;
}

/** A Swarm's stacks, asked of one of its managers. */
export interface SwarmStacks {
  /** What the Swarm has for one stack; the registries of `images` are asked. */
  readonly observe: (stack: string, images: readonly string[], signal?: AbortSignal) => Promise<ObservedStack>;
  /** Every stack of the Swarm with the number of its services. */
  readonly list: (signal?: AbortSignal) => Promise<readonly { readonly name: string; readonly services: number }[]>;
  /** Every service of the Swarm, with ids where `observe` has names. */
  readonly services: (signal?: AbortSignal) => Promise<readonly ObservedService[]>;
  /** Every task of the Swarm, those that have ended too, as far as it remembers them: one call. */
  readonly tasks: (signal?: AbortSignal) => Promise<readonly SeenTask[]>;
  /**
   * What a service's tasks write, as the engine brings it together; ends when `follow` is false, with the ids of nodes that
   * did not give theirs. With `follow` it says nothing of nodes, and forgets one that was cut off for good.
   */
  readonly logs: (
    service: string,
    options: LogOptions,
    onLine: (line: ServiceLogLine) => void,
    signal: AbortSignal,
  ) => Promise<{ readonly missing: readonly string[] }>;
  /** Takes the right to change the stack, for this Swarm: throws `stack.busy` with who has it. The answer gives it back. */
  readonly lease: (stack: string, who: LeaseHolder) => Promise<() => Promise<void>>;
}

/** A volume of one engine, as far as its content can be put back. */
export interface VolumeFacts {
  readonly name: string;
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Its driver was given options: what is in it may be somewhere else (nfs). */
  readonly hasOptions: boolean;
}
export interface VolumeUser {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
  /** Its id in the Swarm, where it is a task's. */
  readonly task?: string;
}
/** Volumes of one engine and what they hold; nothing is ever whole in memory, and no container is started for it. */
export interface VolumeAccess {
  readonly find: (volume: string, signal?: AbortSignal) => Promise<VolumeFacts | undefined>;
  /** Its containers, also those that have ended. */
  readonly users: (volume: string, signal?: AbortSignal) => Promise<readonly VolumeUser[]>;
  /** Resolves when none of these containers runs any more. */
  readonly ended: (containers: readonly string[], signal: AbortSignal) => Promise<void>;
  /** Hands out a tar of all that is in it, owners and modes too; rejects unless it was whole. */
  readonly read: <T>(
    volume: string,
    take: (archive: AsyncIterable<Uint8Array>) => Promise<T>,
    signal: AbortSignal,
  ) => Promise<T>;
  /** Makes it, where it is not there. */
  readonly create: (facts: VolumeFacts, signal: AbortSignal) => Promise<void>;
  /** Removes it with all that is in it, after these containers, which have ended. */
  readonly remove: (volume: string, containers: readonly string[], signal: AbortSignal) => Promise<void>;
  /** Puts what `read` handed out into an empty one. */
  readonly fill: (volume: string, archive: AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<void>;
}

export interface ServiceLogLine extends LogChunk {
  readonly task: string;
  readonly node: string;
}
export interface LeaseHolder {
  /** A person at a machine, as others are told. */
  readonly name: string;
  readonly id: string;
  /** One state folder of one machine: it never deploys a stack twice at once, so that a lease of its own is a dead program's. */
  readonly machine: string;
  /** ISO 8601. */
  readonly since: string;
}
