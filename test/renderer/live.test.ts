import { expect, test } from 'vitest';
import type { Frame } from '../../preload/contract/api.ts';
import { createLiveStore, selectStackOrder } from '../../renderer/store/live.ts';
import {
  blogServices,
  blogStack,
  dockerEngine,
  farmServices,
  farmStack,
  liveOf,
  localServices,
  localStack,
  mcpBundle,
  remoteEngine,
  shopServices,
  shopStack,
} from '../support/scenarios-data.ts';
import { createFakeClient, createQueue } from './support.ts';

const state = liveOf(
  [dockerEngine],
  [
    [localStack, localServices],
    [shopStack, shopServices],
  ],
);

function setUp() {
  const fake = createFakeClient();
  const frames = createQueue();
  const later = createQueue();
  const store = createLiveStore(fake.client, frames.schedule, later.after);
  const send = (frame: Frame<'live'>) => fake.send({ t: 'frame', id: fake.opens().at(-1)?.id ?? -1, frame });
  return { ...fake, frames, later, store, sendFrame: send };
}
const degraded = { op: 'put-service', value: { ...mcpBundle, aggregate: 'degraded' } } as const;

test('patches of one animation frame are applied as one change, and only their own entity changes', () => {
  const { store, frames, sendFrame } = setUp();
  sendFrame({ kind: 'snapshot', seq: 0, state });
  const before = store.getState();
  let changes = 0;
  store.subscribe(() => (changes += 1));
  sendFrame({ kind: 'patches', seq: 1, patches: [degraded] });
  sendFrame({
    kind: 'patches',
    seq: 2,
    patches: [{ op: 'put-stack', value: { ...localStack, aggregate: 'degraded' } }],
  });
  expect(changes).toBe(0);
  expect(frames.waiting()).toHaveLength(1);
  frames.flush();
  expect(changes).toBe(1);
  const after = store.getState();
  expect(after.services[mcpBundle.id]?.aggregate).toBe('degraded');
  expect(after.stacks[localStack.id]?.aggregate).toBe('degraded');
  expect(after.services[shopServices[0]?.id ?? '']).toBe(before.services[shopServices[0]?.id ?? '']);
  expect(after.engines).toBe(before.engines);
});

test('a hole in the sequence is answered by subscribing again, and the missed patch is never applied', () => {
  const { store, frames, sendFrame, opens, closes } = setUp();
  sendFrame({ kind: 'snapshot', seq: 4, state });
  sendFrame({ kind: 'patches', seq: 6, patches: [degraded] });
  frames.flush();
  expect(opens()).toHaveLength(2);
  expect(closes()).toEqual([{ t: 'close', id: opens()[0]?.id }]);
  expect(store.getState().services[mcpBundle.id]?.aggregate).toBe('healthy');
  sendFrame({ kind: 'snapshot', seq: 9, state });
  sendFrame({ kind: 'patches', seq: 10, patches: [degraded] });
  frames.flush();
  expect(store.getState().services[mcpBundle.id]?.aggregate).toBe('degraded');
});

test('a snapshot drops patches that were waiting for the frame', () => {
  const { store, frames, sendFrame } = setUp();
  sendFrame({ kind: 'snapshot', seq: 0, state });
  sendFrame({ kind: 'patches', seq: 1, patches: [degraded] });
  sendFrame({ kind: 'snapshot', seq: 2, state });
  frames.flush();
  expect(store.getState().services[mcpBundle.id]?.aggregate).toBe('healthy');
});

test('a stream that ends keeps the last state, says why, and is tried again with a growing pause', () => {
  const { store, later, sendFrame, opens, send } = setUp();
  sendFrame({ kind: 'snapshot', seq: 0, state });
  const pauses: number[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    send({ t: 'end', id: opens().at(-1)?.id ?? -1, error: { code: 'internal', message: 'broke' } });
    expect(store.getState().trouble?.message).toBe('broke');
    expect(store.getState().stacks).toEqual(state.stacks);
    pauses.push(...later.waiting());
    later.flush();
  }
  expect(pauses).toEqual([250, 500, 1000, 2000, 2000]);
  sendFrame({ kind: 'snapshot', seq: 0, state });
  expect(store.getState().trouble).toBeUndefined();
});

test('stacks are ordered by engine, ours first, then by title, and never by state', () => {
  const several = liveOf(
    [remoteEngine, dockerEngine],
    [
      [farmStack, farmServices],
      [shopStack, shopServices],
      [blogStack, blogServices],
      [localStack, localServices],
    ],
  );
  expect(selectStackOrder(several)).toEqual([localStack.id, blogStack.id, shopStack.id, farmStack.id]);
});
