// What the app brings into the container of a member: who the team's services are and the personal token. It is in memory
// alone (a tmpfs of the container's), which ends with the container, and after each start it is brought again.
import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const memory = '/run/claude-env-team';

/**
 * @typedef {{team: string, addresses: string[], ca: string, token: string}} Delivery `addresses`: `host:port`; `ca`: PEM
 */

/** What the app can tell apart. */
export class TeamFailure extends Error {
  /** @param {'no-team' | 'no-memory' | 'unreachable' | 'refused' | 'archive' | 'changed' | 'input'} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * @param {string} text JSON
 * @returns {Delivery}
 * @throws {TeamFailure} naming no value
 */
export function parseDelivery(text) {
  const bad = (/** @type {string} */ what) =>
    new TeamFailure('input', `what was brought is not as it should be: ${what}`);
  /** @type {Record<string, unknown>} */
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad('no JSON');
  }
  const { team, addresses, ca, token } = value ?? {};
  if (typeof team !== 'string' || team === '') {
    throw bad('team');
  }
  if (typeof token !== 'string' || !/^cet_[A-Za-z0-9_-]{20,100}$/.test(token)) {
    throw bad('token');
  }
  if (!Array.isArray(addresses) || addresses.length === 0 || !addresses.every(isAddress)) {
    throw bad('addresses');
  }
  if (typeof ca !== 'string' || !isCa(ca)) {
    throw bad('ca');
  }
  return { team, addresses, ca, token };
}

/** @param {unknown} address */
function isAddress(address) {
  return (
    typeof address === 'string' &&
    /^([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/.test(address) &&
    URL.canParse(`https://${address}`)
  );
}

/** One certificate, of an authority. @param {string} pem */
function isCa(pem) {
  try {
    return new X509Certificate(pem).ca && pem.split('-----BEGIN').length === 2;
  } catch {
    return false;
  }
}

/** Whether a path is a mount in memory. @param {string} path @param {string} [mounts] */
export function isInMemory(path, mounts = readFileSync('/proc/self/mountinfo', 'utf8')) {
  return mounts.split('\n').some((line) => {
    const [place = '', type = ''] = line.split(' - ');
    return place.split(' ')[4] === path && type.startsWith('tmpfs ');
  });
}

/**
 * @param {Delivery} delivery
 * @param {object} [place]
 * @param {string} [place.folder]
 * @param {string} [place.systemCa] certificates that Claude trusts beside the team's
 */
export function keepDelivery({ team, addresses, ca, token }, { folder = memory, systemCa = '' } = {}) {
  const put = (/** @type {string} */ name, /** @type {string} */ text, mode = 0o400) => {
    const next = join(folder, `.${name}`);
    rmSync(next, { force: true });
    writeFileSync(next, text, { mode });
    renameSync(next, join(folder, name));
  };
  put('hosts', addresses.map((address) => new URL(`https://${address}`).hostname).join(','), 0o444);
  put('ca.pem', ca, 0o444);
  put('bundle.pem', `${systemCa.trimEnd()}\n${ca}`, 0o444);
  put('token', token);
  // The last: with it the rest is there.
  put('team.json', JSON.stringify({ team, addresses }), 0o444);
}

/** @param {string} [folder] @returns {Delivery} @throws {TeamFailure} */
export function readDelivery(folder = memory) {
  const read = (/** @type {string} */ name) => readFileSync(join(folder, name), 'utf8');
  if (!existsSync(join(folder, 'team.json'))) {
    throw new TeamFailure(
      'no-team',
      'this container knows no team: claude-env on your machine brings it, once you have joined one',
    );
  }
  return { ...JSON.parse(read('team.json')), ca: read('ca.pem'), token: read('token') };
}

/** @param {string} [folder] */
export function forgetDelivery(folder = memory) {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    rmSync(join(folder, name));
  }
}

/**
 * The headers that Claude Code sends to a team's server. The token goes nowhere else, whatever an entry says.
 * @param {Delivery} delivery
 * @param {string | undefined} url the server's, as Claude Code says it
 * @returns {Record<string, string>}
 * @throws {TeamFailure}
 */
export function headersFor({ addresses, token }, url) {
  const ours = addresses.map((address) => new URL(`https://${address}`).origin);
  if (url === undefined || !URL.canParse(url) || !ours.includes(new URL(url).origin)) {
    throw new TeamFailure('input', 'the token is for the team’s own addresses alone');
  }
  return { Authorization: `Bearer ${token}` };
}
