// Keys from files: what a Swarm's secrets are. A file's value counts where the variable itself has none.
import { readFileSync } from 'node:fs';

/**
 * @param {Record<string, string | undefined>} env
 * @param {readonly import('./servers.mjs').ServerDefinition[]} definitions
 * @returns {Record<string, string | undefined>} the same, with CONTEXT7_API_KEY from the file that CONTEXT7_API_KEY_FILE names
 * @throws {Error} that names the file, when it cannot be read
 */
export function withKeyFiles(env, definitions) {
  const keys = definitions.flatMap(({ key }) => (key === null ? [] : [key.variable]));
  const found = keys.flatMap((name) => {
    const path = env[`${name}_FILE`];
    if (path === undefined || path === '' || (env[name] ?? '') !== '') return [];
    return [[name, readFileSync(path, 'utf8').trim()]];
  });
  return { ...env, ...Object.fromEntries(found) };
}
