// What a revision's tree may hold. Pure: entries in, the reasons to refuse it out. A revision ends as files on machines with
// Linux, macOS and Windows, so that a name has to mean the same file on each of them, and no other.

/** Of a whole revision, in bytes and entries. */
export const treeLimits = { file: 5 * 1024 * 1024, total: 50 * 1024 * 1024, files: 10_000 };

/** So many reasons are told; a tree with more has the same problem many times. */
const toldAtMost = 20;

/** Of one path, in UTF-8 bytes: Windows' 260 with room for the folder that it goes to. */
const longestPath = 200;
const deepest = 16;

/** @typedef {{mode: string, oid: string, path: string}} TreeEntry `path` null bytes excluded; mode as git prints it */
/** @typedef {{reason: string, path: string, message: string}} Refusal */

// https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file: these are devices, with any extension too.
const devices = /^(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9¹²³])(\.|$)/i;

/**
 * A name that is the same on every system, whatever its case or its form of Unicode.
 * Upper case first: it is what makes `ß` and `ss`, `ſ` and `s` one.
 * @param {string} name
 */
const fold = (name) => name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');

/**
 * A path that may be printed: whatever is not plain text becomes an escape.
 * @param {string} path
 */
export const toPrintable = (path) =>
  path
    .slice(0, 300)
    .replace(
      /[\p{C}\p{Default_Ignorable_Code_Point}\u2800\p{Zl}\p{Zp}]/gu,
      (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
    );

/**
 * @param {string} part one name of a path
 * @returns {readonly [reason: string, message: string] | null}
 */
function checkName(part) {
  if (part === '') return ['absolute', 'an empty name, as in an absolute path'];
  if (part === '.' || part === '..') return ['traversal', `the name ${part} leads elsewhere`];
  // U+FFFD is what bytes that are not UTF-8 were read as.
  if (part.includes('�')) return ['encoding', 'a name that is not UTF-8'];
  // \p{C}: control, format (direction marks, zero width: HFS+ ignores those), unassigned and private characters. Others are letters
  // and marks that nobody sees.
  if (/[\p{C}\p{Default_Ignorable_Code_Point}\u2800\p{Zl}\p{Zp}]/u.test(part))
    return ['control-character', 'a control or invisible character in a name'];
  if (/[\\<>:"|?*]/.test(part))
    return ['windows-name', 'a name with one of \\ < > : " | ? *, which Windows cannot have'];
  if (/[. ]$/.test(part)) return ['windows-name', 'a name that ends with a dot or a space, which Windows drops'];
  if (devices.test(fold(part))) return ['windows-name', 'the name of a device of Windows'];
  if (fold(part) === '.git' || /^git~\d+$/.test(fold(part))) return ['git-folder', 'a .git inside the repository'];
  return null;
}

/**
 * @param {TreeEntry} entry
 * @returns {Refusal | null}
 */
export function checkEntry({ mode, path }) {
  /** @param {string} reason @param {string} what */
  const refuse = (reason, what) => ({ reason, path: toPrintable(path), message: `${toPrintable(path)}: ${what}` });
  if (mode === '120000') return refuse('symlink', 'a symbolic link; put a copy of the file there');
  if (mode === '160000') return refuse('submodule', 'a submodule; put its files there');
  if (mode !== '100644' && mode !== '100755') return refuse('mode', `an entry with mode ${mode}; only files are taken`);
  const parts = path.split('/');
  for (const part of parts) {
    const problem = checkName(part);
    if (problem) return refuse(...problem);
  }
  if (parts.length > deepest) return refuse('too-deep', `more than ${deepest} folders deep`);
  if (Buffer.byteLength(path) > longestPath) return refuse('path-too-long', `longer than ${longestPath} bytes`);
  return null;
}

/**
 * Checks names, kinds and number.
 * @param {readonly TreeEntry[]} entries every file of a revision, as `git ls-tree -r` has them
 * @returns {Refusal[]} none: nothing is wrong with it
 */
export function checkTree(entries) {
  if (entries.length > treeLimits.files) {
    return [{ reason: 'too-many-files', path: '', message: `more than ${treeLimits.files} files` }];
  }
  /** @type {Refusal[]} */
  const refusals = [];
  /** What each folded path, a file's or a folder's, was written like. @type {Map<string, {path: string, file: boolean}>} */
  const seen = new Map();
  for (const entry of entries) {
    const refusal = checkEntry(entry) ?? findCollision(seen, entry.path);
    if (refusal) refusals.push(refusal);
    if (refusals.length === toldAtMost) break;
  }
  return refusals;
}

/**
 * @param {Map<string, {path: string, file: boolean}>} seen gets the path and its folders
 * @param {string} path
 * @returns {Refusal | null}
 */
function findCollision(seen, path) {
  const parts = path.split('/');
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const prefix = parts.slice(0, depth).join('/');
    const file = depth === parts.length;
    const known = seen.get(fold(prefix));
    if (known === undefined) seen.set(fold(prefix), { path: prefix, file });
    else if (known.path !== prefix || known.file || file) {
      const message = `${toPrintable(path)}: the same file as ${toPrintable(known.path)} where case does not count`;
      return { reason: 'collision', path: toPrintable(path), message };
    }
  }
  return null;
}

/**
 * Checks sizes.
 * @param {readonly TreeEntry[]} entries
 * @param {ReadonlyMap<string, number | null>} sizes in bytes by object id; null: was not fetched, because it is too big
 * @returns {Refusal[]}
 */
export function checkSizes(entries, sizes) {
  /** @type {Refusal[]} */
  const refusals = [];
  let total = 0;
  for (const { oid, path } of entries) {
    const size = sizes.get(oid) ?? Number.POSITIVE_INFINITY;
    total += size;
    if (size > treeLimits.file && refusals.length < toldAtMost) {
      const message = `${toPrintable(path)}: bigger than ${toMegabytes(treeLimits.file)}`;
      refusals.push({ reason: 'file-too-big', path: toPrintable(path), message });
    }
  }
  if (refusals.length === 0 && total > treeLimits.total) {
    refusals.push({
      reason: 'tree-too-big',
      path: '',
      message: `all files together: more than ${toMegabytes(treeLimits.total)}`,
    });
  }
  return refusals;
}

/** @param {number} bytes */
const toMegabytes = (bytes) => `${bytes / 1024 / 1024} MB`;
