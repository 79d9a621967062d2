import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConfigRepository, createConfigRepository } from '../support/config-repository.ts';
import { type ConfigSync, startConfigSync } from '../support/config-sync.ts';
import { testEngine } from '../support/engine.ts';
import { startTeamDatabases } from '../support/team-databases.ts';
import {
  addPerson,
  type Controller,
  operatorToken,
  type Person,
  serviceKey,
  startController,
} from './controller-support.ts';

/* A real controller in front of a real config-sync: what people see of the configuration, and an operator's approval. */

const engine = testEngine();
let repository: ConfigRepository;
let data: string;
let sync: ConfigSync;
let controller: Controller;
let guest: Person;
let member: Person;
let base: string;

beforeAll(async () => {
  repository = await createConfigRepository();
  data = await mkdtemp(join(tmpdir(), 'claude-env-data-'));
  base = await repository.commit({ 'claude/CLAUDE.md': 'Base.\n' }, 'alice');
  await repository.push();
  sync = await startConfigSync({ ...repository, serviceKey }, data);
  await sync.sync();
  controller = await startController(await startTeamDatabases(engine), {
    CONFIG_SYNC_URL: `http://127.0.0.1:${sync.ports.http}`,
  });
  await controller.line(({ message }) => message === 'ready');
  guest = await addPerson(controller, 'guest');
  member = await addPerson(controller, 'member');
});
afterAll(async () => {
  await controller?.stop();
  await sync?.stop();
  await engine.cleanUp();
  await repository?.remove();
  await rm(data, { recursive: true, force: true });
});

const get = (path: string, { token }: { readonly token: string }) =>
  controller.call('GET', `/api/v1/config${path}`, { token });

it('tells a guest what is offered, and hands it out as it is', async () => {
  const { status, body } = await get('', guest);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    current: { sha: base, signedBy: 'alice@example.com', subject: 'Change by alice' },
    sync: { error: null, remoteHead: base },
    archive: `/api/v1/config/archive/${base}`,
  });
  const archive = await fetch(`http://127.0.0.1:${controller.ports.http}${body.archive}`, {
    headers: { authorization: `Bearer ${guest.token}`, 'x-claude-env-gateway': `Bearer ${serviceKey}` },
  });
  const digest = createHash('sha256')
    .update(Buffer.from(await archive.arrayBuffer()))
    .digest('hex');
  expect(digest).toBe((await sync.state()).current?.archive.sha256);
});

it('shows members what waits and why it may not be, and lets operators alone approve', async () => {
  const bad = await repository.commit({ 'claude/settings.json': 'no JSON' }, null);
  const good = await repository.commit({ 'claude/settings.json': '{}' }, 'mallory');
  await repository.push();
  await sync.sync();
  const { status, body } = await get('/revisions', member);
  expect([status, body.revisions]).toMatchObject([
    200,
    [
      { sha: good, signature: 'unknown-signer' },
      { sha: bad, signature: 'none', refused: { reason: 'settings-not-json' } },
    ],
  ]);
  const approve = (sha: string, token: string) =>
    controller.call('POST', `/api/v1/config/revisions/${sha}/approve`, { token });
  expect((await approve(good, member.token)).status).toBe(403);
  const refused = await approve(bad, operatorToken);
  expect([refused.status, refused.body.error.code]).toEqual([422, 'revision.refused']);
  const unknown = await approve('0'.repeat(40), operatorToken);
  expect([unknown.status, unknown.body.error.code]).toEqual([404, 'revision.unknown']);
  expect((await approve(good, operatorToken)).status).toBe(200);
  expect((await sync.state()).current).toMatchObject({ sha: good, approvedBy: 'Olga' });
  expect((await get('', guest)).body.current).toMatchObject({ sha: good, approvedBy: 'Olga' });
  expect((await get(`/archive/${bad}`, guest)).status).toBe(404);
});

it('has the repository looked at when somebody asks, and says what that brought', async () => {
  const look = async (token: string) => (await controller.call('POST', '/api/v1/config/sync', { token })).body;
  expect(await look(member.token)).toMatchObject({ done: true, error: null, offered: null, waiting: [] });
  const signed = await repository.commit({ 'claude/CLAUDE.md': 'Signed.\n' }, 'alice');
  await repository.push();
  expect(await look(member.token)).toMatchObject({ offered: { sha: signed, subject: 'Change by alice' }, waiting: [] });
  expect((await get('', guest)).body.current.sha).toBe(signed);
  const unsigned = await repository.commit({ 'claude/CLAUDE.md': 'By nobody.\n' }, null);
  await repository.push();
  expect(await look(member.token)).toMatchObject({ offered: null, waiting: [{ sha: unsigned, refused: null }] });
  // It is no news twice, and still waits.
  expect(await look(operatorToken)).toMatchObject({ offered: null, waiting: [], pending: 1 });
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => controller.call('POST', '/api/v1/config/sync', { token: member.token })),
  );
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
});

it('says that config-sync is away, and what is wrong with the repository', async () => {
  await repository.git('--git-dir', repository.remote, 'update-ref', '-d', 'refs/heads/main');
  await sync.sync();
  // The controller asks config-sync once in two seconds, for everybody.
  const seen = async () =>
    (await controller.call('GET', '/api/v1/overview', { token: member.token })).body.sync.lastError;
  await expect.poll(seen).toBe('The repository has no branch main.');
  await sync.stop();
  expect((await get(`/archive/${base}`, guest)).status).toBe(503);
});
