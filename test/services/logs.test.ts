import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import { createLive } from '../../main/services/live.ts';
import { streamLogs } from '../../main/services/logs.ts';
import { toEngineSince } from '../../main/services/since.ts';
import type { Frame, StreamInput } from '../../preload/contract/api.ts';
import { composeLabels, createFakeEngine, type FakeEngine } from '../support/fake-engine.ts';
import { createFakeClock, createFakeFiles, createFakeLog, settle } from '../support/fake-engine-world.ts';

const at = (nano: number) => `2026-01-01T00:00:00.${String(nano).padStart(9, '0')}Z`;

async function setUp(prepare: (engine: FakeEngine) => void) {
  const engine = createFakeEngine();
  const clock = createFakeClock();
  prepare(engine);
  const live = createLive({
    engines: engine.engines,
    files: createFakeFiles(),
    clock,
    log: createFakeLog().log,
    scope: 'all',
    known: async () => ({ stacks: [] }),
  });
  void live.ready();
  await clock.advance(100);
  const frames: Frame<'logs'>[] = [];
  const controller = new AbortController();
  const start = (input: StreamInput<'logs'>) =>
    streamLogs({ engines: engine.engines, live, clock }, input, (frame) => frames.push(frame), controller.signal);
  const texts = () => frames.flatMap((frame) => (frame.kind === 'lines' ? frame.lines.map(({ text }) => text) : []));
  return { engine, clock, live, frames, controller, start, texts };
}

const web = (engine: FakeEngine) => engine.put({ name: 'web-a-1', labels: composeLabels('web', 'a') });

describe('logs', () => {
  it('reads several services to their end and numbers the lines', async () => {
    const run = await setUp((engine) => {
      web(engine);
      engine.put({ name: 'web-b-1', labels: composeLabels('web', 'b'), state: 'exited', exitCode: 1 });
    });
    const reading = run.start({ services: ['fake/web/a', 'fake/web/b'], tail: 7 });
    await settle();
    expect(run.engine.logReaders.map(({ options }) => options)).toEqual([
      { tail: 7, follow: false, timestamps: true },
      { tail: 7, follow: false, timestamps: true },
    ]);
    for (const { container, write, end } of run.engine.logReaders) {
      write({ stream: 'stdout', at: at(1), text: container.slice(-1) });
      end();
    }
    await reading;
    const lines = run.frames.flatMap((frame) => (frame.kind === 'lines' ? frame.lines : []));
    expect(lines.map(({ seq, service, container }) => [seq, service, container])).toEqual([
      [0, 'fake/web/a', 'web-a-1'],
      [1, 'fake/web/b', 'web-b-1'],
    ]);
  });

  it('hands lines on every 50 ms, or every 200 lines under load', async () => {
    const run = await setUp(web);
    const reading = run.start({ services: ['fake/web/a'], follow: true });
    await settle();
    const [reader] = run.engine.logReaders;
    for (let line = 0; line < 450; line += 1) reader?.write({ stream: 'stdout', text: `${line}` });
    expect(run.frames.map((frame) => frame.kind === 'lines' && frame.lines.length)).toEqual([200, 200]);
    await run.clock.advance(49);
    expect(run.frames).toHaveLength(2);
    await run.clock.advance(1);
    expect(run.texts()).toHaveLength(450);
    run.controller.abort();
    await reading;
  });

  it('goes on after a restart without repeating or losing a line', async () => {
    const run = await setUp(web);
    const reading = run.start({ services: ['fake/web/a'], follow: true });
    await settle();
    const [first] = run.engine.logReaders;
    first?.write({ stream: 'stdout', at: at(1), text: 'one' });
    first?.write({ stream: 'stdout', at: at(2), text: 'two' });
    first?.write({ stream: 'stdout', at: at(2), text: 'two as well' });
    run.engine.put({ name: 'web-a-1', state: 'exited', exitCode: 0 }, 'die');
    await run.clock.advance(60);
    first?.end();
    await run.clock.advance(60);
    const before = run.engine.logReaders.length;
    run.engine.put({ name: 'web-a-1', state: 'running', startedAt: '2026-01-01T00:01:00Z' });
    await run.clock.advance(60);
    expect(run.engine.logReaders.length).toBe(before + 1);
    const again = run.engine.logReaders.at(-1);
    expect(again?.options).toEqual({ since: '1767225600.000000002', follow: true, timestamps: true });
    // The engine repeats the lines of exactly that time.
    again?.write({ stream: 'stdout', at: at(2), text: 'two' });
    again?.write({ stream: 'stdout', at: at(2), text: 'two as well' });
    again?.write({ stream: 'stdout', at: at(3), text: 'three' });
    await run.clock.advance(60);
    expect(run.texts()).toEqual(['one', 'two', 'two as well', 'three']);
    run.controller.abort();
    await reading;
  });

  it('attaches to the container that replaces the old one, and to a service that appears later', async () => {
    const run = await setUp(web);
    const reading = run.start({ services: ['fake/web/a', 'fake/web/late'], follow: true });
    await settle();
    run.engine.remove('web-a-1');
    run.engine.logReaders[0]?.end();
    run.engine.put({ name: 'web-a-1', id: 'f'.repeat(64), labels: composeLabels('web', 'a') });
    run.engine.put({ name: 'web-late-1', labels: composeLabels('web', 'late') });
    await run.clock.advance(60);
    const attached = run.engine.logReaders.slice(1);
    expect(attached.map(({ container }) => container)).toContain('f'.repeat(64));
    expect(attached).toHaveLength(2);
    run.controller.abort();
    await reading;
  });

  it('says a gap when reading breaks, and tries again', async () => {
    const run = await setUp(web);
    const reading = run.start({ services: ['fake/web/a'], follow: true });
    await settle();
    run.engine.logReaders[0]?.write({ stream: 'stdout', at: at(1), text: 'one' });
    run.engine.logReaders[0]?.end(new AppFailure({ code: 'engine.unreachable', message: 'gone' }));
    await run.clock.advance(10);
    expect(run.frames.at(-1)).toEqual({ kind: 'gap', service: 'fake/web/a', reason: 'gone' });
    await run.clock.advance(1000);
    expect(run.engine.logReaders).toHaveLength(2);
    run.controller.abort();
    await reading;
  });

  it('ends at the signal, whatever it is doing, and says nothing more', async () => {
    const run = await setUp(web);
    const reading = run.start({ services: ['fake/web/a'], follow: true });
    await settle();
    run.engine.logReaders[0]?.write({ stream: 'stdout', text: 'late' });
    run.controller.abort();
    await reading;
    await run.clock.advance(1000);
    expect(run.frames).toEqual([]);
  });

  it('cuts a line that no screen can show', async () => {
    const run = await setUp(web);
    const reading = run.start({ services: ['fake/web/a'] });
    await settle();
    run.engine.logReaders[0]?.write({ stream: 'stdout', text: 'x'.repeat(1_000_000) });
    run.engine.logReaders[0]?.end();
    await reading;
    expect(run.texts()[0]?.length).toBeLessThan(33_000);
  });

  it('names a service that has no containers', async () => {
    const run = await setUp(web);
    await expect(run.start({ services: ['fake/web/nope'] })).rejects.toMatchObject({
      error: { code: 'stack.not-found', message: expect.stringContaining('nope') },
    });
  });
});

describe('toEngineSince', () => {
  const now = Date.UTC(2026, 0, 1);
  it.each([
    ['1767225600', '1767225600'],
    ['1767225600.5', '1767225600.5'],
    ['2026-01-01T00:00:00.123456789Z', '1767225600.123456789'],
    ['2026-01-01T00:00:00Z', '1767225600'],
    ['2026-01-01T01:00:00+01:00', '1767225600'],
    ['10m', '1767225000.000'],
    ['1h30m', '1767220200.000'],
  ])('%s', (text, expected) => {
    expect(toEngineSince(text, now)).toBe(expected);
  });
  it.each(['yesterday', '10 m', '', '-5'])('%s is no time', (text) => {
    expect(() => toEngineSince(text, now)).toThrow(AppFailure);
  });
});
