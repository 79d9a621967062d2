import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { importImage, ownBase } from '../setup/base-image.mjs';
import { writeAtomically } from '../setup/engine-start.mjs';
import { isSameProcess, processStartTime } from '../setup/process-info.mjs';
import { provideRootfs } from '../setup/rootfs.mjs';
import { killDaemon, startDaemon, stopDaemon } from './daemon.mjs';
import { createNetwork, netnsPath, removeNetwork } from './network.mjs';

/*
 * An engine for tests only: own socket, data root, network, processes and mounts, under names nobody else has.
 * Its state file says everything that is needed to stop it, start it and take it away again.
 */

/**
 * @typedef {object} EngineState
 * @property {string} dir everything on disk
 * @property {number} index of the network
 * @property {string} netns
 * @property {string} socket
 * @property {string} cgroup
 * @property {import('./daemon.mjs').Recorded | undefined} daemon absent while it is stopped
 * @property {import('./daemon.mjs').Recorded | undefined} owner when this process has ended, the engine is nobody's
 */

/** /tmp may be in memory, and images are large. */
const parent = '/var/tmp';
const stateName = 'engine.json';

/** @param {string} file @returns {EngineState} */
export const readState = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** @param {EngineState} state */
const writeState = (state) => writeAtomically(join(state.dir, stateName), JSON.stringify(state, null, 2));

/**
 * Starts an engine with the base image in it.
 * @param {{ cache: string, owned: boolean }} options `owned`: take it away when this process is gone
 * @returns {Promise<{ state: EngineState, file: string }>}
 */
export async function upEngine({ cache, owned }) {
  await sweep();
  const tar = await provideRootfs(cache);
  const dir = mkdtempSync(join(parent, 'cet-'));
  // The tests' home is in it (test/home.mjs); the engine's socket is root's and its group's.
  chmodSync(dir, 0o711);
  const { index, netns } = await createNetwork();
  /** @type {EngineState} */
  const state = {
    dir,
    index,
    netns,
    socket: join(dir, 'docker.sock'),
    cgroup: `/claude-env-test-${basename(dir)}`,
    daemon: undefined,
    owner: owned ? { pid: process.pid, startTime: processStartTime(process.pid) } : undefined,
  };
  writeState(state);
  try {
    await startEngine(join(dir, stateName));
    await importImage(`unix://${state.socket}`, tar, ownBase);
  } catch (error) {
    await downEngine(join(dir, stateName));
    throw error;
  }
  return { state: readState(join(dir, stateName)), file: join(dir, stateName) };
}

/** @param {string} file the state file */
export async function startEngine(file) {
  const state = readState(file);
  if (state.daemon !== undefined && isSameProcess(state.daemon)) return;
  const daemon = await startDaemon(state);
  writeState({ ...state, daemon });
}

/** @param {string} file @param {'stop' | 'kill'} how */
export async function stopEngine(file, how) {
  const state = readState(file);
  if (state.daemon === undefined) return;
  await (how === 'stop' ? stopDaemon(state.daemon) : killDaemon(state.daemon));
  writeState({ ...state, daemon: undefined });
}

/** Takes everything away, also what tests left running in the network. @param {string} file */
export async function downEngine(file) {
  const state = readState(file);
  for (const pid of processesIn(state.netns)) endProcess(pid);
  if (state.daemon !== undefined) await killDaemon(state.daemon);
  await removeNetwork(state.index);
  await removeCgroups(state.cgroup);
  rmSync(state.dir, { recursive: true, force: true, maxRetries: 5 });
}

/** Engines whose owner was killed before he could clean up. */
async function sweep() {
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith('cet-'))) {
    const file = join(parent, name, stateName);
    if (!existsSync(file)) continue;
    const { owner } = readState(file);
    if (owner !== undefined && !isSameProcess(owner)) await downEngine(file);
  }
}

/** @param {string} netns @returns {number[]} every process whose network it is; a container has one of its own */
export function processesIn(netns) {
  const path = netnsPath(netns);
  if (!existsSync(path)) return [];
  const wanted = `net:[${statSync(path).ino}]`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/ns/net`) === wanted;
      } catch {
        // It has ended meanwhile.
        return false;
      }
    })
    .map(Number);
}

/** @param {number} pid */
export function endProcess(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Killed containers leave their empty groups behind, in one tree (v2) or in one for each controller (v1). @param {string} cgroup */
export async function removeCgroups(cgroup) {
  const top = '/sys/fs/cgroup';
  const folders = ['', ...readdirSync(top)].map((tree) => join(top, tree, cgroup));
  // A killed process stays in its group until the kernel is done with it.
  for (let tries = 0; tries < 40 && folders.some((folder) => existsSync(folder)); tries += 1) {
    for (const folder of folders) if (existsSync(folder)) removeTree(folder);
    await delay(50);
  }
}

/** cgroupfs has only rmdir, from the leaves up. @param {string} folder */
function removeTree(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  }
  try {
    rmdirSync(folder);
  } catch (error) {
    if (error.code !== 'EBUSY' && error.code !== 'ENOENT') throw error;
  }
}
