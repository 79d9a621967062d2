import { describe, expect, it } from 'vitest';
import {
  failedAfter,
  reduceServer,
  restartDelays,
  type ServerEvent,
  type ServerRecord,
  stableAfter,
  toHealth,
  toInitialRecord,
  toRestartDelay,
  toStatus,
} from '../../resources/images/mcp/supervisor/state.mjs';

const tools = [{ name: 'look', description: 'Looks.' }];
const ready: ServerEvent = { type: 'ready', pid: 7, tools };
const killed: ServerEvent = { type: 'ended', reason: 'was ended by SIGKILL' };
const start = toInitialRecord({ name: 'context7', port: 3001 }, 1000);

/** Applies events, each so many milliseconds after the one before. */
function run(record: ServerRecord, ...steps: readonly (readonly [number, ServerEvent])[]): ServerRecord {
  let now = record.since;
  return steps.reduce((current, [passed, event]) => {
    now += passed;
    return reduceServer(current, event, now);
  }, record);
}

describe('the state of one MCP server', () => {
  it('starts, and is ready once it lists its tools', () => {
    expect(toStatus(start)).toMatchObject({
      server: 'context7',
      port: 3001,
      path: '/mcp',
      state: 'starting',
      pid: null,
    });
    expect(toStatus(run(start, [500, ready]))).toEqual({
      server: 'context7',
      port: 3001,
      path: '/mcp',
      state: 'ready',
      reason: null,
      tools,
      pid: 7,
      restarts: 0,
      since: '1970-01-01T00:00:01.500Z',
    });
  });

  it('does not change when it answers the same again', () => {
    const once = run(start, [500, ready]);
    expect(toStatus(run(once, [15_000, ready]))).toEqual(toStatus(once));
  });

  it('says who ended it, keeps its tools, and comes back', () => {
    const ended = run(start, [500, ready], [60_000, killed]);
    expect(toStatus(ended)).toMatchObject({
      state: 'starting',
      reason: 'was ended by SIGKILL',
      pid: null,
      restarts: 1,
      tools,
    });
    expect(toRestartDelay(ended)).toBe(restartDelays[0]);
    expect(toStatus(run(ended, [800, { ...ready, pid: 8 }]))).toMatchObject({
      state: 'ready',
      reason: null,
      pid: 8,
      restarts: 1,
    });
  });

  it('is called failed after some ends in a row, waits longer each time, and is still tried', () => {
    const ends = Array.from({ length: 9 }, () => [100, killed] as const);
    const delays = ends.map((_, index) => toRestartDelay(run(start, ...ends.slice(0, index + 1))));
    expect(delays).toEqual([...restartDelays, ...Array.from({ length: 3 }, () => restartDelays.at(-1))]);
    expect(run(start, ...ends.slice(0, failedAfter - 1)).state).toBe('starting');
    expect(run(start, ...ends.slice(0, failedAfter)).state).toBe('failed');
    expect(run(start, ...ends, [10, ready]).state).toBe('ready');
  });

  it('counts on when it dies soon after it was ready, and begins anew when it was stable', () => {
    const flapping = run(start, [1, killed], [1, killed], [1, ready], [stableAfter - 1, killed]);
    expect(flapping).toMatchObject({ state: 'failed', failures: 3 });
    const stable = run(start, [1, killed], [1, killed], [1, ready], [stableAfter, killed]);
    expect(stable).toMatchObject({ state: 'starting', failures: 1, restarts: 3 });
  });

  it('needs setup without being started or restarted', () => {
    const record = run(start, [1, { type: 'needs-setup', reason: 'KEY is not set' }]);
    expect(toStatus(record)).toMatchObject({ state: 'needs-setup', reason: 'KEY is not set', restarts: 0 });
  });

  it('tells an unreachable service from a crash', () => {
    const record = run(start, [1, killed], [1, { type: 'unreachable', reason: 'no route' }]);
    expect(record).toMatchObject({ state: 'unreachable', failures: 0, restarts: 1 });
  });

  it('shows the loss of a session’s process until it has answered again', () => {
    const lost: ServerEvent = { type: 'lost', reason: 'a process of it was ended by SIGKILL' };
    const shaken = run(start, [1, ready], [1, lost]);
    expect(shaken).toMatchObject({ state: 'starting', reason: lost.reason, pid: 7, restarts: 1, failures: 0 });
    expect(run(shaken, [1, ready])).toMatchObject({ state: 'ready', reason: null, restarts: 1 });
    const failed = run(start, [1, killed], [1, killed], [1, killed]);
    expect(run(failed, [1, lost])).toEqual(failed);
  });

  it('is ready with a note while only its cloud is away, and loses the note with it', () => {
    const away = run(start, [1, { type: 'note', note: 'cloud away' }]);
    expect(away).toMatchObject({ state: 'starting', reason: null });
    const noted = run(away, [1, ready]);
    expect(noted).toMatchObject({ state: 'ready', reason: 'cloud away' });
    const well = run(noted, [1, { type: 'note', note: null }]);
    expect(well).toMatchObject({ state: 'ready', reason: null, since: noted.since });
  });
});

describe('the health of the container', () => {
  const of = (state: ServerRecord['state'], reason: string | null = null) => ({ server: state, state, reason });

  it('is good when each server works or lacks only what no restart mends', () => {
    expect(toHealth([of('ready'), of('needs-setup', 'KEY is not set'), of('unreachable', 'no route')])).toEqual({
      healthy: true,
      lines: ['ready: ready', 'needs-setup: needs-setup (KEY is not set)', 'unreachable: unreachable (no route)'],
    });
  });

  it.each(['starting', 'failed'] as const)('is not while one is %s', (state) => {
    expect(toHealth([of('ready'), of(state)]).healthy).toBe(false);
  });
});
