import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock } from '../../main/platform/lock.ts';
import { createStateStore } from '../../main/platform/state-store.ts';

/* A state folder that is full, read-only, another user's, or no folder: said in words, and never taken for a defect. */

const worker = fileURLToPath(new URL('./lock-worker.ts', import.meta.url));
const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;
const nobody = 65_534;

let folder = '';
beforeEach(async () => {
  // Not below TMPDIR, which is in a home that another user may not enter.
  folder = await mkdtemp(join(isRootOnLinux ? '/tmp' : tmpdir(), 'claude-env-state-'));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Said {
  readonly lock: unknown;
  readonly write: unknown;
  readonly read: unknown;
  readonly interrupted: unknown;
}
const unusable = (words: RegExp) => ({
  code: 'state.unusable',
  message: expect.stringMatching(words),
  hint: expect.stringMatching(/\S/),
});

const trial = ['--disable-warning=ExperimentalWarning', worker, 'try'];

/** What another user finds there. */
async function asNobody(state: string): Promise<Said> {
  const { stdout } = await promisify(execFile)(process.execPath, [...trial, state], { uid: nobody, gid: nobody });
  return JSON.parse(stdout);
}

/** What is found on a file system of its own, mounted with these options and prepared by a shell line. */
async function onFileSystem(options: string, line: string): Promise<Said> {
  const script = `mount -t tmpfs -o ${options} tmpfs "$1" && cd "$1" && ${line} && shift && exec "$@"`;
  const { stdout } = await promisify(execFile)('unshare', [
    ...['--mount', 'sh', '-c', script, 'sh', folder],
    ...[process.execPath, ...trial, join(folder, 'state')],
  ]);
  return JSON.parse(stdout);
}

describe('a state folder that cannot be used', () => {
  it('because a file is in its way', async () => {
    const state = join(folder, 'state');
    await writeFile(state, '');
    const store = createStateStore({ folder: state, onCorrupt: () => undefined });
    await expect(store.lock('stack', 'a trial')).rejects.toMatchObject({ error: unusable(/no folder is in its way/) });
    await expect(store.write('settings', {})).rejects.toMatchObject({ error: unusable(/no folder is in its way/) });
    expect(await store.read('settings')).toBeUndefined();
  });

  it.runIf(isRootOnLinux)('because it is another user’s', async () => {
    const state = join(folder, 'state');
    await mkdir(state, { mode: 0o700 });
    const said = await asNobody(state);
    const denied = unusable(/belongs to another user/);
    expect(said).toEqual({ lock: denied, write: denied, read: denied, interrupted: false });
  });

  it.runIf(isRootOnLinux)('because its file system is read-only', async () => {
    const said = await onFileSystem('size=1m', 'mkdir state && mount -o remount,ro "$1"');
    const readOnly = unusable(/read-only/);
    expect(said).toEqual({ lock: readOnly, write: readOnly, read: 'done', interrupted: false });
  });

  it.runIf(isRootOnLinux)('because its disk is full, and nothing half written stays', async () => {
    const said = await onFileSystem('size=64k', 'mkdir -p state/locks && (cat /dev/zero > filler || true)');
    const full = unusable(/disk is full/);
    expect(said).toEqual({ lock: full, write: full, read: 'done', interrupted: false });
  });
});

describe('a lock', () => {
  it.runIf(isRootOnLinux)('of another user stands, for nobody can see whether its holder lives', async () => {
    const state = join(folder, 'state');
    const locks = join(state, 'locks');
    const release = await acquireLock({ folder: locks, name: 'stack', purpose: 'a trial with sudo' });
    await release();
    await Promise.all([chmod(state, 0o777), chmod(locks, 0o777)]);
    const { lock, write, interrupted } = await asNobody(state);
    expect(lock).toEqual(unusable(/stack\.1 belongs to another user/));
    expect({ write, interrupted }).toEqual({ write: 'done', interrupted: false });
  });

  it('takes away what killed processes left while they took it', async () => {
    const dead = { pid: 2 ** 22 + 1, started: '', purpose: 'old', since: '', nonce: 'n', released: false };
    const damaged = 'stack.draft-damaged';
    await writeFile(join(folder, 'stack.draft-dead'), JSON.stringify(dead));
    await writeFile(join(folder, damaged), '{');
    const release = await acquireLock({ folder, name: 'stack', purpose: 'a trial' });
    await release();
    expect((await readdir(folder)).sort()).toEqual(['stack.1', damaged]);
  });
});
