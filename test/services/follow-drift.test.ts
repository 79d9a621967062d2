import { expect, it } from 'vitest';
import { touches } from '../../main/services/follow-drift.ts';
import type { Frame } from '../../preload/contract/api.ts';
import { composeLabels } from '../support/fake-engine.ts';
import { createWorld } from './support.ts';

const file = '/srv/shop/compose.yaml';
const stack = 'fake/shop';

/** A stack whose drift is followed, and was said once. */
async function follow() {
  const world = createWorld({
    texts: { [file]: 'services: {web: {image: web:1}}' },
    prepare: (fake) => void fake.put({ name: 'shop-web-1', image: 'web:1', labels: composeLabels('shop', 'web') }),
  });
  const frames: Frame<'drift'>[] = [];
  const closing = new AbortController();
  const over = world.services.stacks.followDrift(stack, (frame) => frames.push(frame), closing.signal);
  await world.clock.advance(1000);
  const close = () => {
    closing.abort();
    return over;
  };
  return { ...world, frames, close };
}

it('compares at once, after what happens to the stack in one go, and not after it was closed', async () => {
  const { engine, clock, frames, close } = await follow();
  const keys = () =>
    frames.map((frame) => (frame.kind === 'drift' ? frame.drift.items.map(({ key }) => key) : frame.error.code));
  const first = frames.length;
  expect(keys().at(-1)).not.toContain('scale');
  for (let turn = 2; turn < 6; turn += 1) {
    engine.put({ name: `shop-web-${turn}`, image: 'web:1', labels: composeLabels('shop', 'web') }, 'create');
  }
  await clock.advance(1000);
  expect(frames.length).toBe(first + 1);
  expect(keys().at(-1)).toContain('scale');
  engine.put({ name: 'other-1', image: 'web:1', labels: composeLabels('other', 'web') }, 'create');
  await clock.advance(1000);
  expect(frames.length).toBe(first + 1);
  await close();
  engine.remove('shop-web-5');
  await clock.advance(1000);
  expect(frames.length).toBe(first + 1);
});

it('goes on after a failure', async () => {
  const { engine, clock, lines, frames, close } = await follow();
  engine.fail('observe', new Error('broken'));
  engine.gap();
  await clock.advance(1000);
  expect(frames.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'internal' } });
  expect(JSON.stringify(lines)).toContain('broken');
  engine.gap();
  await clock.advance(1000);
  expect(frames.at(-1)).toMatchObject({ kind: 'drift' });
  await close();
});

it('heeds what can change the answer', () => {
  const event = (
    type: 'container' | 'network' | 'volume' | 'image' | 'service' | 'node',
    action: string,
    project = 'shop',
  ) => touches({ type, action, id: 'x', attributes: { 'com.docker.compose.project': project }, timeNano: '1' }, 'shop');
  expect([
    event('container', 'update'),
    event('network', 'disconnect'),
    event('image', 'tag'),
    event('volume', 'create'),
  ]).toEqual([true, true, true, true]);
  expect([
    event('container', 'start', 'other'),
    event('container', 'health_status: healthy'),
    event('volume', 'mount'),
    event('service', 'update'),
    event('node', 'update'),
  ]).toEqual([false, false, false, false, false]);
});
