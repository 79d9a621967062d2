// The service's settings from its environment. Pure. What is wrong with GIT_REPO does not end the service: it goes on
// serving what it has, and says so.

import { knownProtocols, parseRemote, usualProtocols } from './remote-url.mjs';

/**
 * @typedef {object} Settings
 * @property {import('./remote-url.mjs').Remote | null} remote
 * @property {import('./remote-url.mjs').Problem | null} problem with the remote
 * @property {string} branch
 * @property {number} intervalMs between the end of one sync and the start of the next
 * @property {number} fetchLimit bytes that one fetch may bring
 * @property {readonly string[]} protocols
 * @property {string} dataFolder
 * @property {number} port
 */

/**
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {Settings}
 * @throws {Error} a setting that is no number, no branch, no protocol
 */
export function parseSettings(env) {
  const protocols =
    env.GIT_PROTOCOLS === undefined ? usualProtocols : env.GIT_PROTOCOLS.split(/[\s,]+/).filter((name) => name !== '');
  for (const name of protocols) {
    if (!knownProtocols.includes(name))
      throw new Error(`GIT_PROTOCOLS: ${name} is none of ${knownProtocols.join(', ')}`);
  }
  const parsed = parseRemote(env.GIT_REPO, protocols);
  const branch = env.GIT_BRANCH?.trim() || 'main';
  if (!isBranch(branch)) throw new Error('GIT_BRANCH: this is no name of a branch');
  return {
    remote: 'remote' in parsed ? parsed.remote : null,
    problem: 'problem' in parsed ? parsed.problem : null,
    branch,
    intervalMs: toNumber(env, 'SYNC_INTERVAL', 300, 5, 86_400) * 1000,
    fetchLimit: toNumber(env, 'FETCH_LIMIT_MB', 64, 1, 1024) * 1024 * 1024,
    protocols,
    dataFolder: env.DATA_DIR ?? '/data',
    port: toNumber(env, 'PORT', 8080, 0, 65_535),
  };
}

/** What `git check-ref-format --branch` accepts, without its rare signs. @param {string} name */
const isBranch = (name) =>
  /^[A-Za-z0-9_][A-Za-z0-9._/+-]{0,199}$/.test(name) && !/\.\.|\/\/|\/\.|\.lock(\/|$)|[./]$/.test(name);

/**
 * @param {Readonly<Record<string, string | undefined>>} env
 * @param {string} name
 * @param {number} usual
 * @param {number} least
 * @param {number} most
 */
function toNumber(env, name, usual, least, most) {
  const text = env[name]?.trim() || String(usual);
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new Error(`${name}: a whole number from ${least} to ${most} is needed`);
  }
  return value;
}
