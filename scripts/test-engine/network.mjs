import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { capture, findCommand } from '../setup/run.mjs';

/*
 * A network namespace of the engine's own: ports that its containers publish are on the namespace's loopback, so they
 * meet neither the user's nor another run's. A veth pair and NAT lead to the package registries.
 * `ip netns add` fails when the name exists, which makes the number a lock between runs side by side.
 */

/** @param {string} name @param {string[]} args */
export async function must(name, ...args) {
  const { code, output } = await capture(findCommand(name) ?? name, args);
  if (code !== 0) throw new Error(`${name} ${args.join(' ')}: ${output.trim()}`);
}

/** @param {number} index */
const namesOf = (index) => ({
  netns: `cet-${index}`,
  outside: `cet${index}o`,
  inside: `cet${index}i`,
  subnet: `10.78.${index}.0/30`,
  gateway: `10.78.${index}.1`,
  address: `10.78.${index}.2`,
});

/** @param {string} netns */
export const netnsPath = (netns) => `/var/run/netns/${netns}`;

/** @returns {Promise<{ index: number, netns: string }>} */
export async function createNetwork() {
  for (let index = 0; index < 255; index += 1) {
    if (isTaken(index)) continue;
    const { netns } = namesOf(index);
    const { code, output } = await capture(findCommand('ip') ?? 'ip', ['netns', 'add', netns]);
    if (code === 0) {
      try {
        await connect(index);
      } catch (error) {
        await removeNetwork(index);
        throw error;
      }
      return { index, netns };
    }
    if (!output.includes('File exists')) throw new Error(`ip netns add ${netns}: ${output.trim()}`);
  }
  throw new Error('No free network for a test engine: 10.78.0.0/16 is full.');
}

/** This machine has the range for something else. @param {number} index */
function isTaken(index) {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return addresses.some(({ address }) => address.startsWith(`10.78.${index}.`));
}

/** @param {number} index */
async function connect(index) {
  const { netns, outside, inside, subnet, gateway, address } = namesOf(index);
  const within = ['-n', netns];
  await must('ip', 'link', 'add', outside, 'type', 'veth', 'peer', 'name', inside);
  await must('ip', 'link', 'set', inside, 'netns', netns);
  await must('ip', 'addr', 'add', `${gateway}/30`, 'dev', outside);
  await must('ip', 'link', 'set', outside, 'up');
  await must('ip', ...within, 'link', 'set', 'lo', 'up');
  await must('ip', ...within, 'addr', 'add', `${address}/30`, 'dev', inside);
  await must('ip', ...within, 'link', 'set', inside, 'up');
  await must('ip', ...within, 'route', 'add', 'default', 'via', gateway);
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  const mark = ['-m', 'comment', '--comment', netns];
  await must('iptables', '-w', '-t', 'nat', '-A', 'POSTROUTING', '-s', subnet, ...mark, '-j', 'MASQUERADE');
  // In front: another engine on this machine may have set the chain's policy to DROP.
  await must('iptables', '-w', '-I', 'FORWARD', '-s', subnet, ...mark, '-j', 'ACCEPT');
  await must('iptables', '-w', '-I', 'FORWARD', '-d', subnet, ...mark, '-j', 'ACCEPT');
}

/** Takes away everything that `createNetwork` made, and whatever part of it there is. @param {number} index */
export async function removeNetwork(index) {
  const { netns, outside } = namesOf(index);
  const ip = findCommand('ip') ?? 'ip';
  await removeRules('nat', 'POSTROUTING', netns);
  await removeRules('filter', 'FORWARD', netns);
  await capture(ip, ['link', 'del', outside]);
  await capture(ip, ['netns', 'del', netns]);
}

/** @param {string} table @param {string} chain @param {string} mark */
async function removeRules(table, chain, mark) {
  const iptables = findCommand('iptables') ?? 'iptables';
  const { output } = await capture(iptables, ['-w', '-t', table, '-S', chain]);
  for (const rule of markedRules(output, mark)) await must('iptables', '-w', '-t', table, ...rule);
}

/**
 * @param {string} listing what `iptables -S CHAIN` prints
 * @param {string} mark the comment
 * @returns {string[][]} arguments that delete each marked rule
 */
export function markedRules(listing, mark) {
  return listing
    .split('\n')
    .map((line) =>
      line
        .trim()
        .split(/\s+/)
        .map((word) => word.replace(/^"|"$/g, '')),
    )
    .filter((words) => words[0] === '-A' && words[words.indexOf('--comment') + 1] === mark)
    .map(([, ...words]) => ['-D', ...words]);
}
