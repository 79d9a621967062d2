// A revision as a file to hand out: tar.gz, the same bytes for the same commit wherever and whenever it is made.

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

/** So many bytes of files are in memory at a time, and one file more. */
const atATime = 4 * 1024 * 1024;

/**
 * @param {import('./repository.mjs').Repository} repository
 * @param {{files: readonly import('../../common/team-configuration/tree-rules.mjs').TreeEntry[], date: string}} revision `date`: every file's time
 * @param {string} path gets written; who calls puts it into its place
 * @returns {Promise<import('./store.mjs').Archive>}
 */
export async function writeArchive(repository, { files, date }, path) {
  const tar = pack();
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new PassThrough();
  counted.on('data', (chunk) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  const written = pipeline(
    tar,
    createGzip({ level: 9 }),
    counted,
    createWriteStream(path, { mode: 0o600, flush: true }),
  );
  const filled = fill(repository, files, { tar, mtime: new Date(date) });
  // A failure of either ends both.
  await Promise.all([written, filled.catch((error) => tar.destroy(error))]);
  return { sha256: hash.digest('hex'), bytes, files: files.length };
}

/**
 * @param {import('./repository.mjs').Repository} repository
 * @param {readonly import('../../common/team-configuration/tree-rules.mjs').TreeEntry[]} files
 * @param {{tar: import('tar-stream').Pack, mtime: Date}} target
 */
async function fill(repository, files, { tar, mtime }) {
  const sizes = await repository.readSizes([...new Set(files.map(({ oid }) => oid))]);
  for (let from = 0; from < files.length; ) {
    let to = from;
    for (let bytes = 0; to < files.length && (to === from || bytes < atATime); to += 1)
      bytes += sizes.get(files[to]?.oid ?? '') ?? 0;
    const group = files.slice(from, to);
    /** @type {Buffer[]} */
    const contents = [];
    await repository.readBlobs(
      group.map(({ oid }) => oid),
      (_oid, content) => contents.push(Buffer.from(content)),
    );
    for (const [index, { path, mode }] of group.entries()) {
      const header = { name: path, mode: mode === '100755' ? 0o755 : 0o644, mtime, uid: 0, gid: 0 };
      await new Promise((resolve, reject) => {
        tar.entry(header, contents[index] ?? Buffer.alloc(0), (error) => (error ? reject(error) : resolve(undefined)));
      });
    }
    from = to;
  }
  tar.finalize();
}
