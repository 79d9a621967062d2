import { expect, test } from 'vitest';
import type { Plan } from '../../preload/contract/model.ts';
import { createPlansStore } from '../../renderer/store/plans.ts';
import { localId } from '../support/scenarios-data.ts';
import { conflictPlan, redeployPlan, removePlan } from '../support/scenarios-plans.ts';
import { createFakeClient, settle } from './support.ts';

function setUp() {
  const fake = createFakeClient();
  const store = createPlansStore(fake.client);
  const answer = async (output: unknown) => {
    fake.send({ t: 'result', id: fake.calls().at(-1)?.id ?? -1, output });
    await settle();
  };
  const refuse = async (code: 'plan.changed' | 'engine.error', message = 'no') => {
    fake.send({ t: 'error', id: fake.calls().at(-1)?.id ?? -1, error: { code, message } });
    await settle();
  };
  const methods = () => fake.calls().map(({ method }) => method);
  return { ...fake, store, answer, refuse, methods, view: () => store.getState().views[localId] };
}
const stopPlan: Plan = { ...redeployPlan, action: 'stop', fingerprint: 'a' };

const first = { name: 'TOKEN', source: 'user' as const, services: ['web'], agreed: false };

test('a harmless action plans and runs in one go, with the fingerprint of what was planned', async () => {
  const { store, answer, calls, methods } = setUp();
  const outcome = store.actions.runNow(localId, 'stop');
  expect(store.getState().starting[localId]).toBe('stop');
  await answer(stopPlan);
  await answer({ operation: 'op' });
  expect(await outcome).toBe('started');
  expect(methods()).toEqual(['stacks.plan', 'stacks.run']);
  expect(calls()[1]?.input).toMatchObject({ action: 'stop', fingerprint: 'a' });
  expect(store.getState().starting).toEqual({});
});

test.each([
  ['something would be lost', { ...stopPlan, losses: ['volume x'] }],
  ['a step destroys', { ...stopPlan, steps: removePlan.steps }],
  ['a credential is asked for the first time', { ...stopPlan, credentials: [first] }],
  ['a port is taken', { ...stopPlan, conflicts: conflictPlan.conflicts }],
])('nothing runs unseen when %s', async (_why, plan) => {
  const { store, answer, methods, view } = setUp();
  const outcome = store.actions.runNow(localId, 'restart');
  await answer(plan);
  expect(await outcome).toBe('shown');
  expect(methods()).toEqual(['stacks.plan']);
  expect(view()?.phase).toBe('ready');
});

test('confirming agrees to the credentials that were shown for the first time, and to no other', async () => {
  const { store, answer, calls } = setUp();
  const requested = store.actions.request(localId, 'up');
  await answer({ ...redeployPlan, credentials: [first, { ...first, name: 'KNOWN', agreed: true }] });
  await requested;
  const confirmed = store.actions.confirm(localId);
  await answer({ operation: 'op' });
  await confirmed;
  expect(calls()[1]).toMatchObject({ method: 'stacks.run', input: { agree: ['TOKEN'] } });
});

test('a confirmed plan that no longer holds is replaced by the new one, and nothing is run', async () => {
  const { store, answer, refuse, methods, view } = setUp();
  const requested = store.actions.request(localId, 'up', { build: true });
  await answer(redeployPlan);
  await requested;
  const confirmed = store.actions.confirm(localId);
  await refuse('plan.changed');
  await answer({ ...redeployPlan, fingerprint: 'new' });
  await confirmed;
  expect(methods()).toEqual(['stacks.plan', 'stacks.run', 'stacks.plan']);
  expect(view()).toMatchObject({
    phase: 'ready',
    changed: true,
    options: { build: true },
    plan: { fingerprint: 'new' },
  });
});

test('an answer to an older request does not replace the newer plan', async () => {
  const { store, calls, send, view } = setUp();
  const first = store.actions.request(localId, 'up');
  const second = store.actions.request(localId, 'down');
  const [up, down] = calls();
  send({ t: 'result', id: down?.id ?? -1, output: removePlan });
  send({ t: 'result', id: up?.id ?? -1, output: redeployPlan });
  await Promise.all([first, second]);
  expect(view()?.plan?.action).toBe('down');
});

test('a failed run stays with its plan; a failed quick action is reported until it is closed', async () => {
  const { store, answer, refuse, view } = setUp();
  const requested = store.actions.request(localId, 'up');
  await answer(redeployPlan);
  await requested;
  const confirmed = store.actions.confirm(localId);
  await refuse('engine.error', 'disk full');
  await confirmed;
  expect(view()).toMatchObject({ phase: 'failed', error: { message: 'disk full' } });

  const quick = store.actions.runNow(localId, 'start');
  await refuse('engine.error', 'no such container');
  expect(await quick).toBe('failed');
  const [failure] = store.getState().failures;
  expect(failure).toMatchObject({ title: 'Could not start', error: { message: 'no such container' } });
  store.actions.close(failure?.id ?? -1);
  expect(store.getState().failures).toEqual([]);
});
