import { chmod, link, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTextChanges } from '../../main/platform/replace-text.ts';

const changes = createTextChanges();
const posix = process.platform !== 'win32';
let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'claude-env-replace-'));
  file = join(folder, '.env');
  await writeFile(file, 'A=1\r\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('replacing a text', () => {
  it.runIf(posix)('keeps the file’s mode and owner, and leaves no draft', async () => {
    await chmod(file, 0o640);
    const before = await stat(file);
    await changes.replace(file, { from: 'A=1\r\n', to: 'B=ü\n' });
    expect(await readFile(file, 'utf8')).toBe('B=ü\n');
    const after = await stat(file);
    expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid]);
    expect(await readdir(folder)).toEqual(['.env']);
  });

  it.runIf(posix)('keeps the owner also where root changes somebody else’s file', async (context) => {
    if (process.getuid?.() !== 0) context.skip();
    const { chown } = await import('node:fs/promises');
    await chown(file, 12_345, 54_321);
    await changes.replace(file, { from: 'A=1\r\n', to: 'B' });
    expect(await stat(file)).toMatchObject({ uid: 12_345, gid: 54_321 });
  });

  it.runIf(posix)('goes through a symbolic link and leaves it one', async () => {
    const other = join(folder, 'link');
    await symlink('.env', other);
    await changes.replace(other, { from: 'A=1\r\n', to: 'B' });
    expect((await lstat(other)).isSymbolicLink()).toBe(true);
    expect(await readFile(file, 'utf8')).toBe('B');
  });

  it('leaves a file that is not what was read, or is not text, as it is', async () => {
    const changed = { error: { code: 'plan.changed' } };
    await expect(changes.replace(file, { from: 'A=2\n', to: 'B' })).rejects.toMatchObject(changed);
    const bytes = Buffer.from([0x41, 0x3d, 0xff]);
    await writeFile(file, bytes);
    await expect(changes.replace(file, { from: bytes.toString('utf8'), to: 'B' })).rejects.toMatchObject(changed);
    expect((await readFile(file)).equals(bytes)).toBe(true);
  });

  it('refuses a file with other names, and one that is not there', async () => {
    await link(file, join(folder, 'other'));
    await expect(changes.replace(file, { from: 'A=1\r\n', to: 'B' })).rejects.toMatchObject({
      error: { code: 'file.invalid', message: expect.stringContaining('hard links') },
    });
    await expect(changes.replace(join(folder, 'no'), { from: '', to: 'B' })).rejects.toMatchObject({
      error: { code: 'file.not-found' },
    });
  });
});
