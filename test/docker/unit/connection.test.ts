import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EngineSignal } from '../../../main/core/seen.ts';
import { type Connection, createConnection } from '../../../main/docker/connection.ts';
import type { EngineState } from '../../../preload/contract/model.ts';
import { createManualClock, type ManualClock } from './clock.ts';
import { createFakeEngine, type FakeEngine } from './fake-engine.ts';

let fake: FakeEngine;
let clock: ManualClock;
let connection: Connection;

beforeEach(async () => {
  fake = await createFakeEngine();
  clock = createManualClock();
  connection = createConnection({
    engine: {
      id: 'default',
      title: 'default',
      address: `unix://${fake.path}`,
      source: 'test',
      configured: true,
      endpoint: { kind: 'unix', path: fake.path },
    },
    host: { readText: async () => undefined, platform: 'linux' },
    clock,
  });
});
afterEach(async () => {
  connection.close();
  await fake.remove();
});

/** The next state of this kind, or the present one. */
function until(kind: EngineState['kind'], from: 'now' | 'next' = 'now'): Promise<EngineState> {
  if (from === 'now' && connection.state().kind === kind) return Promise.resolve(connection.state());
  return new Promise((resolve) => {
    const stop = connection.onState((state) => {
      if (state.kind !== kind) return;
      stop();
      resolve(state);
    });
  });
}

/** Signals as they come; `next` waits for one more. */
function collect(): { readonly seen: EngineSignal[]; readonly next: () => Promise<EngineSignal> } {
  const seen: EngineSignal[] = [];
  const waiting: ((signal: EngineSignal) => void)[] = [];
  connection.watch((signal) => {
    seen.push(signal);
    waiting.shift()?.(signal);
  });
  return { seen, next: () => new Promise((resolve) => waiting.push(resolve)) };
}

const ask = () => connection.call('Listing', (docker, signal) => docker.listContainers({ abortSignal: signal }));

describe('states', () => {
  test('connected: who answers, what was negotiated, the Swarm role', async () => {
    await fake.listen();
    connection.start();
    expect(await until('connected')).toEqual({
      kind: 'connected',
      name: 'fake',
      product: 'Docker Engine',
      version: '27.0.0',
      apiVersion: '1.44',
      os: 'linux',
      arch: 'arm64',
      swarm: 'worker',
      since: '2026-01-01T00:00:00.000Z',
    });
  });

  test('an engine newer than what was tried is spoken to in the newest tried version', async () => {
    fake.apiVersion = '1.99';
    await fake.listen();
    connection.start();
    expect(await until('connected')).toMatchObject({ apiVersion: '1.51' });
  });

  test('an engine older than 20.10 is too old', async () => {
    fake.apiVersion = '1.40';
    await fake.listen();
    connection.start();
    expect(await until('unreachable')).toMatchObject({ error: { code: 'engine.too-old' } });
  });

  test('unreachable, tried again after 0.25, 0.5, 1, 2, 2 seconds, and connected when it is there', async () => {
    connection.start();
    expect(await until('unreachable')).toMatchObject({
      error: { code: 'engine.unreachable', message: `No engine is running: there is no ${fake.path}.` },
    });
    for (const delay of [250, 500, 1000, 2000]) {
      await clock.waiting(delay);
      clock.advance(delay);
    }
    await clock.waiting(2000);
    await fake.listen();
    clock.advance(2000);
    await until('connected');
  });

  test('retry does not wait', async () => {
    connection.start();
    await until('unreachable');
    await clock.waiting(250);
    await fake.listen();
    connection.retry();
    expect(connection.state().kind).toBe('connecting');
    await until('connected');
  });
});

describe('loss', () => {
  test('an engine that stops is unreachable at once, running calls fail, and everything returns with a gap', async () => {
    await fake.listen();
    const { next } = collect();
    expect(await next()).toEqual({ kind: 'gap' });
    clock.advance(5000);
    fake.freeze = true;
    const pending = expect(ask()).rejects.toMatchObject({ error: { code: 'engine.unreachable' } });
    const lost = until('unreachable', 'next');
    await fake.stop();
    await lost;
    await pending;
    await expect(ask()).rejects.toMatchObject({ error: { code: 'engine.unreachable' } });
    fake.freeze = false;
    await fake.listen();
    const gap = next();
    await clock.waiting(250);
    clock.advance(250);
    expect(await gap).toEqual({ kind: 'gap' });
    expect(await ask()).toEqual([]);
  });

  test('an event stream that merely ends is a gap: nobody is told of a loss, running calls go on', async () => {
    await fake.listen();
    const { next } = collect();
    await next();
    const states: EngineState[] = [];
    connection.onState((state) => states.push(state));
    clock.advance(5000);
    const gap = next();
    fake.endEvents();
    expect(await gap).toEqual({ kind: 'gap' });
    const event = next();
    fake.send({ Type: 'container', Action: 'start', Actor: { ID: 'x', Attributes: { name: 'web' } }, timeNano: 1 });
    expect(await event).toMatchObject({ kind: 'event', event: { action: 'start', attributes: { name: 'web' } } });
    expect(states).toEqual([]);
  });

  test('an event stream that ends again and again is not opened without a pause', async () => {
    await fake.listen();
    const { next } = collect();
    await next();
    fake.endEvents();
    await clock.waiting(250);
    expect(connection.state().kind).toBe('connected');
  });

  test('an engine that freezes: a call without an answer raises the suspicion, a ping confirms it', async () => {
    await fake.listen();
    connection.start();
    await until('connected');
    fake.freeze = true;
    const pending = expect(ask()).rejects.toMatchObject({ error: { code: 'engine.unreachable' } });
    await clock.waiting(8000);
    clock.advance(8000);
    await clock.waiting(3000);
    clock.advance(3000);
    await clock.waiting(1500);
    clock.advance(1500);
    expect(await until('unreachable')).toMatchObject({ error: { message: expect.stringMatching(/does not answer/) } });
    await pending;
    fake.freeze = false;
    await clock.waiting(250);
    clock.advance(250);
    await until('connected');
  });
});

describe('calls', () => {
  test('wait for the first connection, pass on the engine’s refusal, and can be cancelled', async () => {
    await fake.listen();
    expect(await ask()).toEqual([]);
    await expect(
      connection.call('Looking', (docker, signal) => docker.getContainer('x').inspect({ abortSignal: signal })),
    ).rejects.toMatchObject({
      error: { code: 'engine.error', message: 'Looking: page not found: /containers/x/json' },
    });
    fake.freeze = true;
    const abort = new AbortController();
    const cancelled = connection.call('Listing', (docker, signal) => docker.listContainers({ abortSignal: signal }), {
      signal: abort.signal,
    });
    abort.abort();
    await expect(cancelled).rejects.toMatchObject({ error: { code: 'cancelled' } });
    expect(connection.state().kind).toBe('connected');
  });

  test('a defect in our own code is not taken for a lost connection', async () => {
    await fake.listen();
    await expect(
      connection.call('Thinking', async () => {
        throw new TypeError('undefined is not a function');
      }),
    ).rejects.toMatchObject({ error: { code: 'engine.error' } });
    expect(connection.state().kind).toBe('connected');
  });
});
