// What git prints about commits, read. Pure.

/** @typedef {'good' | 'bad' | 'none' | 'unknown-signer'} SignatureState */
/** @typedef {{state: SignatureState, signer: string | null}} Signature */
/** @typedef {{sha: string, tree: string, subject: string, author: string, date: string, signed: boolean}} Commit `date`: ISO, of the committer */

export const shaPattern = /^[0-9a-f]{40}$/;

/**
 * Text of whoever may push, to be shown: one line, nothing invisible, not long.
 * @param {string} text
 * @param {number} [longest]
 */
export const toLine = (text, longest = 200) => {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
};

/**
 * Reads what `git cat-file --batch` gives for a commit.
 * @param {string} sha
 * @param {string} text headers, an empty line, the message
 * @returns {Commit}
 */
export function parseCommit(sha, text) {
  const end = text.indexOf('\n\n');
  // A line that starts with a space belongs to the header before it: signatures are written like that.
  const headers = (end === -1 ? text : text.slice(0, end)).split('\n').filter((line) => !line.startsWith(' '));
  /** @param {string} name */
  const header = (name) => headers.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? '';
  const [, committed] = / (\d{1,12}) [+-]\d{4}$/.exec(header('committer')) ?? [];
  const author = /^(.*?) ?<[^>]*> -?\d+ [+-]\d{4}$/.exec(header('author'))?.[1] ?? '';
  const message = end === -1 ? '' : text.slice(end + 2).trimStart();
  return {
    sha,
    tree: header('tree'),
    subject: toLine(message.split('\n', 1)[0] ?? ''),
    author: toLine(author, 80),
    date: toDate(Number(committed ?? 0)),
    signed: headers.some((line) => /^gpgsig(-sha256)? /.test(line)),
  };
}

/** @param {number} seconds since 1970; what no calendar has becomes 1970 */
const toDate = (seconds) => new Date(seconds <= 8_640_000_000_000 ? seconds * 1000 : 0).toISOString();

/**
 * Reads `git log -1 --format=%G?%n%GS`. Git says G for a signature by a key of the allowed signers alone; U is a right
 * signature by any other key, E one that it cannot check (OpenPGP, for which the image has no program).
 * https://git-scm.com/docs/pretty-formats
 * @param {string} text
 * @returns {Signature}
 */
export function parseSignature(text) {
  const [letter, signer = ''] = text.split('\n');
  if (letter === 'G' && signer !== '') return { state: 'good', signer: toLine(signer, 120) };
  if (letter === 'N') return { state: 'none', signer: null };
  if (letter === 'U' || letter === 'E' || letter === 'G') return { state: 'unknown-signer', signer: null };
  return { state: 'bad', signer: null };
}

/**
 * Reads `git ls-tree -r -z`.
 * @param {string} record without the NUL
 * @returns {import('../../common/team-configuration/tree-rules.mjs').TreeEntry | null}
 */
export function parseTreeRecord(record) {
  const match = /^(\d{6}) [a-z]+ ([0-9a-f]{40})\t(.*)$/s.exec(record);
  return match?.[1] && match[2] ? { mode: match[1], oid: match[2], path: match[3] ?? '' } : null;
}

/**
 * Reads `git cat-file --batch-check='%(objectname) %(objectsize)'`.
 * @param {string} text
 * @returns {Map<string, number | null>} null: the object is not here
 */
export function parseSizes(text) {
  /** @type {Map<string, number | null>} */
  const sizes = new Map();
  for (const line of text.split('\n')) {
    const [oid = '', size = ''] = line.split(' ');
    if (shaPattern.test(oid)) sizes.set(oid, /^\d+$/.test(size) ? Number(size) : null);
  }
  return sizes;
}
