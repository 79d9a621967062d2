// Looks at a revision before it may be offered: every file's name, kind and size, and what breaks a member's Claude
// although it is a good file.

import { memberFolder, toMemberPath } from '../../common/team-configuration/member-paths.mjs';
import { checkSizes, checkTree } from '../../common/team-configuration/tree-rules.mjs';

/** @typedef {import('../../common/team-configuration/tree-rules.mjs').TreeEntry} TreeEntry */
/** @typedef {import('../../common/team-configuration/tree-rules.mjs').Refusal} Refusal */

/** A pointer of Git LFS is at most this big. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const pointerSize = 1024;
const pointerStart = 'version https://git-lfs.github.com/spec/';

/**
 * @param {import('./repository.mjs').Repository} repository
 * @param {string} sha
 * @returns {Promise<{refusals: readonly Refusal[], files: readonly TreeEntry[]}>} `files`: what members get
 */
export async function examineRevision(repository, sha) {
  const entries = await repository.readTree(sha);
  const named = checkTree(entries);
  if (named.length > 0) return { refusals: named, files: [] };
  const sizes = await repository.readSizes([...new Set(entries.map(({ oid }) => oid))]);
  const sized = checkSizes(entries, sizes);
  if (sized.length > 0) return { refusals: sized, files: [] };
  const files = entries.filter(({ path }) => toMemberPath(path) !== null);
  if (files.length === 0) {
    return {
      refusals: [{ reason: 'nothing-for-members', path: '', message: `no file of ${memberFolder}/ is for members` }],
      files,
    };
  }
  return { refusals: await checkContents(repository, files, sizes), files };
}

/**
 * @param {import('./repository.mjs').Repository} repository
 * @param {readonly TreeEntry[]} files
 * @param {ReadonlyMap<string, number | null>} sizes
 */
async function checkContents(repository, files, sizes) {
  /** @type {Refusal[]} */
  const refusals = [];
  const isSettings = (/** @type {TreeEntry} */ { path }) => toMemberPath(path) === 'settings.json';
  const read = files.filter((file) => isSettings(file) || (sizes.get(file.oid) ?? 0) <= pointerSize);
  let next = 0;
  await repository.readBlobs(
    read.map(({ oid }) => oid),
    (_oid, content) => {
      const file = read[next];
      next += 1;
      if (file === undefined) return;
      const reason = isSettings(file) && !isJsonObject(content.toString('utf8')) ? 'settings-not-json' : undefined;
      if (reason) refusals.push({ reason, path: file.path, message: `${file.path}: not a JSON object` });
      else if (content.toString('latin1').startsWith(pointerStart)) {
        refusals.push({
          reason: 'lfs-pointer',
          path: file.path,
          message: `${file.path}: kept by Git LFS; commit the file itself`,
        });
      }
    },
  );
  return refusals;
}

/** @param {string} text */
function isJsonObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
