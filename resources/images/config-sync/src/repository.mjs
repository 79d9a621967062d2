// The copy of the team's repository. It is a cache: what is offered lives in the store, and this folder may be thrown
// away at any time.

import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { treeLimits } from '../../common/team-configuration/tree-rules.mjs';
import { createBatchReader } from './batch-reader.mjs';
import { parseCommit, parseSignature, parseSizes, parseTreeRecord, shaPattern } from './commits.mjs';
import { fetchTooBig } from './git-failure.mjs';
import { GitError } from './run-git.mjs';

/** So many commits of the branch are looked at, from its end. */
export const longestHistory = 2000;

const fetchedRef = 'refs/remote/head';
const offeredRef = 'refs/offered/current';

/** @typedef {ReturnType<typeof createRepository>} Repository */

/**
 * @param {import('./run-git.mjs').Git} git
 * @param {import('./git-command.mjs').GitPlace} place
 */
export function createRepository(git, { fetchFolder, readFolder }) {
  /** @param {readonly string[]} args @param {import('./run-git.mjs').GitCall} [call] */
  const text = async (args, call) => (await git(args, call)).toString('utf8');
  /** @param {readonly string[]} args @returns {Promise<boolean>} exit 0, or the 1 and 128 of `no` */
  const holds = (args) =>
    git(args).then(
      () => true,
      (error) => {
        if (error.exit === 1 || error.exit === 128) return false;
        throw error;
      },
    );
  /** @param {readonly string[]} args */
  const listCommits = async (args) =>
    (await text(['rev-list', `--max-count=${longestHistory}`, ...args, '--'])).split('\n').filter((sha) => sha !== '');

  const open = async () => {
    await mkdir(join(readFolder, 'refs'), { recursive: true });
    await writeFile(join(readFolder, 'HEAD'), 'ref: refs/heads/none\n');
    await writeFile(join(readFolder, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
    await mkdir(fetchFolder, { recursive: true });
    await git(['init', '--quiet', '--bare', '--template='], { way: 'fetch' });
    await removeLeftovers(fetchFolder);
  };

  return {
    open,

    /** Starts over with nothing: for a copy that git cannot read any more, or that grew too big. */
    reset: async () => {
      for (const folder of [fetchFolder, readFolder]) {
        const trash = `${folder}.trash`;
        await rm(trash, { recursive: true, force: true });
        await rename(folder, trash);
        await rm(trash, { recursive: true, force: true });
      }
      await open();
    },

    /**
     * @param {string} url
     * @param {string} branch
     * @param {AbortSignal} [signal]
     * @returns {Promise<string | null>} the branch's end at the remote; null: it has no such branch
     */
    askHead: async (url, branch, signal) => {
      const ref = `refs/heads/${branch}`;
      const settings = { 'remote.origin.url': url };
      const answer = await text(['ls-remote', 'origin', ref], {
        way: 'fetch',
        settings,
        ...(signal ? { signal } : {}),
      });
      const line = answer.split('\n').find((one) => one.endsWith(`\t${ref}`));
      const sha = line?.split('\t')[0] ?? '';
      return shaPattern.test(sha) ? sha : null;
    },

    /**
     * Files bigger than a revision may have stay at the remote, where it can leave them out; elsewhere the limit ends it.
     * @param {string} url
     * @param {string} branch
     * @param {{limit: number, signal?: AbortSignal}} options bytes
     */
    fetch: async (url, branch, { limit, signal }) => {
      const what = [
        '--quiet',
        '--no-tags',
        '--no-write-fetch-head',
        '--no-recurse-submodules',
        '--no-auto-maintenance',
      ];
      const filter = `--filter=blob:limit=${treeLimits.file + 1}`;
      try {
        await git(['fetch', ...what, filter, 'origin', `+refs/heads/${branch}:${fetchedRef}`], {
          way: 'fetch',
          settings: { 'remote.origin.url': url },
          timeoutMs: 300_000,
          fileBytes: limit,
          ...(signal ? { signal } : {}),
        });
      } catch (error) {
        const biggest = await removeLeftovers(fetchFolder);
        // Git's own words for a helper that the kernel ended vary; the pack that grew to the limit does not.
        throw biggest >= limit ? new GitError(fetchTooBig, null) : error;
      }
    },

    /**
     * Packs are put together once they are many; what a force-push left behind goes.
     * @param {number} limit bytes of a fetch
     */
    tidy: async (limit) => {
      const { packs, bytes } = await measure(fetchFolder);
      if (packs <= 40 && bytes <= 4 * limit) return;
      const call = /** @type {const} */ ({ way: 'fetch', timeoutMs: 600_000, fileBytes: 8 * limit });
      await git(['gc', '--quiet', '--prune=now'], call);
    },

    /** @returns {Promise<number>} bytes */
    size: async () => (await measure(fetchFolder)).bytes,

    /** @returns {Promise<string | null>} the branch's end as it was fetched last */
    head: async () => {
      const answer = await text(['for-each-ref', '--format=%(objectname)', fetchedRef], { way: 'fetch' });
      return shaPattern.test(answer.trim()) ? answer.trim() : null;
    },

    /** Keeps a commit and its history when the branch drops them. @param {string} sha */
    keep: async (sha) => {
      await git(['update-ref', offeredRef, sha], { way: 'fetch' });
    },

    /** @param {string} ancestor @param {string} sha @returns whether the one is in the other's history */
    contains: async (ancestor, sha) =>
      (await holds(['cat-file', '-e', `${ancestor}^{commit}`])) &&
      (await holds(['merge-base', '--is-ancestor', ancestor, sha])),

    /**
     * What is on the branch and not in members' hands, newest first. The line of the branch itself: what a merge brought
     * in was never the branch's end. A merge can also put the branch's old end aside; then only what comes after both counts.
     * @param {string} head
     * @param {string | null} current
     * @param {import('./choice.mjs').Relation} relation
     */
    listCandidates: async (head, current, relation) => {
      if (relation === 'same') return [];
      if (current === null) return listCommits(['--first-parent', head]);
      if (relation === 'grown') {
        const line = await listCommits(['--first-parent', `${current}..${head}`]);
        const after = new Set(await listCommits(['--ancestry-path', `${current}..${head}`]));
        return line.filter((sha) => after.has(sha));
      }
      const known = await holds(['cat-file', '-e', `${current}^{commit}`]);
      const other = await listCommits(['--first-parent', head, ...(known ? [`^${current}`] : [])]);
      return other.length === 0 ? [head] : other;
    },

    /** @param {readonly string[]} shas @returns {Promise<import('./commits.mjs').Commit[]>} */
    readCommits: async (shas) => {
      /** @type {import('./commits.mjs').Commit[]} */
      const commits = [];
      const reader = createBatchReader((sha, content) => {
        // A message of megabytes is nothing to read.
        if (content) commits.push(parseCommit(sha, content.toString('utf8', 0, 65_536)));
      });
      await git(['cat-file', '--batch'], { input: shas.join('\n'), onData: (chunk) => reader(chunk) });
      return commits;
    },

    /** @param {string} sha @returns {Promise<import('./commits.mjs').Signature>} */
    readSignature: async (sha) =>
      parseSignature(await text(['log', '-1', '--no-walk', '--format=%G?%n%GS', sha, '--'])),

    /** @param {string} sha @returns {Promise<import('../../common/team-configuration/tree-rules.mjs').TreeEntry[]>} one more than allowed, and no more, where there are too many */
    readTree: async (sha) => {
      /** @type {import('../../common/team-configuration/tree-rules.mjs').TreeEntry[]} */
      const entries = [];
      let rest = Buffer.alloc(0);
      const onData = (/** @type {Buffer} */ chunk) => {
        const all = Buffer.concat([rest, chunk]);
        let from = 0;
        for (let end = all.indexOf(0); end !== -1; from = end + 1, end = all.indexOf(0, from)) {
          const entry = parseTreeRecord(all.toString('utf8', from, end));
          if (entry) entries.push(entry);
        }
        rest = all.subarray(from);
        return entries.length <= treeLimits.files;
      };
      await git(['ls-tree', '-r', '-z', '--full-tree', sha], { onData });
      return entries;
    },

    /** @param {readonly string[]} oids */
    readSizes: async (oids) =>
      parseSizes(await text(['cat-file', '--batch-check=%(objectname) %(objectsize)'], { input: oids.join('\n') })),

    /** @param {readonly string[]} oids @param {(oid: string, content: Buffer) => void} onBlob in the order of `oids` */
    readBlobs: async (oids, onBlob) => {
      const reader = createBatchReader((oid, content) => {
        if (content === null) throw new Error(`object ${oid} is missing`);
        onBlob(oid, content);
      });
      await git(['cat-file', '--batch'], { input: oids.join('\n'), onData: (chunk) => reader(chunk) });
    },
  };
}

/**
 * Locks and half-written packs of a git that was killed. Nothing else works in this folder.
 * @param {string} folder
 * @returns {Promise<number>} bytes of the biggest
 */
async function removeLeftovers(folder) {
  let biggest = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const left = entry.name.endsWith('.lock') || /^(tmp_|\.tmp-)/.test(entry.name);
    if (!entry.isFile() || !left) continue;
    const path = join(entry.parentPath, entry.name);
    biggest = Math.max(biggest, (await stat(path)).size);
    await rm(path, { force: true });
  }
  return biggest;
}

/** @param {string} folder */
async function measure(folder) {
  let bytes = 0;
  let packs = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    if (entry.name.endsWith('.pack')) packs += 1;
    bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return { packs, bytes };
}
