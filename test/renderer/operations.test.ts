import { expect, test } from 'vitest';
import { createOperationsStore, selectOperation, summarize } from '../../renderer/store/operations.ts';
import { localId } from '../support/scenarios-data.ts';
import { failedOperation, runningOperation } from '../support/scenarios-plans.ts';
import { createFakeClient, createQueue } from './support.ts';

function setUp() {
  const fake = createFakeClient();
  const frames = createQueue();
  const store = createOperationsStore(fake.client, frames.schedule, createQueue().after);
  frames.flush();
  const send = (frame: unknown) => fake.send({ t: 'frame', id: fake.opens().at(-1)?.id ?? -1, frame });
  return { ...fake, frames, store, sendFrame: send };
}

test('progress changes its own step and leaves the identity of the others', () => {
  const { store, frames, sendFrame } = setUp();
  sendFrame({ kind: 'operation', operation: runningOperation });
  frames.flush();
  const before = store.getState().byId[runningOperation.id]?.progress;
  sendFrame({ kind: 'progress', operation: runningOperation.id, progress: { step: '2', state: 'done' } });
  frames.flush();
  const after = store.getState().byId[runningOperation.id]?.progress;
  expect(after?.['2']).toEqual({ step: '2', state: 'done' });
  expect(after?.['7']).toBe(before?.['7']);
});

test('after a lost connection the list is what main sends then, also when it sends nothing', () => {
  const { store, frames, sendFrame, connection } = setUp();
  sendFrame({ kind: 'operation', operation: runningOperation });
  frames.flush();
  connection.setState({ kind: 'lost', since: 0 }, true);
  expect(Object.keys(store.getState().byId)).toEqual([runningOperation.id]);
  connection.setState({ kind: 'open' }, true);
  frames.flush();
  expect(store.getState().byId).toEqual({});
});

test('a dismissed operation is gone', () => {
  const { store, frames, sendFrame } = setUp();
  sendFrame({ kind: 'operation', operation: failedOperation });
  sendFrame({ kind: 'dismissed', operation: failedOperation.id });
  frames.flush();
  expect(store.getState().byId).toEqual({});
});

test('the running operation of a stack is shown before a later one that has ended', () => {
  const later = { ...failedOperation, startedAt: '2099-01-01T00:00:00Z' };
  const byId = { [later.id]: later, [runningOperation.id]: runningOperation };
  expect(selectOperation({ byId }, localId)?.id).toBe(runningOperation.id);
  expect(selectOperation({ byId }, 'default/other')).toBeUndefined();
});

test('the summary counts a running step by its fraction and names the failed one', () => {
  expect(summarize(runningOperation)).toEqual({ done: 5, total: 10, fraction: 0.562, current: '2' });
  expect(summarize(failedOperation).current).toBe('2');
  expect(summarize({ ...runningOperation, steps: [], progress: {} }).fraction).toBe(1);
});
