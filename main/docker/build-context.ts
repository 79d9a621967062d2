import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { AppFailure } from '../core/app-failure.ts';
import type { Build } from '../core/compose/project.ts';
import { parseDockerignore, type Verdict } from './dockerignore.ts';

/*
 * The build context as the docker CLI sends it to the classic builder (docker/cli cli/command/image/build/context.go):
 * everything that .dockerignore leaves, plus .dockerignore and the Dockerfile themselves, which the engine reads and then
 * leaves out again where .dockerignore says so. As with BuildKit, `<Dockerfile>.dockerignore` counts instead where it is
 * there; it travels as .dockerignore, the only name that the engine knows. A Dockerfile from elsewhere travels under a name of its own that is added
 * to .dockerignore, so that `COPY . .` does not pick it up. Owner is root for every file.
 */

export type ContextEntry =
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly mode: number; readonly target: string }
  | { readonly kind: 'text'; readonly path: string; readonly mode: number; readonly text: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly source: string;
      readonly size: number;
      readonly mtimeMs: number;
    };

export interface BuildContext {
  /** Sorted by path; paths are relative, with `/`. */
  readonly entries: readonly ContextEntry[];
  /** The Dockerfile's path within the context. */
  readonly dockerfile: string;
  /** The Dockerfile itself, and where it is on this machine unless it is written in the stack's file. */
  readonly text: string;
  readonly path?: string;
}

/** Fixed, so that the same context gives the same layers' cache keys. */
const foreignDockerfile = '.dockerfile.claude-env';
const certificatesFile = 'extra-ca.pem';

/** A stream for a small file costs more than the file. */
export const wholeBytes = 1024 * 1024;

/** A git or http(s) context, which the engine fetches by itself. */
export const isRemoteContext = (context: string): boolean =>
  /^(https?|git|ssh):\/\/|^git@|^github\.com\//.test(context);

const isPosix = sep === '/';
/** Windows has no modes; docker sends 0755 for everything from there. */
const toMode = (mode: number): number => (isPosix ? mode & 0o7777 : 0o755);

/**
 * Where the machine's certificate authorities go: the folder of the context that the build's `x-claude-env: extra-ca:`
 * names. Builds that do not name one are none of ours and get nothing put into their context.
 */
export function certificateFolder(build: Build): string | undefined {
  const own = build.extensions?.['x-claude-env'];
  if (typeof own !== 'object' || own === null || !('extra-ca' in own)) return undefined;
  const folder = own['extra-ca'];
  return typeof folder === 'string' ? folder.replace(/\/+$/, '') : undefined;
}

/** Lists what would be sent; reads no contents besides .dockerignore and the Dockerfile. */
export async function readBuildContext(build: Build, extraCa: string | undefined): Promise<BuildContext> {
  const root = build.context;
  const placed = await placeDockerfile(build);
  const own = placed.path === undefined ? undefined : await readOptional(`${placed.path}.dockerignore`);
  const rules = own ?? (await readOptional(join(root, '.dockerignore')));
  const keep = new Set(['.dockerignore', placed.dockerfile]);
  const found = await listContext(root, rules, keep);

  const extra: ContextEntry[] = [];
  if (placed.foreign) extra.push({ kind: 'text', path: placed.dockerfile, mode: 0o600, text: placed.text });
  if (placed.foreign || own !== undefined) {
    const sent = placed.foreign ? `${rules ?? '.dockerignore'}\n${placed.dockerfile}\n` : (own ?? '');
    extra.push({ kind: 'text', path: '.dockerignore', mode: 0o644, text: sent });
  }
  const folder = certificateFolder(build);
  if (extraCa !== undefined && folder !== undefined) {
    const path = folder === '' || folder === '.' ? certificatesFile : `${folder}/${certificatesFile}`;
    extra.push({ kind: 'text', path, mode: 0o644, text: extraCa });
  }
  const replaced = new Set(extra.map(({ path }) => path));
  const entries = [...found.filter(({ path }) => !replaced.has(path)), ...extra];
  entries.sort((left, right) => (left.path < right.path ? -1 : 1));
  return { entries, dockerfile: placed.dockerfile, text: placed.text, ...(placed.path && { path: placed.path }) };
}

/** undefined for a file that is not there. */
async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw unreadable(cause);
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/** A part of the context that is missing or may not be read, said with its path. */
export function unreadable(cause: unknown): AppFailure {
  const message = cause instanceof Error ? cause.message : String(cause);
  const denied = cause instanceof Error && 'code' in cause && (cause.code === 'EACCES' || cause.code === 'EPERM');
  return new AppFailure(
    {
      code: 'file.not-found',
      message: `The build context cannot be read: ${message}`,
      hint: denied
        ? 'Leave it out with a line in .dockerignore, or let your user read it.'
        : 'Check `build.context` in the stack’s file.',
    },
    { cause },
  );
}

export interface PlacedDockerfile {
  /** Path within the context. */
  readonly dockerfile: string;
  readonly text: string;
  /** It is written in the stack's file, or lies outside of the context. */
  readonly foreign: boolean;
  /** Where it is on this machine; undefined when it is written in the stack's file. */
  readonly path?: string;
}

/** The Dockerfile of a context on this machine. Throws `file.not-found`. */
export async function placeDockerfile(build: Build): Promise<PlacedDockerfile> {
  const { dockerfile_inline: inline } = build;
  if (inline !== undefined) return { dockerfile: foreignDockerfile, text: inline, foreign: true };
  const name = build.dockerfile ?? 'Dockerfile';
  const path = isAbsolute(name) ? name : join(build.context, name);
  const inside = relative(build.context, path);
  const foreign = inside.startsWith('..') || isAbsolute(inside);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AppFailure(
      {
        code: 'file.not-found',
        message: isMissing(cause)
          ? `There is no Dockerfile ${path}.`
          : `The Dockerfile ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
        hint: 'Check `build.context` and `build.dockerfile` in the stack’s file.',
      },
      { cause },
    );
  });
  return { dockerfile: foreign ? foreignDockerfile : inside.split(sep).join('/'), text, foreign, path };
}

/** What .dockerignore leaves of a folder, and what is to be kept whatever it says. */
export async function listContext(
  root: string,
  rules: string | undefined,
  keep: ReadonlySet<string>,
): Promise<readonly ContextEntry[]> {
  const ignored = parseDockerignore(rules ?? '');
  const entries: ContextEntry[] = [];

  const visit = async (directory: string, prefix: string, folder: Verdict | undefined): Promise<void> => {
    for (const name of (await readdir(directory)).sort()) {
      const path = prefix === '' ? name : `${prefix}/${name}`;
      const source = join(directory, name);
      const verdict = ignored.judge(path, folder);
      const excluded = verdict.excluded && !keep.has(path);
      const stats = await lstat(source);
      const mode = toMode(stats.mode);
      if (stats.isDirectory()) {
        const needed = [...keep].some((kept) => kept.startsWith(`${path}/`));
        if (!excluded) entries.push({ kind: 'directory', path, mode });
        if (!excluded || needed || !ignored.prunes(path)) await visit(source, path, verdict);
      } else if (excluded) {
      } else if (stats.isSymbolicLink()) {
        entries.push({ kind: 'link', path, mode, target: await readlink(source) });
      } else if (stats.isFile()) {
        entries.push({ kind: 'file', path, mode, source, size: stats.size, mtimeMs: stats.mtimeMs });
      }
      // Sockets, pipes and devices cannot be copied into an image; docker leaves them out as well.
    }
  };
  try {
    await visit(root, '', undefined);
  } catch (cause) {
    throw unreadable(cause);
  }
  return entries;
}

/** The context as a tar stream; a file that cannot be read any more ends it with an error. */
export function packContext(entries: readonly ContextEntry[]): Readable {
  const pack = tar.pack();
  packAll(pack, entries).then(
    () => pack.finalize(),
    (error: unknown) => pack.destroy(unreadable(error)),
  );
  return pack;
}

async function packAll(pack: tar.Pack, entries: readonly ContextEntry[]): Promise<void> {
  for (const entry of entries) {
    const header = { name: entry.path, mode: entry.mode, uid: 0, gid: 0, mtime: new Date(0) };
    const give = (bytes: string | Buffer) =>
      new Promise<void>((resolve, reject) => {
        pack.entry({ ...header, type: 'file' }, bytes, (error) => (error ? reject(error) : resolve()));
      });
    if (entry.kind === 'file' && entry.size <= wholeBytes) await give(await readFile(entry.source));
    else if (entry.kind === 'file') {
      // A file that grows while it is read must not spill over the size in its header.
      const content = pack.entry({ ...header, type: 'file', size: entry.size });
      await pipeline(createReadStream(entry.source, { end: entry.size - 1 }), content);
    } else if (entry.kind === 'text') {
      await give(entry.text);
    } else if (entry.kind === 'link') {
      pack.entry({ ...header, type: 'symlink', linkname: entry.target });
    } else {
      pack.entry({ ...header, type: 'directory' });
    }
  }
}
