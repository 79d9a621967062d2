// What a failed git command means. Pure: its words and how it ended, in; a named problem, out.

import { withoutCredentials } from './remote-url.mjs';

/** @typedef {{code: string, message: string, hint?: string}} Problem */
/** @typedef {{stderr: string, exit: number | null, signal: string | null, timedOut: boolean, tooMuch: boolean}} Ending */

export const fetchTooBig = {
  code: 'fetch.too-big',
  message: 'The branch brings more than config-sync takes in one go.',
  hint: 'Take big files out of the branch’s history, or raise FETCH_LIMIT_MB.',
};

/** @type {readonly (readonly [RegExp, string, string, string])[]} first match wins */
const known = [
  [
    /no space left on device|disk quota exceeded|ENOSPC/i,
    'disk.full',
    'The disk of config-sync is full.',
    'Make room on the volume of /data.',
  ],
  [/file too large|EFBIG|SIGXFSZ|died of signal 25/i, fetchTooBig.code, fetchTooBig.message, fetchTooBig.hint],
  [
    /host key verification failed|no .* host key is known|remote host identification has changed/i,
    'remote.host-key',
    'The repository’s host is not the one that is known.',
    'Compare its key, and put it into known-hosts.',
  ],
  [
    /unprotected private key file|bad permissions|error in libcrypto|load key .*(invalid|incorrect)/i,
    'remote.key',
    'The deploy key cannot be used.',
    'The secret deploy-key is the whole private key, without a passphrase.',
  ],
  [
    /permission denied|authentication failed|could not read (username|password)|returned error: 40[13]|access denied/i,
    'remote.denied',
    'The repository does not let config-sync in.',
    'Give it a deploy key that may read (secret deploy-key).',
  ],
  [
    /repository .*not found|returned error: 404|does not appear to be a git repository|no such file or directory/i,
    'remote.not-found',
    'There is no such repository, or it is hidden from this key.',
    'Compare GIT_REPO; give the deploy key the right to read.',
  ],
  [
    /certificate|SSL|TLS/,
    'remote.certificate',
    'The repository’s host shows a certificate that is not trusted.',
    'Build the image with the certificate authority in extra-ca/.',
  ],
  [
    /transport '.*' not allowed/i,
    'remote.protocol',
    'The repository sent config-sync to an address of a kind that is not allowed.',
    'Set GIT_REPO to where it is now.',
  ],
  [
    /fsck error|in fsck|badTree|hasDot|fullPathname|missingSpace|bad tree|gitmodules/i,
    'revision.malformed',
    'Git refuses an object of the branch as malformed.',
    'The history must pass git fsck --strict.',
  ],
  [
    /could not resolve host|unable to access|connection (refused|reset|timed out|closed)|could not read from remote|network is unreachable|early eof|hung up|timed out|RPC failed/i,
    'remote.unreachable',
    'The repository cannot be reached.',
    'It is tried again by itself.',
  ],
];

/**
 * @param {string} what git was to do, such as `fetch`
 * @param {Ending} ending
 * @returns {Problem}
 */
export function toProblem(what, ending) {
  const words = withoutCredentials(ending.stderr).replace(/[^\S\n]+/g, ' ');
  if (ending.timedOut)
    return {
      code: 'remote.slow',
      message: `git ${what} took too long and was ended.`,
      hint: 'It is tried again by itself.',
    };
  if (ending.tooMuch)
    return { code: 'history.too-big', message: `git ${what} had more to say than config-sync takes.` };
  const match = known.find(
    ([pattern]) => pattern.test(words) || (ending.signal !== null && pattern.test(ending.signal)),
  );
  if (match) return { code: match[1], message: `${match[2]}${toDetail(words, match[0])}`, hint: match[3] };
  return { code: 'git.failed', message: `git ${what} failed (${ending.signal ?? ending.exit}).${toDetail(words)}` };
}

/**
 * The line of git's that says most: what was recognized, or its last word.
 * @param {string} words
 * @param {RegExp} [recognized]
 */
function toDetail(words, recognized = /^(fatal|error|remote: error|ssh):/i) {
  const lines = words
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const line = lines.find((one) => recognized.test(one)) ?? lines.at(-1);
  return line === undefined ? '' : ` git: ${line.replace(/\p{C}/gu, ' ').slice(0, 200)}`;
}
