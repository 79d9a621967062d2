import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { engineRequest, httpTarget } from './engine-http.mjs';

/*
 * A light look for an engine, before anything is installed or built. It follows the product's order (DOCKER_HOST, the
 * current docker context, known sockets) but decides one thing only: whether an engine has to be installed or started.
 */

/** @typedef {{ address: string, source: string, explicit: boolean }} Candidate */
/** @typedef {{ kind: 'answers' } | { kind: 'unasked' } | { kind: 'denied' } | { kind: 'silent', why: string }} Answer */

/**
 * @param {{ env?: NodeJS.ProcessEnv, platform?: string, home?: string, uid?: number }} [machine]
 * @returns {Candidate[]} `explicit`: the user chose it, so nothing else may be used in its place
 */
export function engineCandidates({
  env = process.env,
  platform = process.platform,
  home = homedir(),
  uid = process.getuid?.() ?? 0,
} = {}) {
  if (env.DOCKER_HOST) return [{ address: env.DOCKER_HOST, source: 'DOCKER_HOST', explicit: true }];
  const context = currentContext(env, home);
  if (context !== undefined) return [context];
  return knownSockets(platform, home, uid, env).map(([address, source]) => ({ address, source, explicit: false }));
}

/**
 * `docker context use` writes the name into config.json; the endpoint is in contexts/meta/<sha256 of the name>/meta.json.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} home
 * @returns {Candidate | undefined}
 */
function currentContext(env, home) {
  const folder = env.DOCKER_CONFIG || join(home, '.docker');
  const name = env.DOCKER_CONTEXT || readJson(join(folder, 'config.json'))?.currentContext;
  if (!name || name === 'default') return undefined;
  const id = createHash('sha256').update(name).digest('hex');
  const address = readJson(join(folder, 'contexts', 'meta', id, 'meta.json'))?.Endpoints?.docker?.Host;
  return address ? { address, source: `docker context \`${name}\``, explicit: true } : undefined;
}

/** @param {string} path @returns {any} undefined when it is not there or not JSON */
function readJson(path) {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} platform
 * @param {string} home
 * @param {number} uid
 * @param {NodeJS.ProcessEnv} env
 * @returns {[address: string, source: string][]}
 */
function knownSockets(platform, home, uid, env) {
  if (platform === 'win32') {
    return [
      ['npipe:////./pipe/docker_engine', 'the usual pipe'],
      ['npipe:////./pipe/dockerDesktopLinuxEngine', 'Docker Desktop'],
      ['npipe:////./pipe/podman-machine-default', 'Podman'],
    ];
  }
  const runtime = env.XDG_RUNTIME_DIR || `/run/user/${uid}`;
  const inHome = (path, source) => /** @type {[string, string]} */ ([`unix://${join(home, path)}`, source]);
  const all = [
    /** @type {[string, string]} */ (['unix:///var/run/docker.sock', 'the usual socket']),
    inHome('.docker/run/docker.sock', 'Docker Desktop'),
    inHome('.docker/desktop/docker.sock', 'Docker Desktop'),
    /** @type {[string, string]} */ ([`unix://${runtime}/docker.sock`, 'rootless Docker']),
    inHome('.colima/default/docker.sock', 'Colima'),
    inHome('.rd/docker.sock', 'Rancher Desktop'),
    inHome('.orbstack/run/docker.sock', 'OrbStack'),
    /** @type {[string, string]} */ ([`unix://${runtime}/podman/podman.sock`, 'Podman']),
  ];
  return all;
}

/**
 * @param {string} address
 * @returns {Promise<Answer>} `unasked`: over ssh or TLS, which the product does better
 */
export async function askEngine(address) {
  const target = httpTarget(address);
  if (target === undefined || process.env.DOCKER_TLS_VERIFY) return { kind: 'unasked' };
  if ('socketPath' in target && process.platform !== 'win32' && !existsSync(target.socketPath)) {
    return { kind: 'silent', why: 'no such socket' };
  }
  try {
    const { status } = await engineRequest(address, '/_ping', { timeout: 3000 });
    return status === 200 ? { kind: 'answers' } : { kind: 'silent', why: `it answered ${status}` };
  } catch (error) {
    if (error.code === 'EACCES' || error.code === 'EPERM') return { kind: 'denied' };
    return { kind: 'silent', why: error.code ?? error.message };
  }
}

/**
 * @param {readonly Candidate[]} candidates
 * @param {typeof askEngine} ask
 * @returns {Promise<{ found?: Candidate, denied?: Candidate, chosen?: Candidate, tried: string[] }>} `denied`: it is there, but
 *   not for this user; `chosen`: the user's own choice, which does not answer
 */
export async function findEngine(candidates = engineCandidates(), ask = askEngine) {
  const tried = [];
  let denied;
  for (const candidate of candidates) {
    const answer = await ask(candidate.address);
    if (answer.kind === 'answers' || answer.kind === 'unasked') return { found: candidate, tried };
    if (answer.kind === 'denied') denied ??= candidate;
    const why = answer.kind === 'denied' ? 'permission denied' : answer.why;
    tried.push(`${candidate.address} (${candidate.source}): ${why}`);
  }
  return { denied, chosen: candidates.find((candidate) => candidate.explicit), tried };
}
