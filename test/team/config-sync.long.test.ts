import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigRepository, createConfigRepository } from '../support/config-repository.ts';
import { type ConfigSync, startConfigSync } from '../support/config-sync.ts';

/*
 * Whatever happens to the team's repository, or to config-sync, the last revision that was signed or approved is served.
 */

const run = promisify(execFile);
/** For those that commit, push and sync much, on a machine that does other things too. In ms. */
const long = 600_000;
const mebibyte = 1024 * 1024;

let repository: ConfigRepository;
let data: string;
let service: ConfigSync;
let base: string;

beforeEach(async () => {
  repository = await createConfigRepository();
  data = await mkdtemp(join(tmpdir(), 'claude-env-data-'));
  base = await repository.commit({ 'claude/CLAUDE.md': 'Base.\n' }, 'alice');
  await repository.push();
  service = await startConfigSync(repository, data);
  expect((await service.sync()).current?.sha).toBe(base);
});
afterEach(async () => {
  await service.stop();
  await repository.remove();
  await rm(data, { recursive: true, force: true });
});

/** That this revision, and no other, is what a member would get now; and what is said about the newer ones. */
async function expectServed(sha: string, text: string, error: string | null) {
  const state = await service.sync();
  expect({ sha: state.current?.sha, error: state.error?.code ?? null }).toEqual({ sha, error });
  expect(state.current && (await service.archive(state.current))).toEqual({ 'claude/CLAUDE.md': text });
  return state;
}

const bytesIn = async (folder: string) => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
};

describe('the last revision that was approved stays served', () => {
  it('while the remote is gone, and when it comes back', async () => {
    await rename(repository.remote, `${repository.remote}.away`);
    await expectServed(base, 'Base.\n', 'remote.not-found');
    const next = await repository.commit({ 'claude/CLAUDE.md': 'Next.\n' }, 'alice');
    await rename(`${repository.remote}.away`, repository.remote);
    await repository.push();
    await expectServed(next, 'Next.\n', null);
  });

  it('when the branch is force-pushed: to another history, to an older revision, to nothing', async () => {
    const top = await repository.commit({ 'claude/CLAUDE.md': 'Top.\n' }, 'alice');
    await repository.push();
    await expectServed(top, 'Top.\n', null);
    // Set back to what was signed before.
    await repository.git('reset', '--quiet', '--hard', base);
    await repository.push('--force');
    const { pending } = await expectServed(top, 'Top.\n', 'history.rewritten');
    expect(pending).toMatchObject([{ sha: base, signature: 'good' }]);
    // Another history, signed as well.
    const other = await repository.commit({ 'claude/CLAUDE.md': 'Other.\n' }, 'alice');
    await repository.push('--force');
    await expectServed(top, 'Top.\n', 'history.rewritten');
    // No branch at all.
    await repository.git('--git-dir', repository.remote, 'update-ref', '-d', 'refs/heads/main');
    await expectServed(top, 'Top.\n', 'remote.no-branch');
    // An operator takes it, and from then on signatures count again.
    await repository.push();
    await expectServed(top, 'Top.\n', 'history.rewritten');
    expect(await service.approve(other)).toMatchObject({ status: 200 });
    const next = await repository.commit({ 'claude/CLAUDE.md': 'Next.\n' }, 'alice');
    await repository.push();
    await expectServed(next, 'Next.\n', null);
  });

  it('when the next commits are unsigned, a stranger’s, or changed after they were signed', async () => {
    await repository.commit({ 'claude/CLAUDE.md': 'Unsigned.\n' }, null);
    await repository.commit({ 'claude/CLAUDE.md': 'Mallory.\n' }, 'mallory');
    await repository.commit({ 'claude/CLAUDE.md': 'Signed.\n' }, 'alice');
    const signed = await repository.git('cat-file', 'commit', 'HEAD');
    const changed = await repository.writeObject('commit', `${signed.replace('Change by', 'Changed by')}\n`);
    await repository.git('update-ref', 'refs/heads/main', changed);
    await repository.push();
    const { pending } = await expectServed(base, 'Base.\n', null);
    expect(pending.map(({ signature }) => signature)).toEqual(['bad', 'unknown-signer', 'none']);
  });

  it('when a merge that nobody signed brings in what was signed on another branch', async () => {
    const { git, commit, push } = repository;
    await git('checkout', '--quiet', '-b', 'draft');
    const draft = await commit({ 'claude/hooks/draft.sh': 'draft' }, 'alice');
    await git('checkout', '--quiet', 'main');
    await git('merge', '--quiet', '--no-ff', '--no-gpg-sign', '-m', 'Merge', 'draft');
    await push();
    const merged = await expectServed(base, 'Base.\n', null);
    expect(merged.pending.map(({ sha }) => sha)).toEqual([await git('rev-parse', 'main')]);
    expect(await service.approve(draft)).toMatchObject({ status: 404 });
    // The other way round: the branch goes on from the draft, and what members have is merged into it.
    await git('reset', '--quiet', '--hard', base);
    const top = await commit({ 'claude/CLAUDE.md': 'Top.\n' }, 'alice');
    await push('--force');
    await expectServed(top, 'Top.\n', null);
    await git('checkout', '--quiet', '-B', 'main', draft);
    await git('merge', '--quiet', '--no-ff', '--no-gpg-sign', '-m', 'Merge', top);
    await push('--force');
    const turned = await expectServed(top, 'Top.\n', null);
    expect(turned.pending.map(({ sha }) => sha)).toEqual([await git('rev-parse', 'main')]);
  });

  it.each([
    ['that the remote can leave out', 'true', randomBytes(100 * mebibyte), 'revision.refused', mebibyte],
    ['that it cannot', 'false', randomBytes(100 * mebibyte), 'fetch.too-big', mebibyte],
    ['that is small while it is packed', 'false', Buffer.alloc(100 * mebibyte), 'revision.refused', 2 * mebibyte],
  ])('when a commit brings a file of 100 MB %s', { timeout: long }, async (_how, filters, content, error, room) => {
    await repository.git('--git-dir', repository.remote, 'config', 'uploadpack.allowFilter', filters);
    // Random bytes need not be packed tighter.
    if (content[0] !== content[1]) await repository.git('config', 'core.compression', '0');
    await repository.commit({ 'claude/skills/big.bin': content }, 'alice');
    await repository.push();
    await expectServed(base, 'Base.\n', error);
    // Not a second time, and nothing of it stays.
    await expectServed(base, 'Base.\n', error);
    expect(await bytesIn(data)).toBeLessThan(room);
    expect(service.lines.filter(({ message }) => message === 'fetching')).toHaveLength(2);
    if (error === 'fetch.too-big') return;
    const next = await repository.commit({ 'claude/skills/big.bin': 'small' }, 'alice');
    await repository.push();
    expect(await service.sync()).toMatchObject({ error: null, current: { sha: next } });
  });

  it('among 1,000 revisions; one in their middle can be approved', { timeout: long }, async () => {
    const who = 'committer Bob <bob@example.com> 1800000000 +0000';
    const commits = Array.from({ length: 1000 }, (_, index) => {
      const text = `Revision ${index}.\n`;
      const from = index === 0 ? `from ${base}\n` : '';
      return `commit refs/heads/main\n${who}\ndata 2\nr\n${from}M 100644 inline claude/CLAUDE.md\ndata ${text.length}\n${text}\n`;
    });
    const script = join(repository.folder, 'commits');
    await writeFile(script, commits.join(''));
    await run('sh', ['-c', `git fast-import --quiet --force < '${script}'`], { cwd: join(repository.folder, 'work') });
    await repository.push();
    const { pendingCount, pending } = await expectServed(base, 'Base.\n', null);
    expect([pendingCount, pending.length]).toEqual([1000, 50]);
    const middle = await repository.git('rev-parse', 'main~499');
    expect(await service.approve(middle)).toMatchObject({ status: 200 });
    expect(await expectServed(middle, 'Revision 500.\n', null)).toMatchObject({ pendingCount: 499 });
  });

  it('through 60 signed revisions one after the other, of which the last 20 can be had', {
    timeout: long,
  }, async () => {
    for (let index = 0; index < 60; index += 1) {
      const sha = await repository.commit({ 'claude/CLAUDE.md': `Revision ${index}.\n` }, 'alice');
      await repository.push();
      expect(await service.sync()).toMatchObject({ error: null, current: { sha } });
    }
    const statusOf = async (sha: string) =>
      (await service.request(`/archive/${await repository.git('rev-parse', sha)}`)).status;
    expect([await statusOf('main~19'), await statusOf('main~20')]).toEqual([200, 404]);
    // Packs were put together on the way.
    const packs = (await readdir(join(data, 'git', 'fetch.git', 'objects', 'pack'))).filter((name) =>
      name.endsWith('.pack'),
    );
    expect(packs.length).toBeLessThan(45);
  });

  it('when its archive, or the whole copy of the repository, is damaged', async () => {
    const { current } = await service.state();
    await service.stop();
    await writeFile(join(data, 'archives', `${base}.tar.gz`), 'damaged');
    service = await startConfigSync(repository, data);
    expect((await expectServed(base, 'Base.\n', null)).current?.archive).toEqual(current?.archive);
    await rm(join(data, 'git', 'fetch.git', 'objects', 'pack'), { recursive: true });
    const next = await repository.commit({ 'claude/CLAUDE.md': 'Next.\n' }, 'alice');
    await repository.push();
    await service.sync();
    await expectServed(next, 'Next.\n', null);
  });
});

describe('kill -9', () => {
  it.each(['fetching', 'packing', 'switching', 'offered', 'synced'])(
    'at “%s” leaves the revision before or after',
    async (step) => {
      const next = await repository.commit({ 'claude/CLAUDE.md': 'Next.\n' }, 'alice');
      await repository.push();
      const before = service.lines.length;
      const reached = new Promise<void>((resolve) => {
        void service
          .line((line) => service.lines.indexOf(line) >= before && line.message === step)
          .then(() => resolve());
      });
      const cut = service.request('/sync', { method: 'POST' }).then(
        () => undefined,
        () => undefined,
      );
      await reached;
      await service.stop('SIGKILL');
      await cut;
      // Without the remote, so that nothing but the disk speaks.
      service = await startConfigSync({ ...repository, url: 'file:///nowhere' }, data);
      const found = await service.state();
      expect([base, next]).toContain(found.current?.sha);
      expect(found.current && (await service.archive(found.current))).toEqual({
        'claude/CLAUDE.md': found.current?.sha === base ? 'Base.\n' : 'Next.\n',
      });
      await service.stop();
      service = await startConfigSync(repository, data);
      await expectServed(next, 'Next.\n', null);
    },
  );
});

describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)('a full disk', () => {
  let mounted: string;
  beforeEach(async () => {
    mounted = await mkdtemp(join(tmpdir(), 'claude-env-disk-'));
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', mounted]);
    await service.stop();
    service = await startConfigSync(repository, mounted);
    await expectServed(base, 'Base.\n', null);
  });
  afterEach(async () => {
    await service.stop();
    await run('umount', [mounted]);
    await rm(mounted, { recursive: true });
  });

  it('keeps what is served, and goes on once there is room', async () => {
    const fill = join(mounted, 'fill');
    await run('sh', ['-c', 'head -c 8m /dev/zero > "$1" || true', 'sh', fill]).catch((error: Error) => error);
    const next = await repository.commit({ 'claude/CLAUDE.md': 'Next.\n' }, 'alice');
    await repository.push();
    await expectServed(base, 'Base.\n', 'disk.full');
    // It also starts, and serves, with no room at all.
    await service.stop();
    service = await startConfigSync(repository, mounted);
    await expectServed(base, 'Base.\n', 'disk.full');
    await rm(fill);
    await expectServed(next, 'Next.\n', null);
  });

  it('is not filled by a branch that brings more than there is room for', async () => {
    await repository.commit({ 'claude/skills/big.bin': randomBytes(4.5 * mebibyte) }, 'alice');
    await repository.push();
    await expectServed(base, 'Base.\n', 'disk.full');
    expect(await bytesIn(mounted)).toBeLessThan(mebibyte);
  });
});
