import { afterEach, describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import type { SeenContainer } from '../../main/core/seen.ts';
import { createLive } from '../../main/services/live.ts';
import type { KnownForEngine } from '../../main/services/live-view.ts';
import type { Frame } from '../../preload/contract/api.ts';
import { applyPatch, emptyLiveState } from '../../preload/contract/live-state.ts';
import type { LiveState } from '../../preload/contract/model.ts';
import { composeLabels, createFakeEngine, type FakeEngine } from '../support/fake-engine.ts';
import { createFakeClock, createFakeFiles, createFakeLog, settle } from '../support/fake-engine-world.ts';

const open: { close: () => void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

function setUp(options: { known?: KnownForEngine; slowKnown?: boolean; prepare?: (engine: FakeEngine) => void } = {}) {
  const engine = createFakeEngine();
  const clock = createFakeClock();
  const { log, lines } = createFakeLog();
  const files = createFakeFiles({ '/srv/web/compose.yaml': '' });
  options.prepare?.(engine);
  const live = createLive({
    engines: engine.engines,
    files,
    clock,
    log,
    scope: 'all',
    known: async () => {
      if (options.slowKnown) await clock.sleep(500);
      return options.known ?? { stacks: [] };
    },
  });
  open.push(live);
  return { engine, clock, live, files, lines };
}

/** A page: folds frames as the renderer does, and fails on a hole. */
function follow(live: { subscribe: (listener: (frame: Frame<'live'>) => void) => () => void }) {
  let state: LiveState = emptyLiveState;
  let expected = 0;
  const frames: Frame<'live'>[] = [];
  const stop = live.subscribe((frame) => {
    if (frame.seq !== expected) throw new Error(`hole: ${frame.seq} instead of ${expected}`);
    expected += 1;
    frames.push(frame);
    state = frame.kind === 'snapshot' ? frame.state : frame.patches.reduce(applyPatch, state);
  });
  return { frames, state: () => state, stop };
}

describe('live', () => {
  it('shows what is there, its files found, and stays equal for every subscriber', async () => {
    const { engine, clock, live } = setUp({
      prepare: (one) => one.put({ name: 'web-a-1', labels: composeLabels('web', 'a') }),
    });
    const early = follow(live);
    await clock.advance(0);
    await live.ready();
    const late = follow(live);
    engine.put({ name: 'web-b-1', labels: composeLabels('web', 'b') });
    await clock.advance(60);
    for (const page of [early, late]) {
      expect(page.state()).toEqual(live.state());
      expect(Object.keys(page.state().services)).toEqual(['fake/web/a', 'fake/web/b']);
      expect(page.state().stacks['fake/web']).toMatchObject({ filesFound: true, aggregate: 'healthy' });
    }
    expect(engine.calls.filter((call) => call === 'list')).toHaveLength(1);
  });

  it('looks at stale containers together, at most every 50 ms', async () => {
    const { engine, clock, live } = setUp();
    const page = follow(live);
    await clock.advance(100);
    engine.calls.length = 0;
    for (let burst = 0; burst < 10; burst += 1) {
      for (let number = 0; number < 20; number += 1) {
        engine.put({ name: `web-a-${number}`, labels: composeLabels('web', `s${number}`), restarts: burst });
      }
      await clock.advance(10);
    }
    await clock.advance(100);
    const inspections = engine.calls.filter((call) => call.startsWith('inspect'));
    expect(inspections.length).toBeLessThanOrEqual(4);
    expect(inspections).toContain('inspect 20');
    expect(engine.calls).not.toContain('list');
    expect(Object.values(page.state().services).map(({ restarts }) => restarts)).toEqual(Array(20).fill(9));
  });

  it('does not look because of what changes nothing', async () => {
    const { engine, clock, live } = setUp();
    follow(live);
    const one = engine.put({ name: 'web-a-1', labels: composeLabels('web', 'a') });
    await clock.advance(100);
    engine.calls.length = 0;
    for (const action of ['exec_create: sh', 'exec_start: sh', 'exec_die', 'top', 'resize']) engine.event(action, one);
    engine.event('start', { ...one, id: 'f'.repeat(64), labels: {} });
    await clock.advance(1000);
    expect(engine.calls).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  it('a gap takes everything anew: what vanished unseen is dropped', async () => {
    const { engine, clock, live } = setUp({
      prepare: (one) => {
        one.put({ name: 'web-a-1', labels: composeLabels('web', 'a') });
        one.put({ name: 'web-b-1', labels: composeLabels('web', 'b') });
      },
    });
    const page = follow(live);
    await clock.advance(100);
    const gone = [...engine.containers.values()].find(({ name }) => name === 'web-b-1');
    engine.containers.delete(gone?.id ?? '');
    await clock.advance(100);
    expect(Object.keys(page.state().services)).toHaveLength(2);
    engine.gap();
    await clock.advance(100);
    expect(Object.keys(page.state().services)).toEqual(['fake/web/a']);
  });

  it('keeps the stacks of a lost engine as unknown, with a reason, and mends them when it is back', async () => {
    const { engine, clock, live } = setUp({
      prepare: (one) => one.put({ name: 'web-a-1', labels: composeLabels('web', 'a') }),
    });
    const page = follow(live);
    await clock.advance(100);
    engine.lose();
    await settle();
    expect(page.state().engines.fake?.state.kind).toBe('unreachable');
    expect(page.state().stacks['fake/web']).toMatchObject({ aggregate: 'unknown', reason: expect.any(String) });
    expect(page.state().services['fake/web/a']?.aggregate).toBe('unknown');
    const [only] = engine.containers.values();
    if (only !== undefined) engine.containers.set(only.id, { ...only, state: 'exited', exitCode: 3 });
    const before = page.frames.length;
    engine.recover();
    await clock.advance(100);
    expect(page.state().services['fake/web/a']).toMatchObject({ state: 'exited', aggregate: 'failed' });
    // What was seen before the loss is never shown as if it were so now.
    const shown = page.frames.slice(before).flatMap((frame) => (frame.kind === 'patches' ? frame.patches : []));
    expect(shown.flatMap((patch) => (patch.op === 'put-service' ? [patch.value.state] : []))).toEqual(['exited']);
  });

  it('is ready at once with an engine that cannot be reached', async () => {
    const { live, engine } = setUp({ prepare: (one) => one.lose() });
    await live.ready();
    expect(live.state().engines.fake?.state.kind).toBe('unreachable');
    expect(engine.calls).toEqual([]);
  });

  it('tries again when looking failed, without losing what was stale', async () => {
    const { engine, clock, live } = setUp();
    const page = follow(live);
    await clock.advance(100);
    engine.fail('inspectContainers', new AppFailure({ code: 'engine.error', message: 'hiccup' }));
    engine.put({ name: 'web-a-1', labels: composeLabels('web', 'a') });
    await clock.advance(100);
    expect(page.state().services).toEqual({});
    await clock.advance(1000);
    expect(Object.keys(page.state().services)).toEqual(['fake/web/a']);
  });

  it('does not miss a gap that comes while it looks', async () => {
    const { engine, clock, live } = setUp();
    const page = follow(live);
    await clock.advance(100);
    const inspect = engine.connection.inspectContainers;
    Object.assign(engine.connection, {
      inspectContainers: async (ids: readonly string[]) => {
        const answer = await inspect(ids);
        const unseen = { ...[...engine.containers.values()][0], id: 'e'.repeat(64), name: 'web-b-1' };
        engine.containers.set(unseen.id, { ...unseen, labels: composeLabels('web', 'b') } as SeenContainer);
        engine.gap();
        return answer;
      },
    });
    engine.put({ name: 'web-a-1', labels: composeLabels('web', 'a') });
    await clock.advance(200);
    expect(Object.keys(page.state().services).sort()).toEqual(['fake/web/a', 'fake/web/b']);
  });

  it('is not ready before what it saw is in the state', async () => {
    const { clock, live } = setUp({
      prepare: (one) => one.put({ name: 'web-a-1', labels: composeLabels('web', 'a') }),
      slowKnown: true,
    });
    let seen: string[] | undefined;
    void live.ready().then(() => {
      seen = Object.keys(live.state().services);
    });
    await clock.advance(10);
    void live.ready();
    await clock.advance(1000);
    expect(seen).toEqual(['fake/web/a']);
  });

  it('catches up with what no event has told yet', async () => {
    const { engine, clock, live } = setUp({
      prepare: (one) => one.put({ name: 'web-a-1', labels: composeLabels('web', 'a') }),
    });
    const page = follow(live);
    await clock.advance(100);
    const [only] = engine.containers.values();
    if (only !== undefined) engine.containers.set(only.id, { ...only, health: 'healthy' });
    const caught = live.catchUp('fake').then(() => page.state().services['fake/web/a']?.health);
    await clock.advance(60);
    expect(await caught).toBe('healthy');
    engine.lose();
    await live.catchUp('fake');
    await live.catchUp('nobody');
  });

  it('does not miss an event that comes while it looks', async () => {
    const { engine, clock, live } = setUp();
    const page = follow(live);
    await clock.advance(100);
    const inspect = engine.connection.inspectContainers;
    let during = false;
    Object.assign(engine.connection, {
      inspectContainers: async (ids: readonly string[]) => {
        const answer = await inspect(ids);
        if (!during) {
          during = true;
          engine.put({ name: 'web-a-1', labels: composeLabels('web', 'a'), state: 'exited', exitCode: 1 }, 'die');
        }
        return answer;
      },
    });
    engine.put({ name: 'web-a-1', labels: composeLabels('web', 'a') });
    await clock.advance(200);
    expect(page.state().services['fake/web/a']?.state).toBe('exited');
  });

  it('shows a death at once, while the engine still holds the container and answers nothing', async () => {
    const { engine, clock, live } = setUp();
    const one = engine.put({ name: 'web-a-1', labels: composeLabels('web', 'a'), restartPolicy: 'unless-stopped' });
    const page = follow(live);
    await clock.advance(100);
    expect(page.state().services['fake/web/a']?.state).toBe('running');
    Object.assign(engine.connection, { inspectContainers: () => new Promise(() => undefined) });
    engine.event('die', one);
    await clock.advance(0);
    expect(page.state().services['fake/web/a']).toMatchObject({ state: 'restarting', aggregate: 'working' });
  });

  it('lists what is known but has no containers', async () => {
    const known: KnownForEngine = {
      stacks: [
        { project: 'web', title: 'Web', kind: 'compose', files: ['/srv/web/compose.yaml'], services: ['a', 'b'] },
        { project: 'gone', title: 'Gone', kind: 'compose', files: ['/srv/gone/compose.yaml'], services: ['a'] },
      ],
    };
    const { clock, live } = setUp({ known });
    const page = follow(live);
    await clock.advance(100);
    expect(page.state().stacks['fake/web']).toMatchObject({ title: 'Web', filesFound: true, aggregate: 'stopped' });
    expect(page.state().stacks['fake/gone']).toMatchObject({ filesFound: false });
    expect(page.state().services['fake/web/b']).toMatchObject({ state: 'absent' });
  });

  it('never opens a file that a label names, and does not even look for odd ones', async () => {
    const looked: string[] = [];
    const { clock, live, files } = setUp({
      prepare: (one) =>
        one.put({
          name: 'x',
          labels: composeLabels('web', 'a', {
            'com.docker.compose.project.config_files': '//evil/share/x,/srv/web/compose.yaml',
          }),
        }),
    });
    const { exists } = files;
    Object.assign(files, {
      exists: (path: string) => {
        looked.push(path);
        return exists(path);
      },
    });
    follow(live);
    await clock.advance(100);
    expect(files.reads).toEqual([]);
    expect(looked).toEqual(['/srv/web/compose.yaml']);
    expect(live.state().stacks['fake/web']?.filesFound).toBe(false);
  });

  it('keeps no timer when nothing happens', async () => {
    const { clock, live } = setUp({
      prepare: (one) => one.put({ name: 'web-a-1', labels: composeLabels('web', 'a') }),
    });
    const page = follow(live);
    await clock.advance(1000);
    expect(clock.pending()).toBe(0);
    page.stop();
  });
});
