import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeMoment, type Moment, startUntil } from './moments.ts';
import { bringUp } from './rounds.ts';
import { createStand, type Stand } from './stand.ts';

/*
 * docker compose 2.40.3, killed at each of the four steps of its recreation (it names the container in between as ours
 * does), and ours after it; in the end it must find nothing to do in what ours made of it.
 */

const compose = process.env.CLAUDE_ENV_PEER_COMPOSE;

let stand: Stand;
beforeAll(async () => {
  stand = await createStand();
  await bringUp(stand);
});
afterAll(() => stand.close());

const environment = () => ({ ...process.env, DOCKER_HOST: stand.bench.engine.address, DOCKER_BUILDKIT: '0' });

function startPeer(...args: string[]) {
  const child = spawn(compose ?? '', ['-f', stand.file, ...args], { env: environment(), stdio: 'ignore' });
  return { child, finished: new Promise<unknown>((resolve) => child.once('close', resolve)) };
}

const moments: readonly Moment[] = [
  { event: 'create', count: 1 },
  { event: 'die', count: 1 },
  { event: 'destroy', count: 1 },
  { event: 'rename', count: 1 },
];

describe.skipIf(compose === undefined)('docker compose, killed', () => {
  it.for(moments.map((moment) => [describeMoment(moment), moment] as const))('%s', async ([what, moment]) => {
    const { bench, project } = stand;
    await stand.write({ release: stand.edition().release + 1 });
    const running = await startUntil(bench.engine, project, moment, () => startPeer('up', '-d'));
    expect(running.child.exitCode === null && running.child.kill('SIGKILL'), 'there was something to kill').toBe(true);
    await running.finished;
    const { code, stdout, stderr } = await bench.run(stand.upArguments);
    expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
    await stand.expectConverged(`docker compose killed ${what}`);
  });

  it('finds the same project in what ours made of it, and recreates nothing', async () => {
    const run = (...args: string[]) =>
      promisify(execFile)(compose ?? '', ['-f', stand.file, ...args], { env: environment() });
    const ids = async () => {
      const filters = { label: [`com.docker.compose.project=${stand.project}`] };
      const found = await stand.bench.engine.docker.listContainers({ all: true, filters });
      return found.map(({ Id, Names }) => `${Names[0]} ${Id}`).sort();
    };
    const before = await ids();
    const { stdout } = await run('ps', '--all', '--format', '{{.Name}}');
    expect(stdout.trim().split('\n').sort()).toEqual(before.map((one) => one.slice(1, one.indexOf(' '))));
    await run('up', '-d', '--no-build');
    expect(await ids()).toEqual(before);
  });
});
