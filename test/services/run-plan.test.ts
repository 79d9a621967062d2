import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import type { Step } from '../../main/core/plan/plan.ts';
import { runPlan } from '../../main/services/run-plan.ts';
import type { StepProgress } from '../../preload/contract/model.ts';
import { createFakeClock, settle } from '../support/fake-engine-world.ts';

const step = (id: string, after: readonly string[] = []): Step => ({
  id,
  kind: 'start-container',
  container: id,
  target: id,
  cause: 'test',
  destructive: false,
  after,
});
const optionalWait = (id: string, after: readonly string[]): Step => ({
  ...step(id, after),
  kind: 'wait-healthy',
  container: id,
  optional: true,
});
const broken = new AppFailure({ code: 'engine.error', message: 'broken' });

/** Runs a plan whose steps end when the test says so. */
function harness(steps: readonly Step[], concurrency?: number) {
  const clock = createFakeClock();
  const controller = new AbortController();
  const progress: StepProgress[] = [];
  const running = new Map<string, { done: () => void; fail: (error: unknown) => void }>();
  let most = 0;
  const reports = new Map<string, (report: { message?: string; fraction?: number }) => void>();
  const result = runPlan({
    steps,
    clock,
    signal: controller.signal,
    onProgress: (one) => progress.push(one),
    encode: (error) => (error instanceof AppFailure ? error.error : { code: 'internal', message: 'defect' }),
    execute: ({ id }, context) =>
      new Promise((resolve, reject) => {
        reports.set(id, context.report);
        running.set(id, { done: resolve, fail: reject });
        most = Math.max(most, running.size);
      }),
    ...(concurrency === undefined ? {} : { concurrency }),
  });
  const end = async (id: string, error?: unknown) => {
    const one = running.get(id);
    if (one === undefined) throw new Error(`${id} does not run`);
    running.delete(id);
    if (error === undefined) one.done();
    else one.fail(error);
    await settle();
  };
  const states = () => Object.fromEntries(progress.map(({ step: id, state }) => [id, state]));
  return { clock, controller, progress, running, result, end, states, reports, most: () => most };
}

describe('runPlan', () => {
  it('releases a step only when everything before it has succeeded', async () => {
    const run = harness([step('a'), step('b'), step('c', ['a', 'b'])]);
    expect([...run.running.keys()]).toEqual(['a', 'b']);
    await run.end('a');
    expect(run.running.has('c')).toBe(false);
    await run.end('b');
    expect(run.running.has('c')).toBe(true);
    await run.end('c');
    expect(await run.result).toEqual({ state: 'done' });
  });

  it('skips what can no longer come, transitively, and finishes independent branches', async () => {
    const run = harness([step('a'), step('b', ['a']), step('c', ['b']), step('x'), step('y', ['x'])]);
    await run.end('a', broken);
    await run.end('x');
    await run.end('y');
    expect(await run.result).toEqual({ state: 'failed', error: broken.error });
    expect(run.states()).toEqual({ a: 'failed', b: 'skipped', c: 'skipped', x: 'done', y: 'done' });
  });

  it('goes on after a failed optional wait, and that is no failure', async () => {
    const run = harness([step('a'), optionalWait('w', ['a']), step('b', ['w'])]);
    await run.end('a');
    await run.end('w', broken);
    await run.end('b');
    expect(await run.result).toEqual({ state: 'done' });
    expect(run.states()).toEqual({ a: 'done', w: 'failed', b: 'done' });
  });

  it('never has more in flight than allowed', async () => {
    const steps = Array.from({ length: 30 }, (_, index) => step(`s${index}`));
    const run = harness(steps, 4);
    while (run.running.size > 0) {
      const [id] = run.running.keys();
      await run.end(id ?? '');
    }
    expect(await run.result).toEqual({ state: 'done' });
    expect(run.most()).toBe(4);
  });

  it('stops six containers at once, and the others as these end or turn out to take their time', async () => {
    const stops = Array.from(
      { length: 14 },
      (_, index): Step => ({
        ...step(`s${index}`),
        kind: 'stop-container',
        container: `s${index}`,
        hooks: [],
      }),
    );
    const run = harness([...stops, step('a')]);
    const stopped = () => [...run.running.keys()].filter((id) => id.startsWith('s')).length;
    expect(stopped()).toBe(6);
    expect(run.running.has('a')).toBe(true);
    await run.end('s0');
    expect(stopped()).toBe(6);
    expect(run.running.has('s6')).toBe(true);
    await run.clock.advance(599);
    expect(stopped()).toBe(6);
    await run.clock.advance(1);
    expect(stopped()).toBe(12);
    await run.clock.advance(600);
    expect(stopped()).toBe(13);
    for (const { id } of stops.slice(1)) await run.end(id);
    await run.end('a');
    expect(await run.result).toEqual({ state: 'done' });
    expect(run.clock.pending()).toBe(0);
  });

  it('lets waits run beside a full house, for what they wait for may be in the queue', async () => {
    const run = harness([optionalWait('w1', []), optionalWait('w2', []), step('a')], 1);
    expect([...run.running.keys()].sort()).toEqual(['a', 'w1', 'w2']);
    for (const id of ['a', 'w1', 'w2']) await run.end(id);
    expect(await run.result).toEqual({ state: 'done' });
  });

  it('cancels: running steps end by their signal, waiting ones are cancelled, done ones stay done', async () => {
    const run = harness([step('a'), step('b'), step('c', ['b'])]);
    await run.end('a');
    run.controller.abort();
    await settle();
    expect(run.states()).toEqual({ a: 'done', b: 'running', c: 'cancelled' });
    await run.end('b', new AppFailure({ code: 'cancelled', message: 'stopped' }));
    expect(await run.result).toEqual({ state: 'cancelled' });
    expect(run.states()).toEqual({ a: 'done', b: 'cancelled', c: 'cancelled' });
  });

  it('says of a step that was cancelled what it left half done', async () => {
    const run = harness([step('a')]);
    run.controller.abort();
    const left = new AppFailure({ code: 'volume.unfinished', message: 'emptied' });
    await run.end('a', left);
    expect(await run.result).toEqual({ state: 'failed', error: left.error });
  });

  it('gives a step up that ignores its signal', async () => {
    const run = harness([step('a')]);
    run.controller.abort();
    await run.clock.advance(29_000);
    expect(run.states()).toEqual({ a: 'running' });
    await run.clock.advance(2_000);
    expect(await run.result).toEqual({ state: 'cancelled' });
    expect(run.clock.pending()).toBe(0);
  });

  it('ends when every step is waiting for another', async () => {
    const run = harness([step('a', ['b']), step('b', ['a'])]);
    expect(await run.result).toMatchObject({ state: 'failed', error: { code: 'internal' } });
  });

  it('does not wait for a step that is not in the plan', async () => {
    const run = harness([step('a', ['ghost'])]);
    expect(await run.result).toMatchObject({ state: 'failed', error: { code: 'internal' } });
    expect(run.states()).toEqual({ a: 'skipped' });
  });

  it('turns what is no AppFailure into a defect', async () => {
    const run = harness([step('a')]);
    await run.end('a', new TypeError('x is undefined'));
    expect(await run.result).toEqual({ state: 'failed', error: { code: 'internal', message: 'defect' } });
  });

  it('passes a step’s reports on at most every 100 ms, and the last one always', async () => {
    const run = harness([step('a')]);
    const report = run.reports.get('a');
    for (let line = 0; line < 1000; line += 1) report?.({ message: `line ${line}`, fraction: line / 1000 });
    expect(run.progress.filter(({ message }) => message !== undefined)).toHaveLength(1);
    await run.clock.advance(100);
    expect(run.progress.at(-1)).toMatchObject({ state: 'running', message: 'line 999' });
    report?.({ message: 'last' });
    await run.end('a');
    await run.result;
    expect(run.progress.at(-1)).toMatchObject({ state: 'done', message: 'last', fraction: 1 });
    expect(run.clock.pending()).toBe(0);
  });

  it('an empty plan is done at once', async () => {
    expect(await harness([]).result).toEqual({ state: 'done' });
  });
});
