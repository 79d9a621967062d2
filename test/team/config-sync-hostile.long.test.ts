import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConfigRepository, createConfigRepository } from '../support/config-repository.ts';
import { type ConfigSync, startConfigSync } from '../support/config-sync.ts';

/*
 * Trees that git itself would not make, signed by an allowed signer: a signature vouches for who made it, not for what
 * it would do to a member's machine.
 */

let repository: ConfigRepository;
let service: ConfigSync;
let data: string;
let base: string;
let blob: string;

beforeAll(async () => {
  repository = await createConfigRepository();
  data = await mkdtemp(join(tmpdir(), 'claude-env-data-'));
  base = await repository.commit({ 'claude/CLAUDE.md': 'Base.\n' }, 'alice');
  await repository.push();
  blob = await repository.writeObject('blob', 'evil\n');
  service = await startConfigSync(repository, data);
  await service.sync();
});
afterAll(async () => {
  await service?.stop();
  await repository?.remove();
  await rm(data, { recursive: true, force: true });
});

type Entry = readonly [mode: string, name: string | Buffer, oid?: string];
const tree = (...entries: readonly Entry[]) =>
  repository.writeObject(
    'tree',
    Buffer.concat(
      entries.flatMap(([mode, name, oid]) => [
        Buffer.from(`${mode} `),
        Buffer.from(name),
        Buffer.from([0]),
        Buffer.from(oid ?? blob, 'hex'),
      ]),
    ),
  );
const file = '100644';
const folder = '40000';

it.each<readonly [string, readonly Entry[]]>([
  ['..', [[file, '..']]],
  ['a folder ..', [[folder, '..', 'inner']]],
  ['an absolute path', [[file, '/etc/passwd']]],
  ['a path in a name', [[file, '../../x']]],
  ['.git', [[folder, '.git', 'inner']]],
  ['.GIT', [[folder, '.GIT', 'inner']]],
  ['git~1', [[folder, 'git~1', 'inner']]],
  ['.git with an invisible sign', [[folder, '.g\u200cit', 'inner']]],
  ['a symbolic link', [['120000', 'link']]],
  ['a link out of the folder that is a folder in Windows', [['120000', 'hooks']]],
  ['a submodule', [['160000', 'module', 'a'.repeat(40)]]],
  ['a line end', [[file, 'a\nb']]],
  ['a direction mark', [[file, 'a\u202eb']]],
  ['bytes that are no text', [[file, Buffer.from([0x61, 0xff, 0xfe])]]],
  ['a backslash', [[file, 'a\\..\\b']]],
  ['a stream', [[file, 'a:b']]],
  ['a device', [[file, 'NUL']]],
  ['a dot at the end', [[file, 'a.']]],
  [
    'names that differ in case',
    [
      [file, 'A.md'],
      [file, 'a.md'],
    ],
  ],
  [
    'the same name twice',
    [
      [file, 'a'],
      [file, 'a'],
    ],
  ],
  [
    'a file and a folder of one name',
    [
      [file, 'a'],
      [folder, 'a', 'inner'],
    ],
  ],
])('never offers %s', async (_what, entries) => {
  const inner = await tree([file, 'x']);
  const hooks = await tree(
    ...entries.map(([mode, name, oid]): Entry => [mode, name, oid === 'inner' ? inner : (oid ?? blob)]),
  );
  const claude = await tree([file, 'CLAUDE.md', blob], [folder, 'hooks', hooks]);
  const sha = await repository.commitTree(await tree([folder, 'claude', claude]), 'alice');
  await repository.push();
  const state = await service.sync();
  expect(state.current?.sha).toBe(base);
  expect(['revision.refused', 'revision.malformed']).toContain(state.error?.code);
  // Nor does an operator's approval.
  expect((await service.approve(sha)).status).not.toBe(200);
  expect((await service.request(`/archive/${sha}`)).status).toBe(404);
  await repository.git('update-ref', 'refs/heads/main', base);
  await repository.push('--force');
  expect(await service.sync()).toMatchObject({ error: null, current: { sha: base } });
});

it('offers nothing of a key that has ended, whatever date its commit says', async () => {
  const { folder } = repository;
  await promisify(execFile)(
    'git',
    [
      ...['-C', join(folder, 'work'), '-c', `user.signingKey=${join(folder, 'mallory')}`],
      ...['commit', '--quiet', '--allow-empty', '-S', '-m', 'From before'],
    ],
    { env: { PATH: process.env.PATH, HOME: folder, GIT_COMMITTER_DATE: '2024-06-01T12:00:00Z' } },
  );
  await repository.push();
  const key = await readFile(join(folder, 'mallory.pub'), 'utf8');
  const ofMallory = async (until: string) => {
    const allowedSigners = `mallory@example.com namespaces="git",valid-before="${until}" ${key}`;
    const other = await startConfigSync({ ...repository, allowedSigners }, await mkdtemp(join(data, 'other-')));
    const { current } = await other.sync();
    await other.stop();
    return current?.signedBy ?? null;
  };
  expect([await ofMallory('20250101'), await ofMallory('29991231')]).toEqual([null, 'mallory@example.com']);
});
