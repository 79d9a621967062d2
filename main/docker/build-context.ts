import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import ignore from '@balena/dockerignore';
import tar from 'tar-stream';
import { AppFailure } from '../core/app-failure.ts';
import type { Build } from '../core/compose/project.ts';

/*
 * The build context as the docker CLI sends it to the classic builder (docker/cli cli/command/image/build/context.go):
 * everything that .dockerignore leaves, plus .dockerignore and the Dockerfile themselves, which the engine reads and then
 * leaves out again where .dockerignore says so. A Dockerfile from elsewhere travels under a name of its own that is added
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
}

/** Fixed, so that the same context gives the same layers' cache keys. */
const foreignDockerfile = '.dockerfile.claude-env';
const certificatesFile = 'extra-ca.pem';

/** A git or http(s) context, which the engine fetches by itself. */
export const isRemoteContext = (context: string): boolean => /^(https?|git|ssh):\/\/|^git@/.test(context);

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

/** Lists what would be sent; reads no contents besides .dockerignore and a foreign Dockerfile. */
export async function readBuildContext(build: Build, extraCa: string | undefined): Promise<BuildContext> {
  const root = build.context;
  const rules = await readFile(join(root, '.dockerignore'), 'utf8').catch(() => undefined);
  const placed = await placeDockerfile(build);
  const keep = new Set(['.dockerignore', placed.dockerfile]);
  const found = await walk(root, rules, keep);

  const extra: ContextEntry[] = [];
  if (placed.text !== undefined) {
    extra.push({ kind: 'text', path: placed.dockerfile, mode: 0o600, text: placed.text });
    const ignored = `${rules ?? '.dockerignore'}\n${placed.dockerfile}\n`;
    extra.push({ kind: 'text', path: '.dockerignore', mode: 0o644, text: ignored });
  }
  const folder = certificateFolder(build);
  if (extraCa !== undefined && folder !== undefined) {
    const path = folder === '' || folder === '.' ? certificatesFile : `${folder}/${certificatesFile}`;
    extra.push({ kind: 'text', path, mode: 0o644, text: extraCa });
  }
  const replaced = new Set(extra.map(({ path }) => path));
  const entries = [...found.filter(({ path }) => !replaced.has(path)), ...extra];
  entries.sort((left, right) => (left.path < right.path ? -1 : 1));
  return { entries, dockerfile: placed.dockerfile };
}

async function placeDockerfile(build: Build): Promise<{ dockerfile: string; text?: string }> {
  if (build.dockerfile_inline !== undefined) return { dockerfile: foreignDockerfile, text: build.dockerfile_inline };
  const name = build.dockerfile ?? 'Dockerfile';
  const path = isAbsolute(name) ? name : join(build.context, name);
  const inside = relative(build.context, path);
  const outside = inside.startsWith('..') || isAbsolute(inside);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AppFailure(
      {
        code: 'file.not-found',
        message: `There is no Dockerfile ${path}.`,
        hint: 'Check `build.context` and `build.dockerfile` in the stack’s file.',
      },
      { cause },
    );
  });
  return outside ? { dockerfile: foreignDockerfile, text } : { dockerfile: inside.split(sep).join('/') };
}

async function walk(
  root: string,
  rules: string | undefined,
  keep: ReadonlySet<string>,
): Promise<readonly ContextEntry[]> {
  const matcher = rules === undefined ? undefined : ignore().add(rules);
  // A re-included file may lie in an excluded folder, so without `!` only can whole folders be passed over.
  const prunes = rules !== undefined && !/^\s*!/m.test(rules);
  const entries: ContextEntry[] = [];

  const visit = async (directory: string, prefix: string): Promise<void> => {
    for (const name of (await readdir(directory)).sort()) {
      const path = prefix === '' ? name : `${prefix}/${name}`;
      const source = join(directory, name);
      const excluded = !keep.has(path) && (matcher?.ignores(path) ?? false);
      const stats = await lstat(source);
      const mode = toMode(stats.mode);
      if (stats.isDirectory()) {
        const needed = [...keep].some((kept) => kept.startsWith(`${path}/`));
        if (!excluded) entries.push({ kind: 'directory', path, mode });
        if (!excluded || !prunes || needed) await visit(source, path);
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
    await visit(root, '');
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AppFailure(
      { code: 'file.not-found', message: `The build context cannot be read: ${message}` },
      { cause },
    );
  }
  return entries;
}

/** The context as a tar stream; a file that cannot be read any more ends it with an error. */
export function packContext(entries: readonly ContextEntry[]): Readable {
  const pack = tar.pack();
  packAll(pack, entries).then(
    () => pack.finalize(),
    (error: unknown) => pack.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return pack;
}

async function packAll(pack: tar.Pack, entries: readonly ContextEntry[]): Promise<void> {
  for (const entry of entries) {
    const header = { name: entry.path, mode: entry.mode, uid: 0, gid: 0, mtime: new Date(0) };
    if (entry.kind === 'file') {
      // A file that grows while it is read must not spill over the size in its header.
      const end = Math.max(entry.size - 1, 0);
      const content = pack.entry({ ...header, type: 'file', size: entry.size });
      if (entry.size === 0) content.end();
      else await pipeline(createReadStream(entry.source, { end }), content);
    } else if (entry.kind === 'text') {
      await new Promise<void>((resolve, reject) => {
        pack.entry({ ...header, type: 'file' }, entry.text, (error) => (error ? reject(error) : resolve()));
      });
    } else if (entry.kind === 'link') {
      pack.entry({ ...header, type: 'symlink', linkname: entry.target });
    } else {
      pack.entry({ ...header, type: 'directory' });
    }
  }
}
