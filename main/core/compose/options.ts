import type { OpaqueValue } from '../opaque.ts';
import type { Platform } from '../paths.ts';

/** What `config` can leave undone; each is done unless it is false. */
export interface Reading {
  /** Variables are put in. False: they stay as written, and nothing that has one is checked. */
  readonly interpolate?: boolean;
  /** What the file leaves unsaid is added: default network, names on the engine, implied dependencies. */
  readonly normalize?: boolean;
  /** Relative paths become absolute. */
  readonly resolvePaths?: boolean;
  /** References between the parts are checked. */
  readonly consistency?: boolean;
  /** It is for a Swarm: keys that one ignores may contradict each other. */
  readonly swarm?: boolean;
  /** Contents of env_file and label_file become environment and labels. */
  readonly resolveFiles?: boolean;
}

export interface ServiceReading extends Reading {
  /** Services the command names: their profiles become active. */
  readonly services?: readonly string[] | undefined;
}

export type OpaqueValues = (project: string) => ReadonlyMap<string, OpaqueValue>;

export interface LoadOptions extends ServiceReading {
  /** Absolute, in the order in which they are merged. */
  readonly files: readonly string[];
  /** Absolute; the first file's folder unless given. */
  readonly workingDir?: string | undefined;
  /** Wins over COMPOSE_PROJECT_NAME, the file's `name:` and the folder's name. */
  readonly projectName?: string | undefined;
  /** Absolute; instead of the `.env` beside the project. */
  readonly envFiles?: readonly string[] | undefined;
  /** Instead of COMPOSE_PROFILES. */
  readonly profiles?: readonly string[] | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /**
   * Values that are had only when they are needed, of a project: by name. Looked at for what the environment and env files
   * leave unset.
   */
  readonly opaque?: OpaqueValues | undefined;
  readonly platform: Platform;
  /** Rejects with AppFailure `file.not-found` for a file that is not there. Decides which files may be read at all. */
  readonly readText: (path: string) => Promise<string>;
  /** Spares reading optional files that are not there. */
  readonly exists?: (path: string) => Promise<boolean>;
}
