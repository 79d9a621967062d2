import { describe, expect, it } from 'vitest';
import type { Step } from '../../main/core/plan/plan.ts';
import { createDueHooks } from '../../main/services/due-hooks.ts';
import { createFakeClock, createFakeLog, createFakeState } from '../support/fake-engine-world.ts';

const step = (kind: Step['kind'], target: string, id = `${kind} ${target}`): Step =>
  ({ id, kind, target, cause: 'test', destructive: false, after: [] }) as unknown as Step;
const start = step('start-container', 'web');
const first = step('run-hook', 'web', 'first');
const second = step('run-hook', 'web', 'second');
const other = step('start-container', 'db');
const plan = [other, start, first, second];
const context = { signal: new AbortController().signal, report: () => undefined };

function open() {
  const state = createFakeState();
  const due = createDueHooks({ state, clock: createFakeClock(), log: createFakeLog().log });
  const carry = due.keeping('shop', plan, async ({ id }) => {
    if (id === failing) throw new Error('it failed');
  });
  let failing = '';
  return {
    due: async () => [...(await due.of('shop'))],
    run: (one: Step) => carry(one, context),
    fail: (one: Step) => {
      failing = one.id;
      return carry(one, context).catch((error: Error) => error.message);
    },
    elsewhere: () => due.of('another'),
  };
}

describe('post_start hooks', () => {
  it('are due from before the start until the last one has succeeded', async () => {
    const { due, run, elsewhere } = open();
    await run(other);
    expect(await due()).toEqual([]);
    await run(start);
    expect(await due()).toEqual(['web']);
    expect([...(await elsewhere())]).toEqual([]);
    await run(first);
    expect(await due()).toEqual(['web']);
    await run(second);
    expect(await due()).toEqual([]);
  });

  it('stay due when the start, or one of them, failed', async () => {
    const begun = open();
    expect(await begun.fail(start)).toBe('it failed');
    expect(await begun.due()).toEqual(['web']);
    const half = open();
    await half.run(start);
    await half.run(first);
    expect(await half.fail(second)).toBe('it failed');
    expect(await half.due()).toEqual(['web']);
  });

  it('are due once, however often the start is tried', async () => {
    const { due, run } = open();
    await run(start);
    await run(start);
    expect(await due()).toEqual(['web']);
  });
});
