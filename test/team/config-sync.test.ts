import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConfigRepository, createConfigRepository } from '../support/config-repository.ts';
import { type ConfigSync, startConfigSync } from '../support/config-sync.ts';

let repository: ConfigRepository;
let service: ConfigSync;
let data: string;

beforeAll(async () => {
  repository = await createConfigRepository();
  data = await mkdtemp(join(tmpdir(), 'claude-env-data-'));
  await repository.commit(
    { 'claude/CLAUDE.md': 'Be kind.\n', 'claude/.credentials.json': '{}', 'README.md': 'x' },
    'alice',
  );
  await repository.push();
  service = await startConfigSync(repository, data);
});
afterAll(async () => {
  await service?.stop();
  await repository?.remove();
  await rm(data, { recursive: true, force: true });
});

describe('config-sync', () => {
  it('offers what an allowed signer signed, and of that only what is for members', async () => {
    const { current, error, pending } = await service.sync();
    expect({ error, pending }).toEqual({ error: null, pending: [] });
    expect(current).toMatchObject({ sha: await repository.git('rev-parse', 'HEAD'), signedBy: 'alice@example.com' });
    expect(current && (await service.archive(current))).toEqual({ 'claude/CLAUDE.md': 'Be kind.\n' });
  });

  it('keeps what nobody signed, or a stranger, until an operator approves exactly that commit', async () => {
    const before = (await service.state()).current?.sha;
    const stranger = await repository.commit({ 'claude/hooks/evil.sh': 'rm -rf ~' }, 'mallory');
    const nobody = await repository.commit({ 'claude/CLAUDE.md': 'Be quick.\n' }, null);
    await repository.push();
    const state = await service.sync();
    expect(state.error).toBeNull();
    expect(state.current?.sha).toBe(before);
    expect(state.pending).toMatchObject([
      { sha: nobody, signature: 'none', signer: null, refused: null },
      { sha: stranger, signature: 'unknown-signer', signer: null, refused: null },
    ]);
    expect(await service.request(`/archive/${nobody}`)).toMatchObject({ status: 404 });
    expect(await service.approve(nobody)).toEqual({ status: 200, code: undefined });
    const after = await service.state();
    expect(after).toMatchObject({ pending: [], current: { sha: nobody, approvedBy: 'Olivia', signedBy: null } });
    expect(await service.approve(stranger)).toEqual({ status: 409, code: 'revision.older' });
    expect(await service.approve('0'.repeat(40))).toEqual({ status: 404, code: 'revision.unknown' });
  });

  it('serves only our own services, but says to all how it is', async () => {
    for (const [path, method] of [
      ['/state', 'GET'],
      ['/revisions', 'GET'],
      [`/archive/${'0'.repeat(40)}`, 'GET'],
      [`/revisions/${'0'.repeat(40)}/approve`, 'POST'],
      ['/sync', 'POST'],
    ] as const)
      expect((await service.request(path, { method, headers: { authorization: 'Bearer no' } })).status, path).toBe(401);
    const anybody = { headers: { authorization: '' } };
    expect((await service.request('/health', anybody)).status).toBe(200);
    expect((await service.request('/ready', anybody)).status).toBe(200);
    const metrics = await (await service.request('/metrics', anybody)).text();
    expect(metrics).toMatch(/^claude_env_sync_total\{status="success"\} [1-9]/m);
    expect(metrics).toMatch(/^claude_env_sync_total\{status="failure"\} 0$/m);
    expect(metrics).toMatch(/^claude_env_config_revision_info\{sha="[0-9a-f]{40}",trust="approval"\} 1$/m);
  });

  it('serves the same after a restart without its remote', async () => {
    const { current } = await service.state();
    await service.stop();
    service = await startConfigSync({ ...repository, url: `file://${repository.folder}/gone.git` }, data);
    const state = await service.sync();
    expect(state.current).toEqual(current);
    expect(state.error?.code).toBe('remote.not-found');
    expect(current && (await service.archive(current))).toMatchObject({ 'claude/CLAUDE.md': 'Be quick.\n' });
  });
});
