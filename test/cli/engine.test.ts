import { spawn } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createWorkbench, type Workbench } from './support.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.remove());

/** Field 22 of proc(5), as set-up records it. */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** Something that could be taken for an engine: it runs until it is told to end. */
function bystander() {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  if (child.pid === undefined) throw new Error('sleep did not start');
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  return { pid: child.pid, child, ended };
}

const record = (value: object) => bench.file('state/engine.json', JSON.stringify(value));
const recordIsThere = () =>
  access(join(bench.state, 'engine.json')).then(
    () => true,
    () => false,
  );

describe('engine', () => {
  it('lists what was found, and why', async () => {
    const { engines } = await bench.json<{ engines: readonly object[] }>(['engine']);
    expect(engines).toEqual([
      expect.objectContaining({
        id: 'env',
        address: bench.engine.address,
        source: expect.stringContaining('DOCKER_HOST'),
        preferred: true,
        state: expect.objectContaining({ kind: 'connected', apiVersion: expect.stringMatching(/^1\.\d+$/) }),
      }),
    ]);
  });

  it('is connected after all of this', async () => {
    const { checks, problems } = await bench.json<{ checks: readonly object[]; problems: number }>(['doctor']);
    expect(checks).toContainEqual(
      expect.objectContaining({ status: 'ok', found: expect.stringContaining('DOCKER_HOST') }),
    );
    expect(problems).toBe(0);
    expect(await bench.run(['doctor'], { DOCKER_HOST: 'unix:///nowhere/docker.sock' })).toMatchObject({ code: 1 });
  });
});

describe.runIf(process.platform === 'linux')('engine stop', () => {
  it('stops nothing where nothing was started', async () => {
    expect(await bench.json<object>(['engine', 'stop'])).toMatchObject({ stopped: false });
    expect((await bench.run(['engine'])).code).toBe(0);
  });

  it('ends the process that set-up recorded, and forgets it', async () => {
    const { pid, ended } = bystander();
    await record({ pid, startTime: await startTime(pid), socket: '/run/ours.sock' });
    expect(await bench.json<object>(['engine', 'stop'])).toMatchObject({ stopped: true, socket: '/run/ours.sock' });
    expect(await ended).toBe('SIGTERM');
    expect(await recordIsThere()).toBe(false);
  });

  it('leaves a process alone that was given the same number later', async () => {
    const { pid, child } = bystander();
    const other = String(Number(await startTime(pid)) - 1);
    await record({ pid, startTime: other, socket: '/run/ours.sock' });
    expect(await bench.json<object>(['engine', 'stop'])).toMatchObject({ stopped: false });
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
    expect(await recordIsThere()).toBe(false);
  });

  it('touches nothing when the record cannot be understood', async () => {
    const { pid, child } = bystander();
    for (const value of [
      { pid },
      { pid: 'all', startTime: '1', socket: 'x' },
      { pid: 0, startTime: '1', socket: 'x' },
    ]) {
      await record(value);
      expect(await bench.run(['engine', 'stop'])).toMatchObject({ code: 1 });
    }
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
  });
});
