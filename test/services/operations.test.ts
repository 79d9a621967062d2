import { describe, expect, it, vi } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import type { Step } from '../../main/core/plan/plan.ts';
import { createOperations, type StartOperation } from '../../main/services/operations.ts';
import type { Frame } from '../../preload/contract/api.ts';
import { createFakeClock, createFakeIds, createFakeLog, settle } from '../support/fake-engine-world.ts';

const steps: readonly Step[] = [
  { id: 'a', kind: 'start-container', container: 'a', target: 'a', cause: 'test', destructive: false, after: [] },
];

function setUp() {
  const { log, lines } = createFakeLog();
  const operations = createOperations({ clock: createFakeClock(), ids: createFakeIds(), log });
  const start = (change: Partial<StartOperation> = {}) => {
    const release = vi.fn(async () => undefined);
    const id = operations.start({
      stack: 'fake/web',
      action: 'up',
      steps,
      execute: async () => undefined,
      release,
      ...change,
    });
    return { id, release };
  };
  return { operations, start, lines };
}

const untilAborted: StartOperation['execute'] = (_step, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new AppFailure({ code: 'cancelled', message: 'stopped' })));
  });

describe('operations', () => {
  it('ends as done and gives the lock back', async () => {
    const { operations, start } = setUp();
    const { id, release } = start();
    expect(operations.list()[0]?.state).toBe('running');
    expect(await operations.finished(id)).toMatchObject({ state: 'done', progress: { a: { state: 'done' } } });
    expect(release).toHaveBeenCalledTimes(1);
  });

  it('cancelling → cancelled, lock given back', async () => {
    const { operations, start } = setUp();
    const { id, release } = start({ execute: untilAborted });
    operations.cancel(id);
    expect(operations.list()[0]?.state).toBe('cancelling');
    operations.cancel(id);
    expect(await operations.finished(id)).toMatchObject({
      state: 'cancelled',
      progress: { a: { state: 'cancelled' } },
    });
    expect(release).toHaveBeenCalledTimes(1);
  });

  it('a defect in a step ends the operation and is logged with the id that the user sees', async () => {
    const { operations, start, lines } = setUp();
    const { id, release } = start({
      execute: () => {
        throw new TypeError('boom');
      },
    });
    const ended = await operations.finished(id);
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'internal' } });
    expect(release).toHaveBeenCalledTimes(1);
    const logged = lines.filter(({ level }) => level === 'error').map(({ fields }) => fields as Record<string, string>);
    expect(logged).toHaveLength(1);
    expect(ended.error?.message).toContain(logged[0]?.id);
    expect(logged[0]?.found).toContain('boom');
  });

  it('a lock that cannot be given back does not keep the operation running', async () => {
    const { operations, start } = setUp();
    const { id } = start({ release: async () => Promise.reject(new Error('disk full')) });
    expect((await operations.finished(id)).state).toBe('done');
  });

  it('a listener that throws harms nobody', async () => {
    const { operations, start } = setUp();
    operations.subscribe(() => {
      throw new Error('bad listener');
    });
    const frames: Frame<'operations'>[] = [];
    operations.subscribe((frame) => frames.push(frame));
    const { id } = start();
    await operations.finished(id);
    expect(frames.at(-1)).toMatchObject({ kind: 'operation', operation: { state: 'done' } });
  });

  it('shows a late subscriber every operation whole', async () => {
    const { operations, start } = setUp();
    const { id } = start({ execute: untilAborted });
    await settle();
    const frames: Frame<'operations'>[] = [];
    operations.subscribe((frame) => frames.push(frame));
    expect(frames).toMatchObject([{ kind: 'operation', operation: { id, progress: { a: { state: 'running' } } } }]);
    operations.cancel(id);
    await operations.finished(id);
  });

  it('keeps the last 20 that ended, and says which it dropped', async () => {
    const { operations, start } = setUp();
    const frames: Frame<'operations'>[] = [];
    operations.subscribe((frame) => frames.push(frame));
    const all: string[] = [];
    for (let count = 0; count < 25; count += 1) {
      const { id } = start();
      all.push(id);
      await operations.finished(id);
    }
    expect(operations.list().map(({ id }) => id)).toEqual(all.slice(5));
    expect(frames.flatMap((frame) => (frame.kind === 'dismissed' ? [frame.operation] : []))).toEqual(all.slice(0, 5));
  });

  it('dismisses what has ended, never what runs', async () => {
    const { operations, start } = setUp();
    const running = start({ execute: untilAborted });
    operations.dismiss(running.id);
    expect(operations.list()).toHaveLength(1);
    operations.cancel(running.id);
    await operations.finished(running.id);
    operations.dismiss(running.id);
    expect(operations.list()).toHaveLength(0);
    expect(() => operations.cancel('unknown')).toThrow(AppFailure);
  });

  it('close cancels and waits', async () => {
    const { operations, start } = setUp();
    const { release } = start({ execute: untilAborted });
    await operations.close();
    expect(release).toHaveBeenCalledTimes(1);
    expect(operations.list()[0]?.state).toBe('cancelled');
  });
});
