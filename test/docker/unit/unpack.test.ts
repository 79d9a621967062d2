import { lstat, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import tar, { type Headers } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpack } from '../../../main/docker/unpack.ts';

/* Archives that a hostile container could send. One invariant: nothing outside of the target is made, changed or read. */
let root: string;
let target: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'claude-env-unpack-')));
  target = join(root, 'target');
  await mkdir(target);
  await mkdir(join(root, 'outside'));
  await writeFile(join(root, 'outside/secret'), 'untouched');
});
afterEach(() => rm(root, { recursive: true, force: true }));

type Entry = readonly [Headers, string?];

const archiveOf = (entries: readonly Entry[]) => {
  const pack = tar.pack();
  for (const [header, content] of entries) pack.entry(header, content ?? '');
  pack.finalize();
  return pack;
};
const put = (...entries: readonly Entry[]) =>
  unpack({ archive: archiveOf(entries), directory: target, place: (segments) => segments });

/** Everything beside the target, with its contents. */
async function outside(): Promise<readonly string[]> {
  const names = (await readdir(root)).filter((name) => name !== 'target');
  const inside = await readdir(join(root, 'outside'));
  return [...names, ...inside, await readFile(join(root, 'outside/secret'), 'utf8')];
}
afterEach(async () => {
  expect(await outside()).toEqual(['outside', 'secret', 'untouched']);
});

const refused = expect.objectContaining({ error: expect.objectContaining({ code: 'unsupported' }) });

describe('a hostile archive', () => {
  it.each(['../outside/secret', 'a/../../outside/secret', '../../../../../../../../tmp/x', 'dir/..'])(
    'with the name %s is refused',
    async (name) => {
      await expect(put([{ name, type: 'file' }, 'mine'])).rejects.toEqual(refused);
    },
  );

  it('with an absolute name stays below the target', async () => {
    await put([{ name: join(root, 'outside/secret'), type: 'file' }, 'mine']);
    expect(await readFile(join(target, root, 'outside/secret'), 'utf8')).toBe('mine');
  });

  it('cannot go through a link that it brings: a folder takes the place, and the link is refused', async () => {
    await expect(
      put(
        [{ name: 'door', type: 'symlink', linkname: join(root, 'outside') }],
        [{ name: 'door/secret', type: 'file' }, 'mine'],
      ),
    ).rejects.toEqual(refused);
    expect((await lstat(join(target, 'door'))).isDirectory()).toBe(true);
  });

  it('cannot go through a link that is there already', async () => {
    await symlink(join(root, 'outside'), join(target, 'door'));
    await expect(put([{ name: 'door/secret', type: 'file' }, 'mine'])).rejects.toEqual(refused);
    await expect(put([{ name: 'door', type: 'directory' }])).rejects.toEqual(refused);
  });

  it('puts a file in a link’s place, not through it', async () => {
    await symlink(join(root, 'outside/secret'), join(target, 'file'));
    await put([{ name: 'file', type: 'file' }, 'mine']);
    expect((await lstat(join(target, 'file'))).isFile()).toBe(true);
  });

  it('brings links that lead out as links; nothing is written through them', async () => {
    await put(
      [{ name: 'up', type: 'symlink', linkname: '../outside' }],
      [{ name: 'up', type: 'symlink', linkname: '../outside/secret' }],
      [{ name: 'far', type: 'symlink', linkname: '/etc/passwd' }],
    );
    expect((await lstat(join(target, 'up'))).isSymbolicLink()).toBe(true);
  });

  it.each(['../outside/secret', '/etc/passwd', 'none'])('cannot link hard to %s', async (linkname) => {
    await expect(put([{ name: 'mine', type: 'link', linkname }])).rejects.toEqual(refused);
  });

  it('cannot link hard through a link', async () => {
    await symlink(join(root, 'outside'), join(target, 'door'));
    await expect(put([{ name: 'mine', type: 'link', linkname: 'door/secret' }])).rejects.toEqual(refused);
  });

  it('makes no devices and pipes, and names them', async () => {
    const { leftOut } = await put(
      [{ name: 'disk', type: 'block-device', devmajor: 8, devminor: 0 }],
      [{ name: 'tty', type: 'character-device' }],
      [{ name: 'pipe', type: 'fifo' }],
      [{ name: 'file', type: 'file' }, 'kept'],
    );
    expect(leftOut).toEqual(['disk', 'tty', 'pipe']);
    expect(await readdir(target)).toEqual(['file']);
  });

  it('brings no setuid bit', async () => {
    await put([{ name: 'su', type: 'file', mode: 0o4755 }, 'x']);
    expect((await lstat(join(target, 'su'))).mode & 0o7777).toBe(0o755);
  });

  it('that is cut off in the middle of a file fails', async () => {
    const whole: Buffer[] = [];
    for await (const chunk of archiveOf([[{ name: 'big', type: 'file' }, 'x'.repeat(5000)]]))
      whole.push(chunk as Buffer);
    const archive = Readable.from([Buffer.concat(whole).subarray(0, 2000)]);
    await expect(unpack({ archive, directory: target, place: (segments) => segments })).rejects.toThrow();
  });
});

describe('an honest one', () => {
  it('keeps names, modes, times and links', async () => {
    const mtime = new Date('2020-02-02T02:02:02Z');
    await put(
      [{ name: 'dir/', type: 'directory', mode: 0o500, mtime }],
      [{ name: 'dir/file', type: 'file', mode: 0o640, mtime }, 'text'],
      [{ name: 'dir/twin', type: 'link', linkname: 'dir/file' }],
      [{ name: 'dir/link', type: 'symlink', linkname: 'file' }],
    );
    expect((await lstat(join(target, 'dir'))).mode & 0o777).toBe(0o500);
    expect((await lstat(join(target, 'dir'))).mtime).toEqual(mtime);
    expect((await lstat(join(target, 'dir/file'))).mtime).toEqual(mtime);
    expect((await lstat(join(target, 'dir/file'))).nlink).toBe(2);
    expect(await readFile(join(target, 'dir/link'), 'utf8')).toBe('text');
  });
});
