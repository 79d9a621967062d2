// The allowed signers, as they are now. ssh-keygen compares `valid-before` with the date that the commit says of itself
// (https://git-scm.com/docs/gitformat-signature), which whoever has the key may choose: a key that has ended is taken off the list.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecretIfAny } from '../../common/service/secret-file.mjs';

/** What stands before the key: principals and options. */
const optionsOf = (/** @type {string} */ line) => line.split(/\s(?=(?:ssh|ecdsa|sk)-)/, 1)[0] ?? '';

/**
 * @param {string} text a file of allowed signers; see `man ssh-keygen`
 * @param {Date} now
 * @returns {string} without the lines whose key has ended, or has not begun. Times without `Z` are the container's, which are UTC
 */
export function signersAt(text, now) {
  const today = now.toISOString().replace(/\D/g, '').slice(0, 14);
  /** @param {string} line */
  const holds = (line) =>
    [...optionsOf(line).matchAll(/\bvalid-(before|after)="?(\d{8,14})/gi)].every(([, when = '', at = '']) =>
      when.toLowerCase() === 'before' ? today < at.padEnd(14, '0') : today >= at.padEnd(14, '0'),
    );
  return text
    .split('\n')
    .filter((line) => holds(line))
    .join('\n');
}

/**
 * @param {import('../../common/service/secret-file.mjs').Environment} env
 * @param {() => Date} [now]
 * @returns {{file: string, read: () => string}} `file`: for git, as it was when it was read last; it is in /tmp, which is memory
 */
export function provideSigners(env, now = () => new Date()) {
  const file = join(mkdtempSync(join(env.TMPDIR ?? tmpdir(), 'signers-')), 'allowed-signers');
  let written = '';
  writeFileSync(file, written);
  return {
    file,
    read: () => {
      const text = signersAt(readSecretIfAny('allowed-signers', env) ?? '', now());
      if (text !== written) writeFileSync(file, `${text}\n`);
      written = text;
      return text;
    },
  };
}
