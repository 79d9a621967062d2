import { afterEach, describe, expect, it } from 'vitest';
import { createLive } from '../../main/services/live.ts';
import { composeLabels, createFakeEngine } from '../support/fake-engine.ts';
import { createFakeClock, createFakeFiles, createFakeLog } from '../support/fake-engine-world.ts';

/* What is shown from events alone, while an operation keeps the engine busy: every look it is spared makes that faster. */
const open: { close: () => void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function setUp() {
  const engine = createFakeEngine();
  const clock = createFakeClock();
  const { log } = createFakeLog();
  const files = createFakeFiles({});
  const live = createLive({
    engines: engine.engines,
    files,
    clock,
    log,
    scope: 'all',
    known: async () => ({ stacks: [] }),
  });
  open.push(live);
  const one = engine.put({ name: 'web-a-1', labels: composeLabels('web', 'a') });
  live.subscribe(() => undefined);
  await clock.advance(100);
  engine.calls.length = 0;
  return { engine, clock, live, one };
}

describe('what events say by themselves', () => {
  it('shows a container that is made, without a look at it', async () => {
    const { engine, clock, live } = await setUp();
    engine.put({ name: 'web-b-1', labels: composeLabels('web', 'b'), state: 'created' }, 'create');
    await clock.advance(100);
    expect(live.state().services['fake/web/b']).toMatchObject({ state: 'created', image: '' });
    expect(engine.calls.filter((call) => call.startsWith('inspect'))).toEqual([]);
  });

  it('looks at it when it starts', async () => {
    const { engine, clock, live } = await setUp();
    engine.put({ name: 'web-b-1', labels: composeLabels('web', 'b'), state: 'created' }, 'create');
    await clock.advance(100);
    engine.put({ name: 'web-b-1', state: 'running' }, 'start');
    await clock.advance(100);
    expect(live.state().services['fake/web/b']).toMatchObject({ state: 'running', image: 'busybox' });
  });

  it('looks at one that is not started as well, some seconds later', async () => {
    const { engine, clock, live } = await setUp();
    engine.put({ name: 'web-b-1', labels: composeLabels('web', 'b'), state: 'created' }, 'create');
    await clock.advance(4_000);
    expect(engine.calls.filter((call) => call.startsWith('inspect'))).toEqual([]);
    await clock.advance(1_100);
    expect(live.state().services['fake/web/b']).toMatchObject({ state: 'created', image: 'busybox' });
  });

  it('is rid of one that is removed, without a look', async () => {
    const { engine, clock, live, one } = await setUp();
    engine.event('die', one);
    engine.remove('web-a-1');
    await clock.advance(0);
    expect(live.state().services).toEqual({});
    await clock.advance(2_000);
    expect(engine.calls.filter((call) => call.startsWith('inspect'))).toEqual([]);
  });

  it('confirms a death by a look when the container stays', async () => {
    const { engine, clock, live } = await setUp();
    engine.put({ name: 'web-a-1', state: 'exited', exitCode: 137, oomKilled: true }, 'die');
    await clock.advance(100);
    expect(live.state().services['fake/web/a']?.state).toBe('exited');
    expect(live.state().services['fake/web/a']?.containers[0]?.oomKilled).toBeUndefined();
    await clock.advance(300);
    expect(live.state().services['fake/web/a']?.containers[0]?.oomKilled).toBe(true);
  });

  it('leaves one that was asked to end alone while it is on its way out', async () => {
    const { engine, clock, live, one } = await setUp();
    engine.event('kill', one);
    engine.put({ name: 'web-a-1', state: 'exited', exitCode: 0 }, 'die');
    await clock.advance(1_000);
    expect(live.state().services['fake/web/a']?.state).toBe('exited');
    engine.event('stop', one);
    await clock.advance(900);
    expect(engine.calls.filter((call) => call.startsWith('inspect'))).toEqual([]);
    await clock.advance(200);
    expect(engine.calls.filter((call) => call.startsWith('inspect'))).toHaveLength(1);
  });

  it.each(['oom', 'start'])('takes a death as a surprise when %s came after the request', async (between) => {
    const { engine, clock, one } = await setUp();
    engine.event('kill', one);
    engine.event(between, one);
    await clock.advance(100);
    engine.calls.length = 0;
    engine.put({ name: 'web-a-1', state: 'exited', exitCode: 137, oomKilled: true }, 'die');
    await clock.advance(300);
    expect(engine.calls.filter((call) => call.startsWith('inspect'))).toHaveLength(1);
  });
});
