import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineRequest, hasImage, httpTarget } from './engine-http.mjs';
import { inRoot } from './paths.mjs';
import { provideRootfs } from './rootfs.mjs';
import { SetupError, say, withProgress } from './terminal.mjs';

/** A name of our own: an official one must never mean something else on somebody's machine. */
export const ownBase = 'claude-env/base:latest';

/**
 * @param {number} [timeout] milliseconds
 * @returns {Promise<boolean>} whether this machine reaches Docker Hub; 401 is its greeting to strangers
 */
export function reachesHub(timeout = 5000) {
  answer ??= askHub(timeout);
  return answer;
}

/** @type {Promise<boolean> | undefined} One question a run is enough. */
let answer;

/** @param {number} timeout */
async function askHub(timeout) {
  try {
    const { status } = await fetch('https://registry-1.docker.io/v2/', { signal: AbortSignal.timeout(timeout) });
    return status === 200 || status === 401;
  } catch {
    return false;
  }
}

/** The images that our Dockerfiles start from unless told otherwise (`ARG BASE=…`). */
export function defaultBases(folder = inRoot('resources', 'images')) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).map((name) => join(folder, name, 'Dockerfile'));
  const bases = files
    .filter((file) => existsSync(file))
    .map((file) => /^ARG BASE=["']?([^\s"']+)/m.exec(readFileSync(file, 'utf8'))?.[1]);
  return [...new Set(bases.filter((base) => base !== undefined))];
}

/**
 * Decides which base image builds use.
 * @param {object} facts
 * @param {string | undefined} facts.setting build.baseImage
 * @param {() => Promise<boolean>} facts.hasOwnBase
 * @param {() => Promise<boolean>} facts.hasDefaults every image our Dockerfiles name is on the engine already
 * @param {() => Promise<boolean>} facts.canPull the machine or the engine itself reaches Docker Hub
 * @returns {Promise<'default' | 'own' | 'make-own' | 'theirs'>} `theirs`: the user's own choice, which is not ours to check
 */
export async function decideBase({ setting, hasOwnBase, hasDefaults, canPull }) {
  if (setting !== undefined && setting !== ownBase) return 'theirs';
  if (setting === ownBase) return (await hasOwnBase()) ? 'own' : 'make-own';
  if ((await hasDefaults()) || (await canPull())) return 'default';
  return (await hasOwnBase()) ? 'own' : 'make-own';
}

/**
 * Sees to it that builds have an image to start from.
 * @param {string} address the engine's
 * @param {{ setting: string | undefined, cache: string, platform: import('./platform.mjs').Platform }} options
 * @returns {Promise<string | undefined>} the base image that builds must be told to use
 */
export async function provideBase(address, { setting, cache, platform }) {
  if (httpTarget(address) === undefined) return undefined;
  const bases = defaultBases();
  const decision = await decideBase({
    setting,
    hasOwnBase: () => hasImage(address, ownBase),
    hasDefaults: async () => (await Promise.all(bases.map((base) => hasImage(address, base)))).every(Boolean),
    canPull: async () => (await reachesHub()) || engineReachesHub(address, bases),
  });
  if (decision === 'default' || decision === 'theirs') return undefined;
  if (decision === 'make-own') {
    if (!platform.root || platform.os !== 'linux') {
      say(
        `Docker Hub cannot be reached, and making a base image takes root on Linux. Builds will need ${bases.join(', ')}:`,
      );
      say('load it with `docker load`, or name an image you have in the settings (build.baseImage).');
      return undefined;
    }
    say(`Docker Hub cannot be reached: making ${ownBase} from Debian's packages instead`);
    await importImage(address, await provideRootfs(cache), ownBase);
  }
  return ownBase;
}

/**
 * The engine may have a proxy or a mirror that this process knows nothing of.
 * @param {string} address
 * @param {readonly string[]} bases
 */
async function engineReachesHub(address, bases) {
  const [base] = bases;
  if (base === undefined) return false;
  return engineRequest(address, `/distribution/${base}/json`, { timeout: 10_000 }).then(
    ({ status }) => status === 200,
    () => false,
  );
}

/**
 * Sees to it that an image is on the engine.
 * @param {string} address
 * @param {string} reference name:tag
 */
export async function provideImage(address, reference) {
  if (await hasImage(address, reference)) return;
  const [fromImage = '', tag = 'latest'] = reference.split(':');
  const query = new URLSearchParams({ fromImage, tag });
  const { status, text } = await withProgress(`Pulling ${reference}`, () =>
    engineRequest(address, `/images/create?${query}`, { method: 'POST', timeout: 120_000 }),
  );
  if (status === 200 && !text.includes('"error"')) return;
  throw new SetupError(`The engine could not pull ${reference}:\n${text.trim()}`, { hint: `docker pull ${reference}` });
}

/**
 * What `docker import` does.
 * @param {string} address
 * @param {string} tar path of the file system's tar
 * @param {string} reference name:tag
 */
export async function importImage(address, tar, reference) {
  const [repo = '', tag = 'latest'] = reference.split(':');
  const query = new URLSearchParams({
    fromSrc: '-',
    repo,
    tag,
    message: 'Debian bookworm, made by debootstrap',
    changes: 'CMD ["bash"]',
  });
  await withProgress(`Loading ${reference} into the engine`, async () => {
    const { status, text } = await engineRequest(address, `/images/create?${query}`, {
      method: 'POST',
      timeout: 120_000,
      headers: { 'content-type': 'application/x-tar' },
      body: createReadStream(tar),
    });
    // The engine answers 200 before it reads the tar; what goes wrong later is a line in the stream.
    const failed = text.split('\n').find((line) => line.includes('"error"'));
    if (status !== 200 || failed) throw new SetupError(`The engine refused the base image: ${failed ?? text}`);
  });
}
