import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './paths.mjs';
import { debsOf } from './peer-packages.mjs';
import { debianMirror } from './rootfs.mjs';
import { capture } from './run.mjs';
import { say } from './terminal.mjs';

/*
 * The programs that tests and the bench compare with: docker compose, docker's own command and buildx, in the versions
 * that design and tests speak of, docker-compose 1, and Prometheus, which reads our metrics. They are Debian's packages, checked against pinned hashes and
 * unpacked into the cache folder; nothing is installed into the system.
 */

/** apt's own download program: it knows this machine's proxies and certificates, and checks the hash. */
const aptHelper = '/usr/lib/apt/apt-helper';

/** A mirror that does not answer must not hold the tests up. */
const limits = ['http::Timeout=10', 'https::Timeout=10', 'Retries=0'].flatMap((limit) => ['-o', `Acquire::${limit}`]);

/** Where a package is after Debian's pool moved on: the archive as it was when the hashes were written down. */
const snapshot = 'https://snapshot.debian.org/archive/debian/20261115T000000Z';

/**
 * @typedef {'compose' | 'docker' | 'buildx' | 'compose1' | 'prometheus'} PeerName
 * @typedef {object} Peer
 * @property {string} what for people
 * @property {string} tests which ones are skipped without it
 * @property {string} variable environment variable that names its program to tests; one that is set already wins
 * @property {string} program below the unpacked packages
 * @property {readonly string[]} check arguments with which it says its version
 * @property {string} version a part of that answer
 */

/** @type {Record<PeerName, Peer>} */
const peers = {
  compose: {
    what: 'docker compose 2.40.3',
    tests: 'interop',
    variable: 'CLAUDE_ENV_PEER_COMPOSE',
    program: 'usr/libexec/docker/cli-plugins/docker-compose',
    check: ['version', '--short'],
    version: '2.40.3',
  },
  docker: {
    what: 'docker CLI 28.5.2',
    tests: 'interop',
    variable: 'CLAUDE_ENV_PEER_DOCKER',
    program: 'usr/bin/docker',
    check: ['--version'],
    version: '28.5.2',
  },
  buildx: {
    what: 'docker buildx 0.29.1',
    tests: 'interop',
    variable: 'CLAUDE_ENV_PEER_BUILDX',
    program: 'usr/libexec/docker/cli-plugins/docker-buildx',
    check: ['version'],
    version: '0.29.1',
  },
  compose1: {
    what: 'docker-compose 1.29.2',
    tests: 'interop',
    variable: 'CLAUDE_ENV_PEER_COMPOSE1',
    program: 'docker-compose-1',
    check: ['version', '--short'],
    version: '1.29.2',
  },
  // promtool is beside it.
  prometheus: {
    what: 'Prometheus 2.42.0',
    tests: 'monitoring',
    variable: 'CLAUDE_ENV_PEER_PROMETHEUS',
    program: 'usr/bin/prometheus',
    check: ['--version'],
    version: '2.42.0',
  },
};

/**
 * Runs the unpacked Python program on the system's own Python. -S: no site packages, so that only what was unpacked counts.
 * @param {string} root
 */
const startScript = (root) => `#!/bin/sh
# Where Python has no distutils of its own, the unpacked one is found last.
PYTHONPATH='${root}/usr/lib/python3/dist-packages:${root}/usr/lib/python3.11' \\
  exec /usr/bin/python3 -S -W ignore -c 'from compose.cli.main import main; main()' "$@"
`;

/**
 * Gets the peers that can be had. One that cannot is said in one line and left out: what needs it is then skipped.
 * @param {{ cache?: string, env?: NodeJS.ProcessEnv, wanted?: readonly PeerName[], download?: typeof downloadDeb }} [options]
 * @returns {Promise<{ env: Record<string, string>, missing: string[] }>} `env`: for test processes; `missing`: a line each
 */
export async function providePeers({
  cache = cacheDir(),
  env = process.env,
  wanted = ['compose', 'docker', 'buildx', 'compose1', 'prometheus'],
  download = downloadDeb,
} = {}) {
  /** @type {Record<string, string>} */
  const found = {};
  const missing = [];
  for (const name of wanted) {
    const { what, tests, variable } = peers[name];
    const given = env[variable];
    try {
      found[variable] = given || (await providePeer(name, cache, download));
    } catch (error) {
      const line = `${tests} tests skipped: ${what} could not be had: ${error.message}`;
      say(line);
      missing.push(line);
    }
  }
  return { env: found, missing };
}

/**
 * @param {PeerName} name
 * @param {string} cache
 * @param {typeof downloadDeb} download
 * @returns {Promise<string>} path of its program, which ran and said the expected version
 */
async function providePeer(name, cache, download) {
  const { what, program } = peers[name];
  const debs = debsOf(name, process.platform, process.arch);
  if (debs === undefined) throw new Error(`Debian has no package of it for ${process.platform} ${process.arch}`);
  // Another list of packages is another folder.
  const digest = createHash('sha256').update(debs.map(({ sha256 }) => sha256).join());
  const folder = join(cache, 'peers', `${name}-${digest.digest('hex').slice(0, 12)}`);
  const path = join(folder, program);
  if (existsSync(path)) return path;
  mkdirSync(join(cache, 'peers'), { recursive: true });
  const work = mkdtempSync(join(cache, 'peers', 'new-'));
  try {
    say(`getting ${what} for the tests (not installed: unpacked in ${folder})`);
    const root = join(work, 'root');
    for (const [index, deb] of debs.entries()) {
      const file = join(work, `${index}.deb`);
      await download(deb, file);
      const { code, output } = await capture('dpkg-deb', ['-x', file, root]);
      if (code !== 0) throw new Error(`dpkg-deb: ${lastLine(output)}`);
    }
    if (name === 'compose1') writeStart(root, folder);
    replaceFolder(root, folder);
    await check(name, path);
    return path;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @param {string} root where it is written @param {string} folder where it will be */
function writeStart(root, folder) {
  const file = join(root, peers.compose1.program);
  writeFileSync(file, startScript(folder));
  chmodSync(file, 0o755);
}

/** Another run may have put the same there meanwhile. @param {string} from @param {string} to */
function replaceFolder(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  }
}

/** @param {PeerName} name @param {string} path */
async function check(name, path) {
  const { check: args, version } = peers[name];
  const { code, output } = await capture(path, args);
  if (code === 0 && output.includes(version)) return;
  throw new Error(`it does not run here: ${lastLine(output)}`);
}

/**
 * From this machine's mirror, and where that has it no more, from Debian's archive of what was.
 * @param {import('./peer-packages.mjs').Deb} deb
 * @param {string} file
 */
async function downloadDeb({ path, sha256 }, file) {
  if (!existsSync(aptHelper)) throw new Error('this machine has no apt');
  /** @type {string[]} */
  const refused = [];
  for (const place of [debianMirror(), 'http://deb.debian.org/debian', snapshot]) {
    const address = `${place}/${path}`;
    if (refused.some((line) => line.startsWith(`${address}: `))) continue;
    const { code, output } = await capture(aptHelper, [...limits, 'download-file', address, file, `SHA256:${sha256}`]);
    if (code === 0) return;
    refused.push(`${address}: ${errorLine(output)}`);
  }
  throw new Error(refused.join('; '));
}

/** @param {string} output */
const errorLine = (output) => /^E: (.*)$/m.exec(output)?.[1] ?? lastLine(output);

/** @param {string} output */
const lastLine = (output) => output.trim().split('\n').at(-1) ?? '';
