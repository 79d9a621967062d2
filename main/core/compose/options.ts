import type { Platform } from '../paths.ts';

export interface LoadOptions {
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
  /** Services the command names: their profiles become active. */
  readonly services?: readonly string[] | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** False: variables stay as they are written, and nothing that has one is checked (`config --no-interpolate`). */
  readonly interpolate?: boolean;
  readonly platform: Platform;
  /** Rejects with AppFailure `file.not-found` for a file that is not there. Decides which files may be read at all. */
  readonly readText: (path: string) => Promise<string>;
  /** Spares reading optional files that are not there. */
  readonly exists?: (path: string) => Promise<boolean>;
}
