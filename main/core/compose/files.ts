import { AppFailure } from '../app-failure.ts';
import type { Paths } from '../paths.ts';
import type { Lookup } from './interpolate.ts';
import type { Missing } from './missing.ts';
import type { Reporter } from './report.ts';

/** What every phase that reads files needs. */
export interface LoadContext {
  readonly reporter: Reporter;
  readonly paths: Paths;
  readonly home: string | undefined;
  /** Paths stay as they are written. */
  readonly keepPaths: boolean;
  readonly takePorts: (count: number) => boolean;
  /** What makes a walk over the finished tree necessary, set by whoever meets it. */
  readonly met: { resets: boolean; nothing: boolean };
  /** The mark of a value that nothing but the keychain has; asked last, wherever a variable is put in. */
  readonly opaque: Lookup;
  /** Takes note of a variable that has no value at all. */
  readonly missing: (one: Missing) => void;
  readonly read: (path: string) => Promise<string>;
  /** Undefined: not there. Anything but "not there" is thrown. */
  readonly readOptional: (path: string) => Promise<string | undefined>;
}

/** One project directory with its environment: the project itself or an include. */
export interface Unit {
  readonly baseDir: string;
  /** The environment and the env files. */
  readonly lookup: Lookup;
  /** Variables are left as they are written. */
  readonly literal?: boolean;
}

/** What a compose file's variables stand for: the environment, the unit's env files, the keychain. */
export function valuesOf(unit: Pick<Unit, 'lookup'>, { opaque }: Pick<LoadContext, 'opaque'>): Lookup {
  return (name) => unit.lookup(name) ?? opaque(name);
}

export function isNotFound(error: unknown): boolean {
  return error instanceof AppFailure && error.error.code === 'file.not-found';
}

/** Why a file could not be read, in the reader's words. Anything but an AppFailure is a defect and thrown on. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof AppFailure)) throw error;
  return error.error.message;
}

/** Places that docker compose can fetch files from and we do not. */
export function isRemote(path: string): boolean {
  return /^(?:oci|https?|git|ssh):\/\//.test(path) || /^(?:git@|github\.com\/)/.test(path);
}
