import { appendFile, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createBackupStore } from '../../main/platform/volume-backups.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backups-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const { signal } = new AbortController();
const about = {
  id: '20260101-120000-abcdef',
  stack: 'shop',
  service: 'db',
  volume: 'shop_data',
  node: 'n2',
  nodeId: 'x',
  image: 'postgres:16',
  at: '2026-01-01T12:00:00.000Z',
  reason: 'before deploy',
  inUse: false,
};
async function* chunks(...parts: readonly (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield Buffer.from(part);
  }
}
const text = async (parts: AsyncIterable<Uint8Array>): Promise<string> => {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all).toString();
};

it('keeps what comes for this user alone, and gives it back', async () => {
  const store = createBackupStore(folder);
  const kept = await store.keep(about, chunks('one ', 'two'), signal);
  expect(kept).toMatchObject({ ...about, contentBytes: 7 });
  const modes = await Promise.all(
    ['backups', `backups/${about.id}.tar.gz`, `backups/${about.id}.json`].map(async (path) => {
      const { mode } = await stat(join(folder, path));
      return (mode & 0o777).toString(8);
    }),
  );
  expect(modes).toEqual(['700', '600', '600']);
  const later = await store.keep({ ...about, id: '20260102-120000-abcdef' }, chunks(), signal);
  expect((await store.list()).map(({ id }) => id)).toEqual([later.id, kept.id]);
  await store.verify(kept, signal);
  expect(await text(store.open(kept, signal))).toBe('one two');
  await store.remove(kept);
  expect((await store.list()).map(({ id }) => id)).toEqual([later.id]);
});

it('leaves nothing of one that breaks off, and says why', async () => {
  const store = createBackupStore(folder);
  const gone = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
  await expect(store.keep(about, chunks('one', gone), signal)).rejects.toBe(gone);
  expect(await readdir(join(folder, 'backups'))).toEqual([]);
  expect(await store.list()).toEqual([]);
});

it('does not take for a backup what is not what was written', async () => {
  const store = createBackupStore(folder);
  const kept = await store.keep(about, chunks('one'), signal);
  await appendFile(kept.file, 'more');
  await expect(store.verify(kept, signal)).rejects.toMatchObject({ error: { code: 'file.invalid' } });
  await expect(store.keep({ ...about, id: '../x' }, chunks(), signal)).rejects.toThrow('not a name');
});

it('lists no record that is none, and is not stopped by a draft that another program finishes meanwhile', async () => {
  const store = createBackupStore(folder);
  const kept = await store.keep(about, chunks('one'), signal);
  for (const [at, record] of ['{}', 'null', '{'].entries())
    await writeFile(join(folder, 'backups', `20260103-12000${at}-abcdef.json`), record);
  // In the list of names, and not there when it is looked at.
  await symlink('nowhere', join(folder, 'backups', 'gone.part'));
  const next = await store.keep({ ...about, id: '20260102-120000-abcdef' }, chunks('two'), signal);
  expect((await store.list()).map(({ id }) => id)).toEqual([next.id, kept.id]);
});

it('clears away what a killed program left a day ago, and nothing younger', async () => {
  const store = createBackupStore(folder);
  await store.keep(about, chunks('one'), signal);
  for (const name of ['old.part', 'young.part']) await writeFile(join(folder, 'backups', name), '');
  const longAgo = Date.now() / 1000 - 25 * 3600;
  await utimes(join(folder, 'backups', 'old.part'), longAgo, longAgo);
  await store.keep({ ...about, id: '20260102-120000-abcdef' }, chunks('two'), signal);
  const names = await readdir(join(folder, 'backups'));
  expect(names.filter((name) => name.endsWith('.part'))).toEqual(['young.part']);
});

it('holds little of what goes through it', async () => {
  const store = createBackupStore(folder);
  const block = Buffer.alloc(1024 * 1024, 7);
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const large = async function* () {
    for (let at = 0; at < 200; at += 1) {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      yield block;
    }
  };
  const kept = await store.keep(about, large(), signal);
  expect(kept.contentBytes).toBe(200 * block.length);
  expect(most).toBeLessThan(64 * block.length);
});
