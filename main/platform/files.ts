import { constants } from 'node:fs';
import { mkdir, open, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { AppFailure } from '../core/app-failure.ts';
import type { Files } from '../services/ports.ts';

const defaultLimit = 16 * 1024 * 1024;

export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);

/** With its parents, for this user alone. Node says ENOENT where a read-only file system is the reason; asked again, it says so. */
export async function makePrivateFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    await mkdir(path, { mode: 0o700 });
  }
}

const cannotRead = (path: string, cause: unknown): AppFailure => {
  if (hasCode(cause, 'ENOENT', 'ENOTDIR')) {
    return new AppFailure(
      {
        code: 'file.not-found',
        message: `There is no file ${path}.`,
        hint: 'Check the path, or point at the file again.',
      },
      { cause },
    );
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AppFailure(
    {
      code: 'file.invalid',
      message: `${path} cannot be read: ${why}`,
      hint: 'Check that it is a text file that you may read.',
    },
    { cause },
  );
};

const tooLarge = (path: string, limit: number): AppFailure =>
  new AppFailure({
    code: 'file.invalid',
    message: `${path} is larger than ${limit.toLocaleString('en')} bytes.`,
    hint: 'A file this large is not what was meant; point at another one.',
  });

/**
 * Reads at most `limit` bytes of a regular file. Opened without blocking: a FIFO or a device that a project's label
 * names must not hang or feed the program, and the size is checked on what was opened, not on what the path was before.
 */
export async function readBoundedBytes(path: string, limit: number): Promise<Buffer> {
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  const handle = await open(path, flags).catch((cause: unknown) => {
    throw cannotRead(path, cause);
  });
  try {
    const found = await handle.stat();
    if (!found.isFile()) {
      throw new AppFailure({
        code: 'file.invalid',
        message: `${path} is not a regular file.`,
        hint: 'Point at the file itself.',
      });
    }
    if (found.size > limit) throw tooLarge(path, limit);
    const chunks: Buffer[] = [];
    let total = 0;
    for (;;) {
      const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(64 * 1024) });
      if (bytesRead === 0) break;
      total += bytesRead;
      if (total > limit) throw tooLarge(path, limit);
      chunks.push(buffer.subarray(0, bytesRead));
    }
    return Buffer.concat(chunks);
  } catch (cause) {
    throw cause instanceof AppFailure ? cause : cannotRead(path, cause);
  } finally {
    await handle.close();
  }
}

const platforms = { linux: 'linux', darwin: 'darwin', win32: 'win32' } as const;

/** The machine's files. `environment` and `cwd` can be replaced, so that a test never stands in the user's own. */
export function createFiles(
  options: { readonly environment?: Readonly<Record<string, string | undefined>>; readonly cwd?: string } = {},
): Files {
  const environment = options.environment ?? process.env;
  return {
    readText: async (path, maxBytes) => (await readBoundedBytes(path, maxBytes ?? defaultLimit)).toString('utf8'),
    exists: async (path) => {
      try {
        const found = await stat(path);
        return found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other';
      } catch (error) {
        if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG', 'EINVAL', 'ERR_INVALID_ARG_VALUE'))
          return undefined;
        throw cannotRead(path, error);
      }
    },
    makeDirectory: async (path) => {
      await mkdir(path, { recursive: true });
    },
    realPath: (path) =>
      realpath(path).catch((cause: unknown) => {
        throw cannotRead(path, cause);
      }),
    home: () => environment.HOME ?? homedir(),
    cwd: () => options.cwd ?? process.cwd(),
    platform: () => platforms[process.platform as keyof typeof platforms] ?? 'other',
    environment: () => environment,
  };
}
