import { expect, test } from 'vitest';
import { pickService, possibleActions } from '../../renderer/store/actions.ts';
import { createClock } from '../../renderer/store/clock.ts';
import { createUiStore, parseKept } from '../../renderer/store/ui.ts';
import {
  blogServices,
  blogStack,
  localServices,
  localStack,
  service,
  shopServices,
  shopStack,
} from '../support/scenarios-data.ts';

function memory(initial: string | null = null) {
  let value = initial;
  return { getItem: () => value, setItem: (_key: string, next: string) => (value = next) };
}

test('the page’s own choice of where to begin closes nothing that the user has opened meanwhile', () => {
  const ui = createUiStore(memory());
  ui.actions.show('palette');
  ui.actions.beginAt('default/shop');
  expect(ui.getState()).toMatchObject({ place: { view: 'stack', stack: 'default/shop' }, overlay: 'palette' });
});

test('place, tab, service and sizes survive a reload; what is passing does not', () => {
  const storage = memory();
  const first = createUiStore(storage);
  first.actions.goStack('default/shop', 'logs');
  first.actions.selectService('default/shop', 'default/shop/db');
  first.actions.setDetailHeight(10_000);
  first.actions.show('palette');
  const { place, tabs, services, detailHeight, overlay } = createUiStore(storage).getState();
  expect({ place, tabs, services, detailHeight, overlay }).toEqual({
    place: { view: 'stack', stack: 'default/shop' },
    tabs: { 'default/shop': 'logs' },
    services: { 'default/shop': 'default/shop/db' },
    detailHeight: 560,
    overlay: undefined,
  });
});

test.each(['', '{', '7', '{"place":{"view":"moon"},"tabs":{"a":"nonsense"},"detailHeight":"x"}'])(
  'kept text that does not fit is left alone: %s',
  (text) => {
    const kept = parseKept(text);
    expect(kept.place).toBeUndefined();
    expect(kept.tabs ?? {}).toEqual({});
    expect(kept.detailHeight).toBeUndefined();
  },
);

test('what can be done follows from what is there', () => {
  expect(possibleActions(localStack, localServices)).toEqual({ fresh: false, start: false, stop: true });
  expect(possibleActions(blogStack, blogServices)).toEqual({ fresh: false, start: true, stop: false });
  // A finished job is not something to start.
  expect(possibleActions(shopStack, shopServices)).toEqual({ fresh: false, start: false, stop: true });
  const absent = [service(blogStack.id, 'app', { state: 'absent', aggregate: 'stopped', health: 'none' })];
  expect(possibleActions(blogStack, absent)).toEqual({ fresh: true, start: false, stop: false });
  expect(possibleActions({ ...blogStack, filesFound: false }, absent).fresh).toBe(false);
});

test('the service that is shown is the chosen one, otherwise the first in trouble', () => {
  expect(pickService(shopServices, undefined)?.name).toBe('api');
  expect(pickService(shopServices, `${shopStack.id}/cache`)?.name).toBe('cache');
  expect(pickService(shopServices, 'default/other/gone')?.name).toBe('api');
  expect(pickService(localServices, undefined)?.name).toBe('claude-env');
});

test('the clock ticks at full seconds, and only while somebody listens', () => {
  let now = 1_000_400;
  const timers: { ms: number; run: () => void }[] = [];
  let cancelled = 0;
  const clock = createClock({
    now: () => now,
    after: (ms, run) => {
      timers.push({ ms, run });
      return () => (cancelled += 1);
    },
  });
  expect(timers).toEqual([]);
  const seen: number[] = [];
  const stop = clock.subscribe(({ now: at }) => seen.push(at));
  const stopSecond = clock.subscribe(() => {});
  expect(timers.map(({ ms }) => ms)).toEqual([600]);
  now = 1_001_000;
  timers[0]?.run();
  expect(seen).toEqual([1_001_000]);
  expect(timers.map(({ ms }) => ms)).toEqual([600, 1000]);
  stop();
  expect(cancelled).toBe(0);
  stopSecond();
  expect(cancelled).toBe(1);
});
