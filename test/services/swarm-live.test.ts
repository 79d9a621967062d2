import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import type { EngineSignal } from '../../main/core/seen.ts';
import type { SeenTask } from '../../main/core/swarm/observed.ts';
import type { EngineConnection } from '../../main/services/ports.ts';
import { createSwarmLive } from '../../main/services/swarm-live.ts';
import type { TeamNode, TeamView } from '../../main/services/team/view.ts';
import type { Frame } from '../../preload/contract/api.ts';
import type { SwarmState } from '../../preload/contract/swarm.ts';
import { applySwarmPatch, unseenSwarm } from '../../preload/contract/swarm-state.ts';
import { memberNode, memberSelf, observedService, task } from '../support/builders-swarm.ts';
import { createFakeEngine } from '../support/fake-engine.ts';
import { createFakeClock, createFakeIds, createFakeLog } from '../support/fake-engine-world.ts';

const TaskTemplate = { ContainerSpec: { Image: 'example/web:2' } };
const web = observedService('web', { Name: 'web', Mode: { Replicated: { Replicas: 1 } }, TaskTemplate });
const self = memberSelf({
  address: '10.0.0.2',
  manager: true,
  managers: [{ id: 'me', address: '10.0.0.2:2377' }],
  hostname: 'n1',
});
const here: TeamNode = {
  ...memberNode({ id: 'me', hostname: 'n1', address: '10.0.0.2', role: 'manager' }),
  manager: { leader: true, reachable: true, address: '10.0.0.2:2377' },
  here: true,
  machine: 'server',
};
const manager: TeamView = {
  engine: 'fake',
  member: true,
  self,
  team: 'Falcon',
  autolock: false,
  quorum: { managers: 1, reachable: 1, needed: 1, spare: 0, state: 'ok' },
  nodes: [here],
  source: 'manager',
  invites: [],
  notes: [],
};
const nobody: TeamView = { ...manager, member: false, self: { ...self, state: 'inactive', manager: false }, nodes: [] };
const lost: TeamView = {
  ...manager,
  source: 'self',
  nodes: [{ ...here, engine: '' }],
  problem: { code: 'swarm.no-quorum', message: 'Too few managers answer.' },
};

function world(first: TeamView = manager) {
  const fake = createFakeEngine();
  const clock = createFakeClock();
  const asked: string[] = [];
  const listeners = new Set<(signal: EngineSignal) => void>();
  const now = {
    view: first,
    tasks: [task(web.id, 1, { spec: TaskTemplate, node: 'me' })] as readonly SeenTask[],
    broken: undefined as AppFailure | undefined,
    heard: ['10.0.0.2', '10.0.0.3'] as readonly string[],
  };
  const answer = <T>(what: string, value: T): Promise<T> => {
    asked.push(what);
    return now.broken === undefined ? Promise.resolve(value) : Promise.reject(now.broken);
  };
  const connection: EngineConnection = {
    ...fake.connection,
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    membership: { ...fake.connection.membership, heard: () => Promise.resolve(now.heard) },
    swarmStacks: {
      ...fake.connection.swarmStacks,
      services: () => answer('services', [web]),
      tasks: () => answer('tasks', now.tasks),
    },
  };
  const live = createSwarmLive({
    engines: { get: () => connection },
    clock,
    ids: createFakeIds(),
    log: createFakeLog().log,
    whoAnswers: () =>
      now.broken?.error.code === 'engine.unreachable' ? Promise.reject(now.broken) : Promise.resolve(now.heard),
    team: () => {
      asked.push('team');
      return Promise.resolve({ ...now.view, heard: now.heard });
    },
  });
  const follow = () => {
    const closing = new AbortController();
    const frames: Frame<'swarm'>[] = [];
    let state: SwarmState = unseenSwarm;
    const over = live.follow(
      'fake',
      (frame) => {
        expect(frame.seq).toBe(frames.length);
        frames.push(frame);
        state = frame.kind === 'snapshot' ? frame.state : frame.patches.reduce(applySwarmPatch, state);
      },
      closing.signal,
    );
    const close = () => {
      closing.abort();
      return over;
    };
    return { frames, state: () => state, close };
  };
  const event = (type: 'service' | 'node' | 'network' | 'container') => {
    for (const listener of listeners) {
      listener({ kind: 'event', event: { type, action: 'update', id: 'x', attributes: {}, timeNano: '1' } });
    }
  };
  /** What was asked since the last time. */
  const took = () => asked.splice(0);
  return { clock, follow, event, took, now, listeners };
}

describe('one reader an engine', () => {
  it('asks once for everybody, tasks alone every 2 s, and nothing once nobody looks', async () => {
    const { clock, follow, took, listeners } = world();
    const [one, two] = [follow(), follow()];
    await clock.advance(0);
    expect(took()).toEqual(['team', 'services', 'tasks']);
    expect(two.state()).toEqual(one.state());
    expect(one.state()).toMatchObject({
      part: { kind: 'manager', team: 'Falcon', quorum: { managers: 1 } },
      nodes: { me: { leader: true, machine: 'server' } },
      services: { 'id-web': { aggregate: 'healthy', running: 1 } },
    });
    await clock.advance(28_000);
    expect(took()).toEqual(Array(14).fill('tasks'));
    // Nothing changed, so nothing was said.
    expect(one.frames).toHaveLength(2);
    // Leaders and reachability have no events.
    await clock.advance(2000);
    expect(took()).toEqual(['team', 'services', 'tasks']);
    await one.close();
    await clock.advance(2000);
    expect(took()).toEqual(['tasks']);
    await two.close();
    await clock.advance(60_000);
    expect(took()).toEqual([]);
    expect([clock.pending(), listeners.size]).toEqual([0, 0]);
  });

  it('sees a crash within 2 s and everything after an event, in one go', async () => {
    const { clock, follow, event, took, now } = world();
    const { state, frames, close } = follow();
    await clock.advance(0);
    now.tasks = [
      task(web.id, 1, { spec: TaskTemplate, state: 'failed', exitCode: 3, error: 'task: non-zero exit (3)' }),
    ];
    await clock.advance(2000);
    expect(state().services['id-web']).toMatchObject({ running: 0, tasks: [{ failed: true, exitCode: 3 }] });
    expect(frames.at(-1)).toMatchObject({ kind: 'patches', patches: [{ op: 'put-service' }] });
    took();
    for (let turn = 0; turn < 20; turn += 1) event('service');
    event('container');
    await clock.advance(200);
    expect(took()).toEqual(['team', 'services', 'tasks']);
    await close();
  });
});

it('keeps what it saw when quorum is lost, says so, and goes on when it is back', async () => {
  const { clock, follow, now, took } = world();
  const { state, close } = follow();
  await clock.advance(0);
  now.view = lost;
  now.broken = new AppFailure({ code: 'swarm.no-quorum', message: 'The swarm does not have a leader.' });
  await clock.advance(2200);
  expect(state()).toMatchObject({
    part: { kind: 'no-quorum', team: 'Falcon', error: { code: 'swarm.no-quorum' } },
    services: { 'id-web': { aggregate: 'unknown' } },
  });
  took();
  now.view = manager;
  now.broken = undefined;
  await clock.advance(2000);
  expect(state()).toMatchObject({ part: { kind: 'manager' }, services: { 'id-web': { aggregate: 'healthy' } } });
  await close();
});

const other = { ...here, id: 'other', hostname: 'n2', address: '10.0.0.3', here: false } as const;

it('looks at everything once a machine falls silent, and reads a long list less often while nothing moves', async () => {
  const { clock, follow, now, took } = world();
  const { close } = follow();
  const many = Array.from({ length: 300 }, (_, slot) => task(web.id, slot, { spec: TaskTemplate, node: 'me' }));
  now.tasks = [...now.tasks, ...many.map((one) => ({ ...one, desired: 'shutdown', state: 'failed' }))];
  await clock.advance(0);
  took();
  await clock.advance(9999);
  expect(took().filter((what) => what === 'tasks')).toEqual(['tasks', 'tasks', 'tasks', 'tasks']);
  now.tasks = Array.from({ length: 300 }, (_, at) => task(`id-${at}`, 1, { spec: TaskTemplate, node: 'me' }));
  now.heard = ['10.0.0.2'];
  await clock.advance(2000);
  expect(took()).toContain('team');
  await close();
});

it('tells a leader that is gone from a quorum that is lost by whom its engine hears', async () => {
  const third = { ...other, id: 'third', address: '10.0.0.4' };
  const { clock, follow, now } = world({ ...manager, nodes: [here, other, third] });
  now.heard = ['10.0.0.2', '10.0.0.3', '10.0.0.4'];
  const { state, close } = follow();
  await clock.advance(0);
  now.broken = new AppFailure({ code: 'swarm.no-quorum', message: 'No leader answers.' });
  now.view = lost;
  now.heard = ['10.0.0.2', '10.0.0.4'];
  await clock.advance(2000);
  expect(state()).toMatchObject({
    part: {
      kind: 'no-quorum',
      error: { message: expect.stringContaining('2 of 3 managers answer and choose another') },
    },
    nodes: { me: { state: 'ready' }, other: { state: 'disconnected' }, third: { state: 'ready' } },
    services: { 'id-web': { aggregate: 'unknown' } },
  });
  now.heard = ['10.0.0.2'];
  await clock.advance(2000);
  expect(state()).toMatchObject({
    part: { kind: 'no-quorum', error: { message: expect.stringContaining('Only 1 of 3 managers answer') } },
    nodes: { third: { state: 'disconnected' } },
  });
  await close();
});

it('tells a failed look from an empty Swarm, and looks again when the engine is back', async () => {
  const { clock, follow, now } = world();
  const { state, close } = follow();
  now.broken = new AppFailure({ code: 'engine.unreachable', message: 'It is gone.' });
  await clock.advance(0);
  expect(state().part).toMatchObject({ kind: 'failed', error: { code: 'engine.unreachable' } });
  now.broken = undefined;
  await clock.advance(2000);
  expect(state().part.kind).toBe('manager');
  await close();
});

it.each([
  ['a worker', { ...manager, self: { ...self, manager: false }, source: 'self' as const }, 'worker'],
  ['one that is in no Swarm', nobody, 'none'],
  ['one that joins', { ...manager, self: { ...self, state: 'pending' as const, manager: false } }, 'joining'],
  ['a locked manager', { ...lost, problem: { code: 'swarm.locked' as const, message: 'Locked.' } }, 'locked'],
] as const)('never asks %s for services', async (_what, view, kind) => {
  const { clock, follow, took, now } = world(view as TeamView);
  const { state, close } = follow();
  await clock.advance(30_000);
  expect(state().part.kind).toBe(kind);
  expect(state().services).toEqual({});
  expect(new Set(took())).toEqual(new Set(['team']));
  now.view = manager;
  await clock.advance(10_000);
  expect(state().part.kind).toBe('manager');
  await close();
});

it('hears of a Swarm that is entered by the networks that come with it', async () => {
  const { clock, follow, event, took, now } = world(nobody);
  const { state, close } = follow();
  await clock.advance(0);
  took();
  now.view = manager;
  event('network');
  await clock.advance(200);
  expect(state().part.kind).toBe('manager');
  took();
  // From then on a network says nothing of the Swarm.
  event('network');
  await clock.advance(200);
  expect(took()).toEqual([]);
  await close();
});
