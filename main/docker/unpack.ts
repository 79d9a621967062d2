import { createWriteStream } from 'node:fs';
import { chmod, link, lstat, mkdir, symlink, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar, { type Headers } from 'tar-stream';
import { AppFailure } from '../core/app-failure.ts';

/*
 * An archive that somebody else made, unpacked below a folder and nowhere else. Its names, links and kinds are the
 * container's own and may be hostile:
 *   - a name with `..` (or, on Windows, a drive or backslash) is refused; an absolute one is taken below the folder;
 *   - nothing is written through a link: folders on the way must be folders, a link in a file's place is taken away first;
 *   - links of the archive are made when everything else is written, so that no entry can go through them;
 *   - devices, pipes and sockets are left out and named; setuid and setgid bits are dropped.
 * Owners are the invoking user's, as with `docker cp`.
 */

export interface Unpack {
  readonly archive: Readable;
  /** Exists, is a folder, and has no link in it that the user did not mean. */
  readonly directory: string;
  /** Where an entry goes below `directory`, from where it is in the archive. */
  readonly place: (segments: readonly string[]) => readonly string[];
}

export interface Unpacked {
  /** Names of entries that are no files, folders or links. */
  readonly leftOut: readonly string[];
}

interface Folder {
  readonly path: string;
  readonly mode: number;
  readonly mtime: Date | undefined;
}

const hostile = (name: string, why: string): AppFailure =>
  new AppFailure({
    code: 'unsupported',
    message: `The copy was stopped at ${JSON.stringify(name.slice(0, 200))}: ${why}.`,
    hint: 'What was written before stays. Nothing outside of the target was touched.',
  });

const misnamed = process.platform === 'win32' ? /[\\:\0]|[ .]$/ : /\0/;

function split(name: string): readonly string[] {
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) throw hostile(name, 'its name leads out of the target');
  if (segments.some((segment) => misnamed.test(segment))) throw hostile(name, 'its name is none on this machine');
  return segments;
}

const lookAt = (path: string) =>
  lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

export async function unpack({ archive, directory, place }: Unpack): Promise<Unpacked> {
  const folders: Folder[] = [];
  const links = new Map<string, { readonly name: string; readonly segments: readonly string[]; readonly to: string }>();
  const leftOut: string[] = [];

  /** Makes the folders on the way; each of them really is one. */
  const enter = async (name: string, segments: readonly string[]): Promise<string> => {
    let path = directory;
    for (const segment of segments.slice(0, -1)) {
      path = join(path, segment);
      const found = await lookAt(path);
      if (found === undefined) await mkdir(path);
      else if (!found.isDirectory()) throw hostile(name, `${path} is no folder`);
    }
    return join(path, segments.at(-1) ?? '');
  };

  /** Room for something that is no folder. */
  const clear = async (name: string, path: string): Promise<void> => {
    const found = await lookAt(path);
    if (found?.isDirectory()) throw hostile(name, `${path} is a folder`);
    if (found !== undefined) await unlink(path);
  };

  const write = async (header: Headers, content: Readable): Promise<void> => {
    const { name, type } = header;
    const segments = place(split(name));
    if (segments.length === 0 && type === 'directory') return;
    const path = await enter(name, segments);
    const mode = (header.mode ?? 0o644) & 0o777;
    switch (type) {
      case 'directory': {
        const found = await lookAt(path);
        if (found === undefined) await mkdir(path);
        else if (!found.isDirectory()) throw hostile(name, `${path} is no folder`);
        folders.push({ path, mode, mtime: header.mtime });
        return;
      }
      case 'file':
      case 'contiguous-file':
        await clear(name, path);
        links.delete(path);
        await pipeline(content, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
        await chmod(path, mode);
        if (header.mtime) await utimes(path, header.mtime, header.mtime);
        return;
      case 'link': {
        const original = place(split(header.linkname ?? ''));
        const source = await enter(name, original);
        if ((await lookAt(source))?.isFile() !== true)
          throw hostile(name, 'it is a link to what the copy does not have');
        if (source === path) return;
        await clear(name, path);
        await link(source, path);
        return;
      }
      case 'symlink':
        links.set(path, { name, segments, to: header.linkname ?? '' });
        return;
      default:
        leftOut.push(name);
    }
  };

  await readEntries(archive, write);
  for (const [path, { name, segments, to }] of links) {
    await enter(name, segments);
    await clear(name, path);
    await symlink(to, path);
  }
  // The innermost first, so that a folder that may not be written to or a time that was set stays so.
  for (const { path, mode, mtime } of folders.reverse()) {
    await chmod(path, mode);
    if (mtime) await utimes(path, mtime, mtime);
  }
  return { leftOut };
}

/** One entry after the other; the first failure ends it. */
async function readEntries(
  archive: Readable,
  write: (header: Headers, content: Readable) => Promise<void>,
): Promise<void> {
  const extract = tar.extract();
  extract.on('entry', (header, content, next) => {
    const ended = new Promise<void>((resolve) => void content.on('end', resolve));
    write(header, content)
      .then(() => {
        // What nobody has read has to be read all the same: the next entry lies behind it.
        content.resume();
        return ended;
      })
      .then(
        () => next(),
        (error: unknown) => next(error),
      );
  });
  await pipeline(archive, extract);
}
