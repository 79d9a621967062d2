// What is offered, on disk. One file says it, and is replaced by renaming: whenever the service ends, the next one finds
// either the state before or the state after, and the archive of whatever the state names.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import * as nodeFiles from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Archives of so many revisions are kept: a member may be as far behind. */
export const keptRevisions = 20;

/**
 * @typedef {object} OfferedRevision
 * @property {string} sha
 * @property {string} since ISO
 * @property {string} subject
 * @property {string} author
 * @property {string} date ISO
 * @property {string | null} signedBy
 * @property {string | null} approvedBy
 * @property {Archive} archive
 */
/** @typedef {{sha256: string, bytes: number, files: number}} Archive */
/** @typedef {{offered: readonly OfferedRevision[], lastSync: string | null}} Kept newest first */
/** @typedef {Pick<typeof nodeFiles, 'mkdir' | 'open' | 'readFile' | 'readdir' | 'rename' | 'rm'>} Files */
/** @typedef {Awaited<ReturnType<typeof openStore>>} Store */

/**
 * @param {string} folder
 * @param {Files} [files]
 * @throws {Error} the state is there and cannot be read
 */
export async function openStore(folder, files = nodeFiles) {
  const archives = join(folder, 'archives');
  const stateFile = join(folder, 'state.json');
  await files.mkdir(archives, { recursive: true });
  let kept = parseState(await files.readFile(stateFile, 'utf8').catch(orNothing), stateFile);
  const archivePath = (/** @type {string} */ sha) => join(archives, `${sha}.tar.gz`);

  /** @param {string} path of a file or a folder @param {(handle: nodeFiles.FileHandle) => Promise<void>} [write] */
  const flush = async (path, write) => {
    const handle = await files.open(path, write ? 'w' : 'r', 0o600);
    try {
      await write?.(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
  };
  /** @param {Kept} next */
  const save = async (next) => {
    const draft = `${stateFile}.new`;
    await flush(draft, (handle) => handle.writeFile(`${JSON.stringify({ version: 1, ...next }, null, 2)}\n`));
    await files.rename(draft, stateFile);
    // From here on it is what the next start finds, also when the flush of the folder fails.
    kept = next;
    await flush(folder);
  };
  /** What no state names: drafts, and archives of revisions that are too old. */
  const removeOthers = async () => {
    const named = new Set(kept.offered.map(({ sha }) => `${sha}.tar.gz`));
    for (const name of await files.readdir(archives)) {
      if (!named.has(name)) await files.rm(join(archives, name), { force: true });
    }
  };
  await removeOthers();

  return {
    /** @returns {Kept} */
    get kept() {
      return kept;
    },
    archivePath,
    /**
     * @param {string} sha
     * @param {(path: string) => Promise<Archive>} write
     */
    putArchive: async (sha, write) => {
      const draft = `${archivePath(sha)}.new`;
      try {
        const archive = await write(draft);
        await files.rename(draft, archivePath(sha));
        await flush(archives);
        return archive;
      } catch (error) {
        await files.rm(draft, { force: true });
        throw error;
      }
    },
    /** The switch. @param {OfferedRevision} revision whose archive is in its place */
    offer: async (revision) => {
      const before = kept.offered.filter(({ sha }) => sha !== revision.sha);
      await save({ ...kept, offered: [revision, ...before].slice(0, keptRevisions) });
      await removeOthers();
    },
    /** @param {string} lastSync ISO */
    noteSync: (lastSync) => save({ ...kept, lastSync }),
    /** @param {OfferedRevision} revision @returns whether its archive is as it was written */
    isIntact: async ({ sha, archive }) => {
      const hash = createHash('sha256');
      const read = await pipeline(createReadStream(archivePath(sha)), hash).then(() => true, orNothing);
      return read === true && hash.digest('hex') === archive.sha256;
    },
  };
}

/** @param {NodeJS.ErrnoException} error @returns {null} */
function orNothing(error) {
  if (error.code === 'ENOENT') return null;
  throw error;
}

/**
 * @param {string | null} text
 * @param {string} file
 * @returns {Kept}
 */
function parseState(text, file) {
  if (text === null) return { offered: [], lastSync: null };
  try {
    const { version, offered, lastSync } = Object(JSON.parse(text));
    if (version === 1 && Array.isArray(offered)) return { offered, lastSync };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  // To start with nothing would forget what members have, and with it what a force-push may not take back.
  throw new Error(`${file} is not what config-sync wrote. Restore it, or empty the volume to start over.`);
}
