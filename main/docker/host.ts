import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';

/** What finding engines needs of the machine; handed in, so that any machine can be described in a test. */
export interface Host {
  readonly platform: 'linux' | 'darwin' | 'win32' | 'other';
  readonly home: string;
  /** Numeric user id; undefined on Windows. */
  readonly uid: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** undefined when there is no such file, or it cannot be read. */
  readonly readText: (path: string) => Promise<string | undefined>;
  /** Names in a folder; empty when there is none. */
  readonly list: (path: string) => Promise<readonly string[]>;
  /** Something is there (a socket, a pipe, a file), whoever may open it. */
  readonly exists: (path: string) => Promise<boolean>;
  /** The path behind symbolic links; the path itself when it does not exist. */
  readonly realPath: (path: string) => Promise<string>;
}

const orElse =
  <T>(fallback: T) =>
  (): T =>
    fallback;

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/** This machine and this process. */
export function nodeHost(): Host {
  const { platform } = process;
  return {
    platform: platform === 'linux' || platform === 'darwin' || platform === 'win32' ? platform : 'other',
    home: homedir(),
    uid: process.getuid?.(),
    env: process.env,
    readText: (path) => readFile(path, 'utf8').catch(orElse(undefined)),
    list: (path) => readdir(path).catch(orElse([])),
    // A busy pipe or a closed folder refuses the look, which says that something is there.
    exists: (path) => lstat(path).then(orElse(true), (error: unknown) => !isMissing(error)),
    realPath: (path) => realpath(path).catch(orElse(path)),
  };
}
