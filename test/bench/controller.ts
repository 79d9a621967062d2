import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { testEngine } from '../support/engine.ts';
import { startTeamDatabases } from '../support/team-databases.ts';
import { addPerson, type Client, startController } from '../team/controller-support.ts';
import { printFigures } from './report.ts';

/*
 * `node controller.ts [--check]`, inside the network of a test engine: what a replica of the controller costs while nobody
 * does anything (must-show 6 of issue 6), alone and with 200 members connected. Its health check is
 * a program of its own every 10 s, and counted.
 */
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const members = 200;
const seconds = 30;

/** Seconds of CPU that a process has used; a tick is 10 ms on every Linux. */
async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
}

/** @returns percent of one CPU */
async function idle(pid: number): Promise<number> {
  const before = await cpuOf(pid);
  await pause(seconds * 1000);
  return (100 * ((await cpuOf(pid)) - before)) / seconds;
}

/** @returns percent of one CPU that asking every 10 s takes */
async function healthCheck(port: number | undefined): Promise<number> {
  const script = fileURLToPath(new URL('../../resources/images/common/service/health.sh', import.meta.url));
  const line = `TIMEFORMAT='%U %S'; time bash "$0" ${port} /health`;
  const { stderr } = await promisify(execFile)('bash', ['-c', line, script]);
  const [user, system] = stderr.trim().split(' ').map(Number);
  return (100 * ((user ?? Number.NaN) + (system ?? Number.NaN))) / 10;
}

const engine = testEngine();
const databases = await startTeamDatabases(engine);
const controller = await startController(databases);
const { say, good } = printFigures();
try {
  await controller.line(({ message }) => message === 'ready');
  const { pid, ports } = controller;
  // What starting has left behind is no idling.
  await pause(5000);
  console.log('\na replica of the controller while nobody does anything');
  const health = await healthCheck(ports.http);
  say('CPU, nobody connected', (await idle(pid)) + health, 1, '%');
  say('memory', await memoryOf(pid), 120, 'MB');
  const clients: Client[] = [];
  for (let at = 0; at < members; at++) {
    const { token } = await addPerson(controller, 'member', `Member ${at}`);
    const client = await controller.connect(token);
    client.send({ type: 'environment', machine: 'laptop', state: 'running' });
    clients.push(client);
  }
  await pause(5000);
  say(`CPU, ${members} members connected`, (await idle(pid)) + health, 1, '%');
  say('memory', await memoryOf(pid), 120, 'MB');
  say('of the CPU: its health check', health, undefined, '%');
  for (const client of clients) client.close();
} finally {
  await controller.stop();
  await engine.cleanUp();
}
process.exit(good() || !values.check ? 0 : 1);
