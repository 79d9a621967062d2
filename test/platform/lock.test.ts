import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock, wasInterrupted } from '../../main/platform/lock.ts';
import { identifySelf, isAlive } from '../../main/platform/process-identity.ts';

const worker = fileURLToPath(new URL('./lock-worker.ts', import.meta.url));
let folder = '';
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'claude-env-lock-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', worker, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}
const take = (purpose = 'a test') => acquireLock({ folder, name: 'stack', purpose });

describe('a lock between processes', () => {
  it('is held by one at a time, and names its holder', async () => {
    const release = await take('“up” of web');
    await expect(take()).rejects.toMatchObject({
      error: {
        code: 'stack.busy',
        message: expect.stringContaining(`“up” of web is still running (process ${process.pid}`),
      },
    });
    await release();
    await release();
    const again = await take();
    await again();
  });

  it('keeps different names apart, also odd ones', async () => {
    const names = ['a', 'b', 'default/web', 'context:x', '../../escape', 'a.1'];
    const releases = await Promise.all(names.map((name) => acquireLock({ folder, name, purpose: 'x' })));
    expect(await readdir(folder)).toHaveLength(names.length);
    for (const release of releases) await release();
  });

  it('is taken over from a process that was killed', async () => {
    const child = start('hold', folder);
    await once(child.stdout ?? child, 'data');
    await expect(take()).rejects.toMatchObject({ error: { code: 'stack.busy' } });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const release = await take();
    await release();
  });

  it('says when its last holder died with it, until somebody else has held it', async () => {
    const look = () => wasInterrupted({ folder, name: 'stack' });
    expect(await look()).toBe(false);
    const child = start('hold', folder);
    await once(child.stdout ?? child, 'data');
    expect(await look()).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await look()).toBe(true);
    const release = await take();
    expect(await look()).toBe(false);
    await release();
    expect(await look()).toBe(false);
  });

  it('is taken over from a file that a crash left damaged', async () => {
    await writeFile(join(folder, 'stack.1'), '{"pid":');
    const release = await take();
    await release();
  });

  it('is taken over from an earlier process that had our number', async () => {
    const self = await identifySelf();
    const stale = { ...self, started: `${self.started}0`, purpose: 'old', since: '', nonce: 'n', released: false };
    await writeFile(join(folder, 'stack.7'), JSON.stringify(stale));
    if (self.started === '') return;
    const release = await take();
    expect(await readdir(folder)).toEqual(['stack.8']);
    await release();
  });

  it('lets nobody in between, with six processes after one stale lock', { timeout: 60_000 }, async () => {
    const file = join(folder, 'counter.txt');
    const locks = join(folder, 'locks');
    await writeFile(file, '0');
    const dead = start('hold', locks);
    await once(dead.stdout ?? dead, 'data');
    dead.kill('SIGKILL');
    await once(dead, 'exit');
    const workers = Array.from({ length: 6 }, () => start('count', locks, file, '40'));
    const codes = await Promise.all(workers.map(async (child) => (await once(child, 'exit'))[0]));
    expect(codes).toEqual(Array(6).fill(0));
    expect(await readFile(file, 'utf8')).toBe('240');
    expect((await readdir(locks)).length).toBe(1);
  });
});

describe('isAlive', () => {
  it('knows itself, and knows when a process is gone', async () => {
    expect(await isAlive(await identifySelf())).toBe(true);
    const child = start('hold', folder);
    await once(child.stdout ?? child, 'data');
    const identity = { pid: child.pid ?? 0, started: '' };
    expect(await isAlive(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await isAlive(identity)).toBe(false);
  });
});
