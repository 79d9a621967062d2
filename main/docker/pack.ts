import { createReadStream, type Stats } from 'node:fs';
import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';

/** Windows has no modes; docker sends 0755 for everything from there. */
const toMode = (mode: number): number => (sep === '/' ? mode & 0o7777 : 0o755);

export interface Pack {
  readonly path: string;
  /** What it is called in the archive; `.`: a folder's contents without the folder. */
  readonly name: string;
  /** A link at `path` itself stands for what it points to; links below stay links. */
  readonly followLink: boolean;
}

/**
 * A file or folder of this machine as an archive. Sockets, pipes and devices are left out. What cannot be read any more
 * ends it with an error.
 */
export function packPath({ path, name, followLink }: Pack): Readable {
  const pack = tar.pack();
  const walk = async (source: string, inside: string, stats: Stats): Promise<void> => {
    const header = {
      name: inside,
      mode: toMode(stats.mode),
      uid: stats.uid,
      gid: stats.gid,
      mtime: stats.mtime,
    };
    if (stats.isDirectory()) {
      pack.entry({ ...header, name: `${inside}/`, type: 'directory' });
      for (const entry of (await readdir(source)).sort()) {
        const child = join(source, entry);
        await walk(child, `${inside}/${entry}`, await lstat(child));
      }
    } else if (stats.isSymbolicLink()) {
      pack.entry({ ...header, type: 'symlink', linkname: await readlink(source) });
    } else if (stats.isFile()) {
      const content = pack.entry({ ...header, type: 'file', size: stats.size });
      // A file that grows while it is read must not spill over the size in its header.
      if (stats.size === 0) content.end();
      else await pipeline(createReadStream(source, { end: stats.size - 1 }), content);
    }
  };
  (followLink ? stat(path) : lstat(path))
    .then((stats) => walk(path, name, stats))
    .then(
      () => pack.finalize(),
      (error: unknown) => pack.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  return pack;
}
