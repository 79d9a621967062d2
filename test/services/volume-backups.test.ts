import { expect, it } from 'vitest';
import type { ObservedStack } from '../../main/core/swarm/observed.ts';
import type { VolumeAccess, VolumeFacts, VolumeUser } from '../../main/services/ports.ts';
import { createVolumeBackups } from '../../main/services/volume-backups.ts';
import { node, observedService, observedStack, task } from '../support/builders-swarm.ts';
import { createFakeEngine } from '../support/fake-engine.ts';
import { createFakeBackups, createFakeClock, createFakeIds } from '../support/fake-engine-world.ts';

const service = observedService('shop_db', {
  TaskTemplate: { ContainerSpec: { Image: 'x', Mounts: [{ Type: 'volume', Source: 'shop_data', ReadOnly: true }] } },
});
const swarm = (members: Partial<ObservedStack> = {}): ObservedStack =>
  observedStack('shop', { node: 'id-n1', services: [service], nodes: [node('n1', { role: 'manager' })], ...members });
const local: VolumeFacts = { name: 'shop_data', driver: 'local', labels: { a: 'b' }, hasOptions: false };

async function setUp(options: { users?: readonly VolumeUser[]; facts?: VolumeFacts; fills?: () => void } = {}) {
  const engine = createFakeEngine();
  const done: string[] = [];
  let content = 'now';
  const volumes: VolumeAccess = {
    find: async () => options.facts ?? local,
    users: async () => options.users ?? [],
    ended: async (ids) => void done.push(`ended ${ids}`),
    read: async (_volume, take) => {
      done.push('read');
      return take(
        (async function* () {
          yield new TextEncoder().encode(content);
        })(),
      );
    },
    remove: async (_volume, ids) => void done.push(`remove ${ids}`),
    create: async ({ driver, labels }) => void done.push(`create ${driver} ${JSON.stringify(labels)}`),
    fill: async (_volume, archive) => {
      options.fills?.();
      content = '';
      for await (const chunk of archive) content += new TextDecoder().decode(chunk);
      done.push('fill');
    },
  };
  Object.assign(engine.connection, { volumes });
  const store = createFakeBackups();
  const backups = createVolumeBackups({
    engines: engine.engines,
    store,
    clock: createFakeClock(),
    ids: createFakeIds(),
  });
  const step = {
    stack: 'shop',
    service: 'db',
    volume: 'shop_data',
    node: 'n1',
    nodeId: 'id-n1',
    image: 'x',
    inUse: true,
  };
  const old = (async function* () {
    yield new TextEncoder().encode('then');
  })();
  await backups.keepVolume(
    {
      ...step,
      kind: 'backup-volume',
      engine: 'e',
      reason: 'before deploy',
      id: '',
      target: '',
      cause: '',
      destructive: false,
      after: [],
    },
    old,
    new AbortController().signal,
  );
  const [made] = await store.list();
  if (made === undefined) throw new Error('nothing was kept');
  const restore = (observed = swarm()) =>
    backups.restore(
      made.id,
      { connection: engine.connection, observed },
      () => undefined,
      new AbortController().signal,
    );
  return { backups, store, made, done, restore, content: () => content, connection: engine.connection };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { error: { code: string; message: string } }) => `${error.error.code}: ${error.error.message}`,
  );

it('keeps what is there, then makes the volume anew with the same labels and fills it', async () => {
  const ended = { id: 'c1', name: 'shop_db.1.x', running: false, task: 't1' };
  const run = await setUp({ users: [ended] });
  await run.restore();
  expect(run.done).toEqual(['ended ', 'read', 'remove c1', 'create local {"a":"b"}', 'fill']);
  expect(run.content()).toBe('then');
  const before = (await run.store.list()).find(({ reason }) => reason === `before ${run.made.id} was put back`);
  expect(run.store.contents.get(before?.id ?? '')).toBe('now');
});

it('is refused while Swarm wants a task over it, also one that only reads; one that stops is waited for', async () => {
  const running = { id: 'c1', name: 'shop_db.1.x', running: true, task: `task-${service.id}-1` };
  const run = await setUp({ users: [running] });
  const up = swarm({ tasks: [task(service.id, 1)] });
  expect(await codeOf(run.restore(up))).toBe('engine.conflict: shop_data is in use: db has tasks.');
  expect(run.done).toEqual([]);
  const stopping = swarm({ tasks: [task(service.id, 1, { desired: 'shutdown' })] });
  await run.restore(stopping);
  expect(run.done[0]).toBe('ended c1');
});

it('touches nothing that others hold, or that a driver keeps somewhere else', async () => {
  const foreign = await setUp({ users: [{ id: 'c', name: 'mine', running: false }] });
  expect(await codeOf(foreign.restore())).toBe('engine.conflict: shop_data on n1 is held by stopped containers: mine.');
  const other = await setUp({ users: [{ id: 'c', name: 'other_x.1', running: true, task: 'of another stack' }] });
  expect(await codeOf(other.restore())).toBe('engine.conflict: shop_data on n1 is held by containers: other_x.1.');
  const nfs = await setUp({ facts: { ...local, hasOptions: true } });
  expect(await codeOf(nfs.restore())).toMatch(/^unsupported: /);
  for (const { done } of [foreign, other, nfs]) expect(done).toEqual([]);
});

it('says what to do when the volume was emptied and could not be filled', async () => {
  const run = await setUp({
    fills: () => {
      throw new Error('the engine is gone');
    },
  });
  const failed = await run.restore().catch((error: { error: { message: string; hint: string } }) => error.error);
  expect(failed).toMatchObject({
    code: 'volume.unfinished',
    message: 'shop_data on n1 was emptied and is not whole: the engine is gone',
  });
  const [before] = await run.store.list();
  expect((failed as { hint: string }).hint).toContain(`what it held before is ${before?.id}`);
});

it('its plan is one step that says what it holds then, and what of ended tasks goes; nothing is done yet', async () => {
  const ended = { id: 'c1', name: 'shop_db.1.x', running: false, task: 't1' };
  const run = await setUp({ users: [ended] });
  const { backups, made, connection, done } = run;
  const plan = await backups.planRestore(made.id, { connection, observed: swarm() });
  expect(plan).toMatchObject({
    action: 'restore-volume',
    losses: ['the log of shop_db.1.x: it has ended, and holds the volume'],
    steps: [{ kind: 'restore-volume', target: 'shop_data on n1', backup: made.id, destructive: false }],
  });
  expect(plan.steps[0]?.cause).toContain('what it holds now is copied to this machine first');
  expect(done).toEqual([]);
  const up = { connection, observed: swarm({ tasks: [task(service.id, 1)] }) };
  expect(await codeOf(backups.planRestore(made.id, up))).toMatch(/^engine.conflict: /);
});
