import { capture, findCommand } from '../setup/run.mjs';
import { must, netnsPath } from '../test-engine/network.mjs';

/*
 * The lab's own namespace holds a bridge; each node is a namespace with a cable to it. Nothing of that is in the machine's
 * own network but the one veth pair and the NAT rules that every test engine has (test-engine/network.mjs), and a route:
 * nodes are reached from the machine under 10.77.INDEX.N. Deleting the namespaces takes bridges, cables and routes along.
 */

const bridge = 'br0';

/** @param {number} index */
export const subnetOf = (index) => `10.77.${index}`;

/** @param {number} index @param {string} node */
export const nodeNetns = (index, node) => `cet-${index}-${node}`;

/** @param {number} index @param {string} netns the lab's own */
export async function createBridge(index, netns) {
  const within = ['-n', netns];
  await must('ip', ...within, 'link', 'add', bridge, 'type', 'bridge');
  await must('ip', ...within, 'addr', 'add', `${subnetOf(index)}.1/24`, 'dev', bridge);
  await must('ip', ...within, 'link', 'set', bridge, 'up');
  const masquerade = ['-t', 'nat', '-A', 'POSTROUTING', '-s', `${subnetOf(index)}.0/24`];
  const outside = ['!', '-d', `${subnetOf(index)}.0/24`, '!', '-o', bridge];
  const iptables = findCommand('iptables') ?? 'iptables';
  // From the machine itself (10.78.INDEX.1) a node must be seen by its own address: only the way out is translated.
  await must('nsenter', `--net=${netnsPath(netns)}`, iptables, '-w', ...masquerade, ...outside, '-j', 'MASQUERADE');
  await must('ip', 'route', 'add', `${subnetOf(index)}.0/24`, 'via', `10.78.${index}.2`);
}

/**
 * @param {number} index
 * @param {string} netns the lab's own
 * @param {string} node
 * @param {string} address
 */
export async function connectNode(index, netns, node, address) {
  const inner = nodeNetns(index, node);
  await must('ip', 'netns', 'add', inner);
  await must('ip', '-n', netns, 'link', 'add', node, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', inner);
  await must('ip', '-n', netns, 'link', 'set', node, 'master', bridge, 'up');
  await must('ip', '-n', inner, 'link', 'set', 'lo', 'up');
  await must('ip', '-n', inner, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
  await must('ip', '-n', inner, 'link', 'set', 'eth0', 'up');
  await must('ip', '-n', inner, 'route', 'add', 'default', 'via', `${subnetOf(index)}.1`);
}

/** Pulls the cable out, or puts it back: both ends lose their carrier. @param {string} netns @param {string} node @param {boolean} on */
export const setLink = (netns, node, on) => must('ip', '-n', netns, 'link', 'set', node, on ? 'up' : 'down');

/**
 * As a laptop that woke up on another network: the old address is gone for good.
 * @param {number} index
 * @param {string} node
 * @param {string} address
 */
export async function moveNode(index, node, address) {
  const inner = nodeNetns(index, node);
  await must('ip', '-n', inner, 'addr', 'flush', 'dev', 'eth0', 'scope', 'global');
  await must('ip', '-n', inner, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
  await must('ip', '-n', inner, 'route', 'replace', 'default', 'via', `${subnetOf(index)}.1`);
}

/** Whatever there is of the nodes' namespaces, also of those that no state file knows. @param {number} index */
export async function removeNodes(index) {
  for (const netns of await nodeNamespaces(index)) await must('ip', 'netns', 'del', netns);
}

/** @param {number} index @returns {Promise<string[]>} */
export async function nodeNamespaces(index) {
  const { output } = await capture(findCommand('ip') ?? 'ip', ['netns', 'list']);
  return output
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name.startsWith(`cet-${index}-`));
}
