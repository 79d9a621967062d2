import { lstat, readlink, realpath, stat } from 'node:fs/promises';
import * as local from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import type { CopyIn, CopyOut } from '../services/ports.ts';
import { type CopyTarget, type Misfit, type Place, placeCopy, splitEntry } from './copy-place.ts';
import { dialStream } from './dial.ts';
import { statusOf } from './errors.ts';
import { packPath } from './pack.ts';
import { unpack } from './unpack.ts';

/* `cp`: files between this machine and a container, running or not, by the engine's archive calls and `docker cp`'s rules. */

const { posix } = local;

interface Conversation {
  readonly docker: Docker;
  readonly container: string;
  readonly signal: AbortSignal;
}

interface PathStat {
  readonly kind: 'directory' | 'link' | 'file' | 'special';
  readonly linkTarget: string;
}

/** Go's file mode: the kind is in the upper bits. https://pkg.go.dev/io/fs#FileMode */
function kindOf(mode: number): PathStat['kind'] {
  const has = (bit: number): boolean => Math.floor(mode / 2 ** bit) % 2 === 1;
  if (has(31)) return 'directory';
  if (has(27)) return 'link';
  return has(26) || has(25) || has(24) ? 'special' : 'file';
}

function readStat(header: string | readonly string[] | undefined): PathStat {
  const text = Buffer.from(String(header ?? ''), 'base64').toString('utf8');
  const { mode = 0, linkTarget = '' }: { mode?: number; linkTarget?: string } = text === '' ? {} : JSON.parse(text);
  return { kind: kindOf(mode), linkTarget };
}

const statHeader = 'x-docker-container-path-stat';
const archivePath = (container: string, path: string, more = ''): string =>
  `/containers/${container}/archive?path=${encodeURIComponent(path)}${more}`;

/** undefined when the container has no such path. */
async function statPath({ docker, container, signal }: Conversation, path: string): Promise<PathStat | undefined> {
  try {
    const answer = await dialStream(docker, { method: 'HEAD', path: archivePath(container, path), signal });
    answer.resume();
    return readStat(answer.headers[statHeader]);
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Where a link in the container leads. */
const followed = (path: string, { linkTarget }: PathStat): string =>
  posix.isAbsolute(linkTarget) ? linkTarget : posix.join(splitEntry(path, posix).directory, linkTarget);

function refuse(why: Misfit, from: string, to: string): AppFailure {
  return new AppFailure(
    why === 'directory-onto-file'
      ? { code: 'usage', message: `${from} is a folder and cannot be copied onto the file ${to}.` }
      : {
          code: 'usage',
          message: `There is no folder ${to}.`,
          hint: 'Without a slash at its end it is the copy’s new name.',
        },
  );
}

const placed = (place: Place | Misfit, from: string, to: string): Place => {
  if (typeof place === 'string') throw refuse(place, from, to);
  return place;
};

const notFound = (what: string): AppFailure =>
  new AppFailure({ code: 'usage', message: `There is no ${what}.`, hint: 'Check the path.' });

/** Copies a path of the container to this machine, or hands out its archive. */
export async function copyOut(
  conversation: Conversation,
  { path, to, followLink }: CopyOut,
): Promise<{ readonly leftOut: readonly string[] }> {
  const { docker, container, signal } = conversation;
  const found = await statPath(conversation, path);
  if (found === undefined) throw notFound(`${path} in the container`);
  const named = splitEntry(path, posix).base;
  const source = followLink && found.kind === 'link' ? followed(path, found) : path;
  const answer = await dialStream(docker, { method: 'GET', path: archivePath(container, source), signal });
  if (typeof to === 'function') {
    for await (const chunk of answer) await to(chunk as Buffer);
    return { leftOut: [] };
  }
  try {
    const { kind } = readStat(answer.headers[statHeader]);
    const from = { base: named, isDirectory: kind === 'directory' };
    const place = placed(placeCopy(from, await localTarget(to)), path, to);
    // The archive begins with the source's own name, which a followed link changes.
    const root = splitEntry(source, posix).base === '.' ? 0 : 1;
    const prefix = place.name === '.' ? [] : [place.name];
    return await unpack({
      archive: answer,
      directory: await realpath(place.directory),
      place: (segments) => [...prefix, ...segments.slice(root)],
    });
  } finally {
    answer.destroy();
  }
}

/** Links are followed: the user named them. Throws `usage` where not even the folder is there. */
async function localTarget(path: string): Promise<CopyTarget> {
  let target = path;
  for (let hops = 0; hops < 10 && (await lstat(target).catch(() => undefined))?.isSymbolicLink() === true; hops += 1) {
    target = local.resolve(local.dirname(target), await readlink(target));
  }
  const found = await stat(target).catch(() => undefined);
  if (found !== undefined) return { path: target, kind: found.isDirectory() ? 'directory' : 'file', rules: local };
  const { directory } = splitEntry(target.replace(/[\\/]\.?$/, ''), local);
  const parent = await stat(directory).catch(() => undefined);
  if (parent?.isDirectory() !== true) throw notFound(`folder ${directory}`);
  return { path: target, kind: 'missing', rules: local };
}

/** Copies a file or folder of this machine, or an archive, into the container. */
export async function copyIn(conversation: Conversation, { from, path, followLink, archive }: CopyIn): Promise<void> {
  const target = await containerTarget(conversation, path);
  if (typeof from !== 'string') {
    if (target.kind !== 'directory') {
      throw new AppFailure({
        code: 'usage',
        message: `${path} in the container is no folder.`,
        hint: 'An archive is unpacked into one.',
      });
    }
    return putArchive(conversation, { directory: target.path, content: Readable.from(from), archive });
  }
  const found = await lstat(from).catch(() => undefined);
  const behind = found?.isSymbolicLink() && (followLink || from.endsWith('/')) ? await stat(from) : found;
  if (behind === undefined || (!behind.isDirectory() && /[\\/]\.?$/.test(from))) throw notFound(`${from} here`);
  const { base } = splitEntry(from, local);
  const place = placed(placeCopy({ base, isDirectory: behind.isDirectory() }, target), from, path);
  const content = packPath({ path: from, name: place.name, followLink });
  return putArchive(conversation, { directory: place.directory, content, archive });
}

async function containerTarget(conversation: Conversation, path: string): Promise<CopyTarget> {
  const first = await statPath(conversation, path);
  const isLink = first?.kind === 'link';
  const target = isLink ? followed(path, first) : path;
  const found = isLink ? await statPath(conversation, target) : first;
  if (found?.kind === 'special') {
    throw new AppFailure({ code: 'usage', message: `${path} in the container is neither a file nor a folder.` });
  }
  const kind = found === undefined ? 'missing' : found.kind === 'directory' ? 'directory' : 'file';
  return { path: target, kind, rules: posix };
}

interface PutArchive {
  readonly directory: string;
  readonly content: Readable;
  /** Keep the numbers of the owners. */
  readonly archive: boolean;
}

export async function putArchive({ docker, container, signal }: Conversation, put: PutArchive): Promise<void> {
  // docker-modem pipes the body without listening for its errors: what breaks it has to end the request as well.
  const broken = new AbortController();
  const body = new PassThrough();
  let why: unknown;
  const feeding = pipeline(put.content, body).catch((error: unknown) => {
    why = error;
    broken.abort();
  });
  try {
    await docker.getContainer(container).putArchive(body, {
      path: put.directory,
      noOverwriteDirNonDir: 'true',
      ...(put.archive ? { copyUIDGID: 'true' } : {}),
      abortSignal: AbortSignal.any([signal, broken.signal]),
    });
  } catch (error) {
    throw why ?? error;
  } finally {
    body.destroy();
  }
  await feeding;
}
