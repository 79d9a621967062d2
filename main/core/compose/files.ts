import { AppFailure } from '../app-failure.ts';
import type { Paths } from '../paths.ts';
import type { Lookup } from './interpolate.ts';
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
  readonly read: (path: string) => Promise<string>;
  /** Undefined: not there. Anything but "not there" is thrown. */
  readonly readOptional: (path: string) => Promise<string | undefined>;
}

/** One project directory with its environment: the project itself or an include. */
export interface Unit {
  readonly baseDir: string;
  readonly lookup: Lookup;
  /** Variables are left as they are written. */
  readonly literal?: boolean;
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
