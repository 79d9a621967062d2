// Reads the archive of one revision of the team's configuration: in memory, and one odd entry refuses all of it. The rules
// are those that config-sync went by, asked once more where it matters.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import tar from 'tar-stream';
import { toMemberPath } from '../../../common/team-configuration/member-paths.mjs';
import { checkTree, toPrintable, treeLimits } from '../../../common/team-configuration/tree-rules.mjs';

/** Of the unpacked stream: the files' own limit, and headers and padding of as many as there may be. */
const longestStream = treeLimits.total + treeLimits.files * 2048;

/**
 * @typedef {{data: Buffer, executable: boolean}} TeamFile
 * @typedef {{files: Map<string, TeamFile>, ignored: string[], digest: string}} Revision paths are relative to Claude Code's
 *   configuration folder; `ignored`: what is no part of it; `digest`: of all that is taken
 * @typedef {{mode: string, oid: string, path: string, data: Buffer}} Entry
 */

/** The archive is not what a configuration may be. */
export class ArchiveRefused extends Error {}

/**
 * @param {Uint8Array} bytes a tar.gz
 * @returns {Promise<Revision>}
 * @throws {ArchiveRefused} for anything that is neither file nor folder, paths that lead elsewhere, and what is too large
 */
export async function readArchive(bytes) {
  /** @type {Entry[]} */
  const entries = [];
  let unpacked = 0;
  let total = 0;
  const limited = async function* (/** @type {AsyncIterable<Buffer>} */ chunks) {
    for await (const chunk of chunks) {
      unpacked += chunk.length;
      if (unpacked > longestStream) {
        throw new ArchiveRefused('it unpacks to more than a configuration may be');
      }
      yield chunk;
    }
  };
  const extract = tar.extract();
  extract.on('entry', ({ name, type, size = 0, mode = 0 }, stream, next) => {
    total += size;
    const executable = (mode & 0o100) !== 0;
    if (type === 'directory') {
      stream.resume();
    } else if (type !== 'file') {
      extract.destroy(
        new ArchiveRefused(`${toPrintable(name)}: a ${type ?? 'thing of no kind'}; only files are taken`),
      );
      return;
    } else if (size > treeLimits.file || total > treeLimits.total || entries.length >= treeLimits.files) {
      extract.destroy(new ArchiveRefused(`${toPrintable(name)}: with it, it is larger than a configuration may be`));
      return;
    }
    /** @type {Buffer[]} */
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('error', next);
    stream.on('end', () => {
      if (type === 'file') {
        const path = name.replace(/^\.\//, '');
        entries.push({ mode: executable ? '100755' : '100644', oid: '', path, data: Buffer.concat(chunks) });
      }
      next();
    });
  });
  try {
    const into = /** @type {import('node:stream').Writable} */ (extract);
    await pipeline(Readable.from([bytes]), createGunzip(), limited, into);
  } catch (error) {
    throw error instanceof ArchiveRefused ? error : new ArchiveRefused(`it cannot be read: ${error.message}`);
  }
  const [refusal] = checkTree(entries);
  if (refusal !== undefined) {
    throw new ArchiveRefused(refusal.message);
  }
  return toRevision(entries);
}

/** @param {readonly Entry[]} entries @returns {Revision} */
function toRevision(entries) {
  /** @type {Revision} */
  const revision = { files: new Map(), ignored: [], digest: '' };
  for (const { path, mode, data } of entries) {
    const place = toMemberPath(path);
    if (place === null) {
      revision.ignored.push(path);
    } else {
      revision.files.set(place, { data, executable: mode === '100755' });
    }
  }
  revision.digest = digestOf(revision.files);
  return revision;
}

/** A commit names what it should be; this, what came: whoever agreed to it agreed to these bytes. @param {Revision['files']} files */
function digestOf(files) {
  const hash = createHash('sha256');
  for (const [path, { data, executable }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${executable ? 'x' : '-'} ${data.length} ${path}\0`).update(data);
  }
  return hash.digest('hex');
}
