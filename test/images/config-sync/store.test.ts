import { createHash } from 'node:crypto';
import * as nodeFiles from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Files,
  keptRevisions,
  type OfferedRevision,
  openStore,
} from '../../../resources/images/config-sync/src/store.mjs';

let folder: string;
beforeEach(async () => {
  folder = await nodeFiles.mkdtemp(join(tmpdir(), 'claude-env-store-'));
});
afterEach(() => nodeFiles.rm(folder, { recursive: true, force: true }));

const shaOf = (name: string) => createHash('sha1').update(name).digest('hex');
const revision = (name: string, archive: OfferedRevision['archive']): OfferedRevision => ({
  sha: shaOf(name),
  since: '2026-01-01T00:00:00.000Z',
  subject: name,
  author: 'Ada',
  date: '2026-01-01T00:00:00.000Z',
  signedBy: 'ada',
  approvedBy: null,
  archive,
});

/** What config-sync does for a revision, step for step. */
async function offer(files: Files, name: string) {
  const store = await openStore(folder, files);
  const archive = await store.putArchive(shaOf(name), async (path) => {
    const handle = await files.open(path, 'w');
    await handle.writeFile(name);
    await handle.close();
    return { sha256: createHash('sha256').update(name).digest('hex'), bytes: name.length, files: 1 };
  });
  await store.offer(revision(name, archive));
  await store.noteSync('2026-01-02T00:00:00.000Z');
}

/** Files that work `steps` times, and never again: what a process that is killed leaves, or a full disk. */
function endAfter(steps: number, state: { left: number }): Files {
  state.left = steps;
  const guard = (what: string) => {
    state.left -= 1;
    if (state.left < 0) throw Object.assign(new Error(`the end, at ${what}`), { code: 'ENOSPC' });
  };
  const { mkdir, readFile, readdir, rename, rm } = nodeFiles;
  const wrapped = Object.fromEntries(
    Object.entries({ mkdir, readFile, readdir, rename, rm }).map(([name, work]) => [
      name,
      async (...args: never[]) => {
        guard(name);
        return (work as (...all: never[]) => Promise<unknown>)(...args);
      },
    ]),
  );
  const open = async (...args: Parameters<typeof nodeFiles.open>) => {
    guard('open');
    const handle = await nodeFiles.open(...args);
    const { writeFile, sync } = handle;
    handle.writeFile = async (data, options) => {
      // Half of it got there.
      if (state.left <= 0 && typeof data === 'string') await writeFile.call(handle, data.slice(0, data.length / 2));
      guard('write');
      return writeFile.call(handle, data, options);
    };
    handle.sync = async () => {
      guard('sync');
      return sync.call(handle);
    };
    return handle;
  };
  return { ...wrapped, open } as unknown as Files;
}

describe('what is offered, on disk', () => {
  it('is the revision before or the one after, whole, wherever the service ends', async () => {
    const state = { left: 0 };
    const seen = new Set<string>();
    let steps = 0;
    for (let done = false; !done; steps += 1) {
      await nodeFiles.rm(folder, { recursive: true });
      await offer(nodeFiles, 'before');
      done = await offer(endAfter(steps, state), 'after').then(
        () => true,
        (error: Error) => {
          expect(error.message).toMatch(/^the end/);
          return false;
        },
      );
      const store = await openStore(folder);
      const [current] = store.kept.offered;
      expect(current && (await store.isIntact(current)), `after ${steps} steps`).toBe(true);
      seen.add(current?.subject ?? 'nothing');
      // The next try ends well.
      await offer(nodeFiles, 'after');
      const next = await openStore(folder);
      expect(next.kept).toMatchObject({
        offered: [{ subject: 'after' }, { subject: 'before' }],
        lastSync: '2026-01-02T00:00:00.000Z',
      });
      expect((await nodeFiles.readdir(join(folder, 'archives'))).sort()).toEqual(
        [`${shaOf('after')}.tar.gz`, `${shaOf('before')}.tar.gz`].sort(),
      );
    }
    expect(seen).toEqual(new Set(['before', 'after']));
    expect(steps).toBeGreaterThan(15);
  });

  it('goes on with what it had, in memory as well, when the disk is full', async () => {
    await offer(nodeFiles, 'before');
    const state = { left: 0 };
    const store = await openStore(folder, endAfter(1000, state));
    state.left = 0;
    await expect(store.offer(revision('after', { sha256: '', bytes: 0, files: 0 }))).rejects.toMatchObject({
      code: 'ENOSPC',
    });
    expect(store.kept.offered).toMatchObject([{ subject: 'before' }]);
  });

  it('keeps the archives of the last revisions', async () => {
    for (let index = 0; index < keptRevisions + 3; index += 1) await offer(nodeFiles, `r${index}`);
    const store = await openStore(folder);
    expect(store.kept.offered).toHaveLength(keptRevisions);
    expect(store.kept.offered[0]?.subject).toBe(`r${keptRevisions + 2}`);
    expect(await nodeFiles.readdir(join(folder, 'archives'))).toHaveLength(keptRevisions);
  });

  it('sees that an archive changed, or is gone', async () => {
    await offer(nodeFiles, 'one');
    const store = await openStore(folder);
    const [current] = store.kept.offered;
    if (current === undefined) throw new Error('nothing is offered');
    expect(await store.isIntact(current)).toBe(true);
    await nodeFiles.writeFile(store.archivePath(current.sha), 'other');
    expect(await store.isIntact(current)).toBe(false);
    await nodeFiles.rm(store.archivePath(current.sha));
    expect(await store.isIntact(current)).toBe(false);
  });

  it.each(['', '{', 'null', '{"version":2}'])('does not take %j for a beginning', async (text) => {
    await nodeFiles.writeFile(join(folder, 'state.json'), text);
    await expect(openStore(folder)).rejects.toThrow(/state\.json is not what config-sync wrote/);
  });
});
