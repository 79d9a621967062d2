import { readFileSync } from 'node:fs';

/*
 * Secrets are files, and nothing else: an environment is readable in `docker inspect` and in /proc.
 */

/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

/**
 * @param {string} name as in the stack: `service-key`
 * @param {Environment} env
 * @returns {string} where the secret's file is: what SERVICE_KEY_FILE says, otherwise where Swarm puts it
 */
export const secretPath = (name, env) =>
  env[`${name.toUpperCase().replaceAll('-', '_')}_FILE`] ?? `/run/secrets/${name}`;

/**
 * @param {string} name
 * @param {Environment} [env]
 * @returns {string} the secret without the line end that editors put behind it
 * @throws {Error} that names the file, when it is not there or empty
 */
export function readSecret(name, env = process.env) {
  const value = readSecretIfAny(name, env);
  if (value !== undefined) return value;
  throw new Error(`The secret ${name} is missing or empty: ${secretPath(name, env)}`);
}

/**
 * @param {string} name
 * @param {Environment} [env]
 * @returns {string | undefined} undefined where there is no such file, or an empty one
 */
export function readSecretIfAny(name, env = process.env) {
  try {
    const value = readFileSync(secretPath(name, env), 'utf8').replace(/\r?\n$/, '');
    return value === '' ? undefined : value;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
