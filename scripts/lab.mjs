import { parseArgs } from 'node:util';
import { downLab, linkNode, listLabs, nodeOf, readdressNode, readLab, startNode, stopNode, upLab } from './lab/lab.mjs';
import { cacheDir } from './setup/paths.mjs';
import { findCommand, runInTerminal } from './setup/run.mjs';
import { runScript, SetupError, sayOnStderr } from './setup/terminal.mjs';
import { netnsPath } from './test-engine/network.mjs';

const usage = `npm run lab -- COMMAND [--name LAB] [--json]   (root on Linux)
  up N                     N Docker engines, each in a network of its own, joined by a bridge; prints their sockets
  down [--all]             takes the lab away with all that is in it
  ls                       labs on this machine
  exec NODE -- COMMAND…    runs a command in the node's network, with DOCKER_HOST set
  cut NODE | heal NODE     pulls the node's cable out, puts it back
  kill NODE | stop NODE | start NODE   its engine
  address NODE ADDRESS     gives it another address in the lab's network
The lab is called "lab" unless --name says otherwise; several stand side by side.`;

/** @param {import('./lab/lab.mjs').LabState} lab @param {boolean} json */
function show(lab, json) {
  if (json) return console.log(JSON.stringify(lab, null, 2));
  console.log(`${lab.name}: network 10.77.${lab.index}.0/24, everything in ${lab.dir}`);
  for (const { name, address, socket, daemon } of lab.nodes) {
    console.log(`  ${name}  ${address}  unix://${socket}${daemon === undefined ? '  (stopped)' : ''}`);
  }
}

/** @param {number} count @param {{ name: string, json: boolean, owner?: string, image: boolean }} options */
async function up(count, { name, json, owner, image }) {
  if (!(count >= 1 && count <= 20)) {
    throw new SetupError('How many engines? 1 to 20.', { hint: usage, exitCode: 2 });
  }
  const ofProcess = owner === undefined ? {} : { owner: Number(owner) };
  const lab = await upLab({
    name,
    nodes: count,
    cache: process.env.CLAUDE_ENV_TEST_CACHE ?? cacheDir(),
    image,
    ...ofProcess,
  });
  show(lab, json);
}

/** @param {string | undefined} command @param {string[]} rest @param {import('./lab/lab.mjs').LabState} lab */
async function onNode(command, [name, ...rest], lab) {
  const node = nodeOf(lab, name);
  switch (command) {
    case 'exec': {
      const env = { ...process.env, DOCKER_HOST: `unix://${node.socket}` };
      return runInTerminal('nsenter', [`--net=${netnsPath(node.netns)}`, '--', ...rest], { env });
    }
    case 'cut':
    case 'heal':
      await linkNode(lab, node, command === 'heal');
      return 0;
    case 'kill':
    case 'stop':
      await stopNode(lab, node, command);
      return 0;
    case 'start':
      await startNode(lab, node);
      return 0;
    case 'address':
      await readdressNode(lab, node, rest[0]);
      return 0;
    default:
      throw new SetupError(`Unknown command: ${command ?? '(none)'}`, { hint: usage, exitCode: 2 });
  }
}

await runScript(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: 'string', default: 'lab' },
      json: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      owner: { type: 'string' },
      'no-image': { type: 'boolean', default: false },
    },
  });
  const [command, ...rest] = positionals;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new SetupError('A lab takes root on Linux.', { hint: 'sudo npm run lab -- up 3' });
  }
  const missing = ['dockerd', 'ip', 'iptables', 'nsenter'].filter((program) => findCommand(program) === undefined);
  if (missing.length > 0) {
    throw new SetupError(`Not installed: ${missing.join(', ')}.`, {
      hint: 'apt-get install -y docker.io iptables iproute2 debootstrap util-linux',
    });
  }
  sayOnStderr();
  const { name, json } = values;
  switch (command) {
    case 'up':
      await up(Number(rest[0]), {
        name,
        json,
        image: !values['no-image'],
        ...(values.owner && { owner: values.owner }),
      });
      return 0;
    case 'down':
      for (const lab of values.all ? listLabs() : [readLab(name)]) await downLab(lab);
      return 0;
    case 'ls':
      for (const lab of listLabs()) show(lab, json);
      return 0;
    default:
      return onNode(command, rest, readLab(name));
  }
});
