import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { importImage, ownBase } from '../setup/base-image.mjs';
import { writeAtomically } from '../setup/engine-start.mjs';
import { isSameProcess, processStartTime } from '../setup/process-info.mjs';
import { provideRootfs } from '../setup/rootfs.mjs';
import { SetupError } from '../setup/terminal.mjs';
import { killDaemon, startDaemon, stopDaemon } from '../test-engine/daemon.mjs';
import { endProcess, processesIn, removeCgroups } from '../test-engine/engine.mjs';
import { createNetwork, removeNetwork } from '../test-engine/network.mjs';
import {
  connectNode,
  createBridge,
  moveNode,
  nodeNamespaces,
  nodeNetns,
  removeNodes,
  setLink,
  subnetOf,
} from './network.mjs';

/*
 * Several engines on one machine, as the machines of a team: each with its own address, disk, processes, hostname and id.
 * Everything is written down before it is made, so that `down` can take away what a crash left.
 */

/**
 * @typedef {object} NodeState
 * @property {string} name `n1`, …; its hostname as well
 * @property {string} address
 * @property {string} socket
 * @property {string} netns
 * @property {string} dir
 * @property {string} cgroup
 * @property {import('../test-engine/daemon.mjs').Recorded | undefined} daemon absent while it is stopped
 */

/**
 * @typedef {object} LabState
 * @property {string} name
 * @property {string} dir
 * @property {number} index of its network: nodes are 10.77.INDEX.N
 * @property {string} netns where the bridge is
 * @property {NodeState[]} nodes
 * @property {import('../test-engine/daemon.mjs').Recorded | undefined} owner when this process has ended, the lab is nobody's
 */

/** /tmp may be in memory, and images are large. */
const parent = '/var/tmp';
const prefix = 'cel-';
const stateName = 'lab.json';

/** @param {LabState} state */
const writeState = (state) => writeAtomically(join(state.dir, stateName), JSON.stringify(state, null, 2));

/** @returns {LabState[]} every lab on this machine */
export function listLabs() {
  return readdirSync(parent)
    .filter((entry) => entry.startsWith(prefix))
    .flatMap((entry) => readState(join(parent, entry, stateName)) ?? []);
}

/** @param {string} file @returns {LabState | undefined} where there is none, or somebody takes its lab away */
function readState(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @param {string} name @returns {LabState} */
export function readLab(name) {
  const lab = listLabs().find((entry) => entry.name === name);
  if (lab === undefined) throw new SetupError(`There is no lab "${name}".`, { hint: 'npm run lab -- ls', exitCode: 2 });
  return lab;
}

/** @param {LabState} lab @param {string | undefined} name @returns {NodeState} */
export function nodeOf(lab, name) {
  const node = lab.nodes.find((entry) => entry.name === name);
  if (node !== undefined) return node;
  const names = lab.nodes.map((entry) => entry.name).join(', ');
  throw new SetupError(`Which node? One of ${names}.`, { exitCode: 2 });
}

/**
 * @param {{ name: string, nodes: number, cache: string, owner?: number, image?: boolean }} options
 *   `owner`: take it away when this process is gone; `image`: load the base image into each engine
 * @returns {Promise<LabState>}
 */
export async function upLab({ name, nodes, cache, owner, image = true }) {
  await sweep();
  if (listLabs().some((lab) => lab.name === name)) {
    throw new SetupError(`The lab "${name}" is up.`, { hint: `npm run lab -- up ${nodes} --name OTHER`, exitCode: 2 });
  }
  const tar = image ? await provideRootfs(cache) : undefined;
  const dir = mkdtempSync(join(parent, prefix));
  const { index, netns } = await createNetwork();
  /** @type {LabState} */
  const lab = {
    name,
    dir,
    index,
    netns,
    nodes: Array.from({ length: nodes }, (_, at) => describeNode({ dir, index, number: at + 1 })),
    owner: owner === undefined ? undefined : { pid: owner, startTime: processStartTime(owner) },
  };
  writeState(lab);
  try {
    await createBridge(index, netns);
    for (const node of lab.nodes) await connectNode(index, netns, node.name, node.address);
    const daemons = await Promise.all(lab.nodes.map((node) => startDaemon({ ...node, hostname: node.name })));
    lab.nodes = lab.nodes.map((node, at) => ({ ...node, daemon: daemons[at] }));
    writeState(lab);
    if (tar !== undefined) for (const { socket } of lab.nodes) await importImage(`unix://${socket}`, tar, ownBase);
  } catch (error) {
    await downLab(lab);
    throw error;
  }
  return lab;
}

/** @param {{ dir: string, index: number, number: number }} where @returns {NodeState} */
function describeNode({ dir, index, number }) {
  const name = `n${number}`;
  const own = join(dir, name);
  mkdirSync(own);
  return {
    name,
    address: `${subnetOf(index)}.${number + 1}`,
    socket: join(own, 'docker.sock'),
    netns: nodeNetns(index, name),
    dir: own,
    cgroup: `/claude-env-test-${basename(dir)}-${name}`,
    daemon: undefined,
  };
}

/** @param {LabState} lab @param {string} name @param {Partial<NodeState>} change */
function changeNode(lab, name, change) {
  writeState({ ...lab, nodes: lab.nodes.map((node) => (node.name === name ? { ...node, ...change } : node)) });
}

/** @param {LabState} lab @param {NodeState} node */
export async function startNode(lab, node) {
  if (node.daemon !== undefined && isSameProcess(node.daemon)) return;
  changeNode(lab, node.name, { daemon: await startDaemon({ ...node, hostname: node.name }) });
}

/** @param {LabState} lab @param {NodeState} node @param {'stop' | 'kill'} how */
export async function stopNode(lab, node, how) {
  if (node.daemon === undefined) return;
  await (how === 'stop' ? stopDaemon(node.daemon) : killDaemon(node.daemon));
  changeNode(lab, node.name, { daemon: undefined });
}

/** @param {LabState} lab @param {NodeState} node @param {boolean} on */
export const linkNode = (lab, node, on) => setLink(lab.netns, node.name, on);

/** @param {LabState} lab @param {NodeState} node @param {string | undefined} address within the lab's network */
export async function readdressNode(lab, node, address) {
  if (!address?.startsWith(`${subnetOf(lab.index)}.`)) {
    throw new SetupError(`An address in ${subnetOf(lab.index)}.0/24, please.`, { exitCode: 2 });
  }
  await moveNode(lab.index, node.name, address);
  changeNode(lab, node.name, { address });
}

/**
 * Only one takes a lab away: its network's number is another lab's as soon as it is free. Whoever does has renamed its state.
 * @param {string} dir @param {string} [name] its state's, where somebody died who had begun
 */
function claim(dir, name = stateName) {
  try {
    renameSync(join(dir, name), join(dir, `${stateName}.${process.pid}`));
    return true;
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Takes everything away, also what tests left running in the lab's networks. @param {LabState} lab */
export async function downLab(lab) {
  if (claim(lab.dir)) await takeAway(lab);
}

/** @param {LabState} lab */
async function takeAway(lab) {
  const spaces = [lab.netns, ...(await nodeNamespaces(lab.index))];
  for (const netns of spaces) for (const pid of processesIn(netns)) endProcess(pid);
  for (const { daemon } of lab.nodes) if (daemon !== undefined) await killDaemon(daemon);
  await removeNodes(lab.index);
  await removeNetwork(lab.index);
  for (const { cgroup } of lab.nodes) await removeCgroups(cgroup);
  rmSync(lab.dir, { recursive: true, force: true, maxRetries: 5 });
}

/** @param {string} dir one that somebody may be taking away */
function filesIn(dir) {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Labs whose owner was killed before he could clean up, and those whose cleaning up was broken off. */
async function sweep() {
  for (const lab of listLabs()) {
    if (lab.owner !== undefined && !isSameProcess(lab.owner)) await downLab(lab);
  }
  for (const dir of readdirSync(parent).flatMap((entry) => (entry.startsWith(prefix) ? [join(parent, entry)] : []))) {
    const begun = filesIn(dir).find((file) => /^lab\.json\.\d+$/.test(file));
    if (begun === undefined || processStartTime(Number(begun.slice(stateName.length + 1))) !== undefined) continue;
    const lab = readState(join(dir, begun));
    if (lab !== undefined && claim(dir, begun)) await takeAway(lab);
  }
}
