import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecretIfAny, secretPath } from '../../common/service/secret-file.mjs';

/**
 * A key that went through a form or a variable has lost the line end after its last line, or has those of Windows; ssh
 * takes neither. Such a one is put right in a copy, in /tmp, which is memory.
 * @param {import('../../common/service/secret-file.mjs').Environment} env
 * @returns {string | null} the file that git and ssh are to use; null: there is no key
 */
export function provideDeployKey(env) {
  const path = secretPath('deploy-key', env);
  const text = readSecretIfAny('deploy-key', env);
  if (text === undefined) return null;
  if (!text.startsWith('-----BEGIN ')) return path;
  const copy = join(mkdtempSync(join(env.TMPDIR ?? tmpdir(), 'deploy-key-')), 'key');
  writeFileSync(copy, `${text.replaceAll('\r', '').trimEnd()}\n`, { mode: 0o600 });
  return copy;
}
