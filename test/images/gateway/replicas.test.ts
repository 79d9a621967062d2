import { describe, expect, it } from 'vitest';
import { createReplicas } from '../../../resources/images/gateway/src/replicas.mjs';
import { createStatistics } from '../../../resources/images/gateway/src/statistics.mjs';

const service = [{ host: 'mcp-context7', port: 3001 }];

/** A DNS whose answer is set, and a clock that is. */
function world(endpoints = service) {
  const state = { time: 0, answer: ['10.0.0.2', '10.0.0.1'] as readonly string[] | Error, asked: [] as string[] };
  const replicas = createReplicas({
    endpoints,
    lookup: async (host) => {
      state.asked.push(host);
      if (state.answer instanceof Error) throw state.answer;
      return state.answer;
    },
    now: () => state.time,
  });
  return { state, replicas };
}

describe('the replicas of a service', () => {
  it('are what the DNS names, asked once by many', async () => {
    const { state, replicas } = world();
    const [first] = await Promise.all([replicas.current(), replicas.current()]);
    expect(first).toEqual(['10.0.0.1:3001', '10.0.0.2:3001']);
    expect(state.asked).toEqual(['mcp-context7']);
  });

  it('are asked for again after five seconds, while who asks gets the ones that are known', async () => {
    const { state, replicas } = world();
    await replicas.current();
    state.answer = ['10.0.0.3'];
    state.time = 5000;
    expect(replicas.current()).toHaveLength(2);
    expect(state.asked).toHaveLength(1);
    state.time = 5001;
    expect(replicas.current()).toHaveLength(2);
    await replicas.refresh();
    expect(replicas.current()).toEqual(['10.0.0.3:3001']);
    expect(state.asked).toHaveLength(2);
  });

  it('are none where the DNS says so, and the last known where it says nothing', async () => {
    const { state, replicas } = world();
    await replicas.current();
    state.answer = new Error('timeout');
    expect(await replicas.refresh()).toHaveLength(2);
    state.answer = [];
    expect(await replicas.refresh()).toEqual([]);
  });

  it('are asked for anew by each, as long as the DNS has never answered', async () => {
    const { state, replicas } = world();
    state.answer = new Error('timeout');
    expect(await replicas.current()).toEqual([]);
    state.answer = ['10.0.0.1'];
    expect(await replicas.current()).toEqual(['10.0.0.1:3001']);
  });

  it('are fixed where addresses are given, and nobody is asked', async () => {
    const { state, replicas } = world([
      { host: '127.0.0.11', port: 3001 },
      { host: 'fd00::1', port: 3001 },
    ]);
    state.time = 60_000;
    expect(await replicas.current()).toEqual(['127.0.0.11:3001', '[fd00::1]:3001']);
    expect(await replicas.refresh()).toHaveLength(2);
    expect(state.asked).toEqual([]);
  });
});

describe('the figures of the last minutes', () => {
  it('are the 95th percentile within a step of 10 %, errors, and requests a second', () => {
    let time = 0;
    const { record, read } = createStatistics(() => time);
    for (let index = 1; index <= 100; index++) record(index / 1000, index > 97);
    time = 10_000;
    const { p95Seconds, errors, requestsPerSecond } = read();
    expect(p95Seconds).toBeGreaterThanOrEqual(0.095);
    expect(p95Seconds).toBeLessThan(0.095 * 1.1);
    expect([errors, requestsPerSecond]).toEqual([3, 10]);
  });

  it('forget what was five minutes ago, and count a minute for the rate', () => {
    let time = 0;
    const { record, read } = createStatistics(() => time);
    for (let index = 0; index < 60; index++) record(0.01, true);
    time = 120_000;
    expect(read()).toMatchObject({ requestsPerSecond: 0, errors: 60 });
    time = 310_000;
    expect(read()).toEqual({ requestsPerSecond: 0, p95Seconds: null, errors: 0 });
  });

  it('take durations of every size', () => {
    const { record, read } = createStatistics(() => 0);
    for (const seconds of [0, 1e-9, 10_000]) record(seconds, false);
    expect(read().p95Seconds).toBeGreaterThanOrEqual(600);
  });
});
