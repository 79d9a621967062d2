import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineSignal } from '../../main/core/seen.ts';
import type { EngineState } from '../../preload/contract/model.ts';
import { type Bench, openBench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** Signals as they come, and the first that fits among those that are still to come. */
function listen(): {
  readonly signals: EngineSignal[];
  readonly first: (fits: (signal: EngineSignal) => boolean) => Promise<EngineSignal>;
  readonly stop: () => void;
} {
  const signals: EngineSignal[] = [];
  const waiting = new Set<(signal: EngineSignal) => void>();
  const stop = bench.connection.watch((signal) => {
    signals.push(signal);
    for (const wait of [...waiting]) wait(signal);
  });
  return {
    signals,
    stop,
    first: (fits) =>
      new Promise((resolve) => {
        const wait = (signal: EngineSignal) => {
          if (!fits(signal)) return;
          waiting.delete(wait);
          resolve(signal);
        };
        waiting.add(wait);
      }),
  };
}
const isAction = (action: string) => (signal: EngineSignal) =>
  signal.kind === 'event' && signal.event.action === action;

test('who answers', () => {
  expect(bench.connection.state()).toMatchObject({
    kind: 'connected',
    apiVersion: expect.stringMatching(/^1\.\d+$/),
    os: 'linux',
    swarm: 'none',
  });
});

describe('events', () => {
  test('a gap first; then a container’s life, without the probes’ noise', async () => {
    const { signals, first, stop } = listen();
    await first(({ kind }) => kind === 'gap');
    const healthy = first(isAction('health_status: healthy'));
    const name = await bench.start('sleep 600', { Healthcheck: { Test: ['CMD', 'true'], Interval: 2e8 } });
    await healthy;
    const died = first(isAction('destroy'));
    await bench.run({ kind: 'remove-container', container: name, removeVolumes: true });
    await died;
    stop();
    const mine = signals.flatMap((signal) =>
      signal.kind === 'event' && signal.event.attributes.name === name ? [signal.event.action] : [],
    );
    expect(mine).toEqual(['create', 'start', 'health_status: healthy', 'kill', 'die', 'destroy']);
    expect(signals.some((signal) => signal.kind === 'event' && signal.event.type === 'network')).toBe(true);
  });
});

describe('an engine that is stopped and started', () => {
  test.skipIf(process.env.CLAUDE_ENV_TEST_ENGINE_CTL === undefined)(
    'is said to be gone within two seconds of its going, fails what runs, and comes back with a gap',
    async () => {
      const { engine, engines, connection } = bench;
      const changes: EngineState['kind'][] = [];
      const { first, stop } = listen();
      const lost = new Promise<number>((resolve) => {
        engines.onChange(({ state }) => {
          changes.push(state.kind);
          if (state.kind === 'unreachable') resolve(Date.now());
        });
      });
      const abort = new AbortController();
      const name = await bench.start('while true; do echo x; sleep 1; done');
      const following = expect(
        connection.logs(name, { follow: true, timestamps: false }, () => {}, abort.signal),
      ).rejects.toMatchObject({ error: { code: 'engine.unreachable' } });
      await engine.kill();
      const gone = Date.now();
      expect((await lost) - gone).toBeLessThan(2000);
      await following;
      await expect(connection.listContainers()).rejects.toMatchObject({ error: { code: 'engine.unreachable' } });
      const gap = first(({ kind }) => kind === 'gap');
      await engine.start();
      const answers = Date.now();
      await gap;
      expect(Date.now() - answers).toBeLessThan(4000);
      expect(connection.state().kind).toBe('connected');
      // The reason may become clearer on the way (reset, then no socket); nobody is told of a connection in between.
      expect(changes.filter((kind, index) => kind !== changes[index - 1])).toEqual(['unreachable', 'connected']);
      stop();
    },
  );
});
