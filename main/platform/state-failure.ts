import { AppFailure } from '../core/app-failure.ts';

/*
 * What the system says about the state folder, in words. Seen: a folder made with sudo, a read-only home in a container,
 * a full disk. None of it is a defect of ours, and each has its own way out.
 */

interface Words {
  readonly message: (path: string) => string;
  readonly hint: string;
}

const elsewhere = 'or set CLAUDE_ENV_STATE to a folder of your own';
const denied: Words = {
  message: (path) => `${path} belongs to another user, or its rights do not let you in.`,
  hint: `Was claude-env run with sudo once? Give the folder back to yourself with chown, ${elsewhere}.`,
};
const full: Words = {
  message: (path) => `${path} cannot be written: its disk is full.`,
  hint: 'Free some room there and try again.',
};
const inTheWay: Words = {
  message: (path) => `${path} cannot be used: something that is no folder is in its way.`,
  hint: `Move it away, ${elsewhere}.`,
};

const words: Readonly<Record<string, Words>> = {
  EACCES: denied,
  EPERM: denied,
  EROFS: {
    message: (path) => `${path} cannot be written: its file system is read-only.`,
    hint: `Make it writable, ${elsewhere}.`,
  },
  ENOSPC: full,
  EDQUOT: full,
  ENOTDIR: inTheWay,
  EEXIST: inTheWay,
};

interface SystemFailure extends Error {
  readonly code: string;
  readonly path?: string;
}
const isSystemFailure = (error: unknown): error is SystemFailure =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;

/** `state.unusable` for what the system says about a file in the state folder; anything else stays what it is. */
export function toStateFailure(error: unknown, folder: string): unknown {
  if (!isSystemFailure(error)) return error;
  const path = error.path ?? folder;
  const found = words[error.code];
  return new AppFailure(
    {
      code: 'state.unusable',
      message: found?.message(path) ?? `${path} cannot be used: ${error.message}.`,
      hint: found?.hint ?? `Look at the folder ${folder}, ${elsewhere}.`,
    },
    { cause: error },
  );
}

/** Runs it, and says in words what the system refuses. */
export async function inState<T>(folder: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toStateFailure(error, folder);
  }
}
