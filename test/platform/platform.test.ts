import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClock } from '../../main/platform/clock.ts';
import { createFiles } from '../../main/platform/files.ts';
import { createPlatform } from '../../main/platform/index.ts';
import { createLog } from '../../main/platform/log-file.ts';
import { findProgram } from '../../main/platform/programs.ts';
import { createResources, findResources } from '../../main/platform/resources.ts';
import { stateFolder } from '../../main/platform/state-folder.ts';
import { createStateStore } from '../../main/platform/state-store.ts';
import { createSettings } from '../../main/services/settings.ts';

let folder = '';
const posix = process.platform !== 'win32';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'claude-env-platform-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const mode = async (path: string) => (await stat(path)).mode & 0o777;

describe('state folder', () => {
  it.each([
    ['linux', { CLAUDE_ENV_STATE: '/s' }, '/s'],
    ['linux', { XDG_STATE_HOME: '/x' }, '/x/claude-env'],
    ['linux', { XDG_STATE_HOME: 'relative' }, '/h/.local/state/claude-env'],
    ['linux', {}, '/h/.local/state/claude-env'],
    ['darwin', { XDG_STATE_HOME: '/x' }, '/h/Library/Application Support/claude-env'],
  ])('%s %j', (platform, environment, expected) => {
    expect(stateFolder({ platform, environment, home: '/h' })).toBe(expected);
  });
  it('win32', () => {
    const found = stateFolder({ platform: 'win32', environment: { LOCALAPPDATA: 'C:\\L' }, home: 'C:\\u' });
    expect(found.replaceAll('/', '\\')).toBe('C:\\L\\claude-env');
  });
});

describe('state store', () => {
  const open = (moved: string[] = []) =>
    createStateStore({ folder: join(folder, 'state'), onCorrupt: (_file, to) => moved.push(to) });

  it('writes for the user alone, and nothing of a draft stays', async () => {
    const store = open();
    expect(await store.read('stacks')).toBeUndefined();
    await store.write('stacks', { a: 1 });
    await store.write('stacks', { a: 2 });
    expect(await store.read('stacks')).toEqual({ a: 2 });
    expect(await readdir(join(folder, 'state'))).toEqual(['stacks.json']);
    if (posix) expect(await mode(join(folder, 'state', 'stacks.json'))).toBe(0o600);
    if (posix) expect(await mode(join(folder, 'state'))).toBe(0o700);
  });

  it('tells what another program wrote, and nothing once it is not asked any more', async () => {
    const other = open();
    const told: string[] = [];
    const stops = ['stacks', 'settings'].map((name) => open().watch(name, () => told.push(name)));
    // The folder is watched from some time after the call.
    for (let n = 0; told.length === 0; n += 1) {
      await other.write('stacks', { n });
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    expect(told[0]).toBe('stacks');
    for (const stop of stops) stop();
    const before = told.length;
    await other.write('stacks', { a: 1 });
    await other.write('settings', { a: 1 });
    expect(told.slice(before)).toEqual([]);
  });

  it('many writers at once leave one whole document', async () => {
    const store = open();
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => store.write('stacks', { index, pad: 'x'.repeat(10_000) })),
    );
    expect(await store.read('stacks')).toMatchObject({ pad: 'x'.repeat(10_000) });
    expect(await readdir(join(folder, 'state'))).toEqual(['stacks.json']);
  });

  it('moves a file that is no JSON aside and says where', async () => {
    const moved: string[] = [];
    const store = open(moved);
    await store.write('settings', {});
    await writeFile(join(folder, 'state', 'settings.json'), '{"theme":');
    expect(await store.read('settings')).toBeUndefined();
    expect(moved).toHaveLength(1);
    expect(await readFile(moved[0] ?? '', 'utf8')).toBe('{"theme":');
  });

  it('reads the settings that set-up wrote before the program ever ran', async () => {
    await mkdir(join(folder, 'state'));
    await writeFile(join(folder, 'state', 'settings.json'), '{"theme":"dark","build":{"baseImage":"claude-env/base"}}');
    const { log } = createPlatform({
      version: '0',
      programFolders: [],
      environment: { CLAUDE_ENV_STATE: join(folder, 'x') },
    });
    expect(await createSettings({ state: open(), log }).get()).toEqual({
      theme: 'dark',
      build: { baseImage: 'claude-env/base' },
    });
  });

  it.each(['../x', 'a/b', '', '.hidden', 'UP'])('refuses %j as a name', async (name) => {
    await expect(open().read(name)).rejects.toThrow();
  });
});

describe('files', () => {
  const files = createFiles();

  it('reads text, follows the link the user points at', async () => {
    await writeFile(join(folder, 'a.yaml'), 'hé');
    await symlink(join(folder, 'a.yaml'), join(folder, 'link.yaml'));
    expect(await files.readText(join(folder, 'link.yaml'))).toBe('hé');
    expect(await files.realPath(join(folder, 'link.yaml'))).toBe(await files.realPath(join(folder, 'a.yaml')));
  });

  it('says what is not there, too large, or no file', async () => {
    await writeFile(join(folder, 'big'), 'x'.repeat(1000));
    await expect(files.readText(join(folder, 'nope'))).rejects.toMatchObject({ error: { code: 'file.not-found' } });
    await expect(files.readText(join(folder, 'big', 'below'))).rejects.toMatchObject({
      error: { code: 'file.not-found' },
    });
    await expect(files.readText(join(folder, 'big'), 999)).rejects.toMatchObject({ error: { code: 'file.invalid' } });
    await expect(files.readText(folder)).rejects.toMatchObject({ error: { code: 'file.invalid' } });
  });

  it.runIf(posix)('neither hangs on a FIFO nor reads without end', async () => {
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    await expect(files.readText(join(folder, 'fifo'))).rejects.toMatchObject({ error: { code: 'file.invalid' } });
    await expect(files.readText('/dev/zero')).rejects.toMatchObject({ error: { code: 'file.invalid' } });
    expect(await files.exists(join(folder, 'fifo'))).toBe('other');
  });

  it.runIf(process.platform === 'linux')('bounds a file that says it is empty and is not', async () => {
    await expect(files.readText('/proc/self/mountinfo', 10)).rejects.toMatchObject({ error: { code: 'file.invalid' } });
  });

  it('looks without opening', async () => {
    await writeFile(join(folder, 'a'), '');
    expect(await files.exists(join(folder, 'a'))).toBe('file');
    expect(await files.exists(folder)).toBe('directory');
    expect(await files.exists(join(folder, 'a', 'b'))).toBeUndefined();
    expect(await files.exists('bad\0path')).toBeUndefined();
    expect(await files.exists(`/${'x'.repeat(5000)}`)).toBeUndefined();
  });
});

describe('log file', () => {
  it('stays within its bound, for the user alone', async () => {
    const path = join(folder, 'log', 'x.log');
    const log = createLog(path, (error) => {
      throw error;
    });
    for (let line = 0; line < 600; line += 1) log('info', 'a line', { pad: 'x'.repeat(9_000) });
    const sizes = await Promise.all(
      (await readdir(join(folder, 'log'))).map((name) => stat(join(folder, 'log', name))),
    );
    expect(sizes).toHaveLength(2);
    expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(2.1 * 1024 * 1024);
    if (posix) expect(await mode(path)).toBe(0o600);
  });

  it('a disk that refuses is told once and never thrown', async () => {
    await writeFile(join(folder, 'file'), '');
    const failures: unknown[] = [];
    const log = createLog(join(folder, 'file', 'x.log'), (error) => failures.push(error));
    log('info', 'one');
    log('info', 'two');
    expect(failures).toHaveLength(1);
  });
});

describe('stack files of the program', () => {
  const fill = async (root: string, text: string) => {
    await mkdir(join(root, 'stacks', 'local'), { recursive: true });
    await mkdir(join(root, 'images', 'mcp'), { recursive: true });
    await writeFile(join(root, 'stacks', 'local', 'compose.yaml'), text);
    await writeFile(join(root, 'images', 'mcp', 'run.sh'), 'x', { mode: 0o755 });
  };

  it('are found above the program', async () => {
    await fill(join(folder, 'resources'), 'a');
    await mkdir(join(folder, 'out', 'cli'), { recursive: true });
    expect(findResources([join(folder, 'out', 'cli')])).toBe(join(folder, 'resources'));
    expect(findResources(['/'])).toBeUndefined();
    await fill(join(folder, 'App.app', 'Contents', 'Resources'), 'b');
    const packaged = join(folder, 'App.app', 'Contents', 'Resources');
    expect(findResources([packaged, join(folder, 'out', 'cli')])).toBe(packaged);
  });

  it('are copied once a version when packaged, with the contexts of their images', async () => {
    const source = join(folder, 'mount', 'resources');
    await fill(source, 'one');
    const copyTo = { folder: join(folder, 'user'), version: '1.0.0' };
    const [first, second] = await Promise.all([
      createResources({ source, copyTo }).localStack(),
      createResources({ source, copyTo }).localStack(),
    ]);
    expect(first).toEqual(second);
    expect(await readFile(first.files[0] ?? '', 'utf8')).toBe('one');
    expect(first.directory).toBe(join(folder, 'user', '1.0.0', 'stacks', 'local'));
    expect(await readdir(join(folder, 'user'))).toEqual(['1.0.0']);
    if (posix) expect(await mode(join(folder, 'user', '1.0.0', 'images', 'mcp', 'run.sh'))).toBe(0o755);
    await fill(source, 'changed');
    expect(await readFile((await createResources({ source, copyTo }).localStack()).files[0] ?? '', 'utf8')).toBe('one');
    const next = await createResources({ source, copyTo: { ...copyTo, version: '1.0.1' } }).localStack();
    expect(await readFile(next.files[0] ?? '', 'utf8')).toBe('changed');
  });

  it('that are missing are a failure with words', async () => {
    await expect(createResources({ source: undefined }).localStack()).rejects.toMatchObject({
      error: { code: 'file.not-found', hint: expect.any(String) },
    });
  });
});

describe('programs and time', () => {
  it.runIf(posix)('finds a program on PATH without starting it', async () => {
    await writeFile(join(folder, 'code'), '');
    expect(await findProgram('code', { PATH: `relative:${folder}` })).toBeUndefined();
    await chmod(join(folder, 'code'), 0o755);
    expect(await findProgram('code', { PATH: `relative:${folder}` })).toBe(join(folder, 'code'));
  });

  it('a sleep ends at its signal', async () => {
    const controller = new AbortController();
    const sleeping = createClock().sleep(60_000, controller.signal);
    controller.abort();
    await expect(sleeping).rejects.toMatchObject({ error: { code: 'cancelled' } });
    await expect(createClock().sleep(1, controller.signal)).rejects.toMatchObject({ error: { code: 'cancelled' } });
  });
});
