import { describe, expect, it } from 'vitest';
import { createIntrospection, isToken } from '../../../resources/images/gateway/src/introspection.mjs';

const person = { id: 'p-1', name: 'Ana', role: 'member' } as const;
const yes = { active: true, person } as const;
const no = { active: false } as const;

/** A controller whose answer is set, and a clock that is. */
function world() {
  const state = { time: 0, answer: yes as typeof yes | typeof no | 'away', asked: 0, said: [] as string[] };
  const introspection = createIntrospection({
    ask: async () => {
      state.asked += 1;
      if (state.answer === 'away') throw new Error('connection refused');
      return state.answer;
    },
    now: () => state.time,
    onAway: () => state.said.push('away'),
    onBack: () => state.said.push('back'),
  });
  return { state, check: async (token = 't') => introspection.check(token), isAway: introspection.isAway };
}

describe('whose token it is', () => {
  it('is asked once, however many ask at the same time, and holds for five seconds', async () => {
    const { state, check } = world();
    expect(await Promise.all([check(), check(), check()])).toEqual([yes, yes, yes]);
    state.time = 3999;
    await check();
    expect(state.asked).toBe(1);
  });

  it('is asked again ahead of its end, and nobody waits for that', async () => {
    const { state, check } = world();
    await check();
    state.time = 4500;
    state.answer = no;
    expect(await check()).toEqual(yes);
    expect(state.asked).toBe(2);
    expect(await check()).toEqual(no);
  });

  it('ends five seconds after it was revoked at the latest', async () => {
    const { state, check } = world();
    await check();
    state.answer = no;
    state.time = 5000;
    expect(await check()).toEqual(no);
  });

  it('holds a second where it was nobody’s', async () => {
    const { state, check } = world();
    state.answer = no;
    await check();
    state.time = 999;
    state.answer = yes;
    expect(await check()).toEqual(no);
    state.time = 1000;
    expect(await check()).toEqual(yes);
  });

  it('is an earlier answer while no controller answers, for five minutes', async () => {
    const { state, check, isAway } = world();
    await check();
    state.answer = 'away';
    state.time = 10_000;
    expect(await check()).toEqual(yes);
    expect(isAway()).toBe(true);
    state.time = 299_000;
    expect(await check()).toEqual(yes);
    state.time = 300_001;
    expect(await check()).toBe('away');
    expect(state.said).toEqual(['away']);
  });

  it('is not known for who comes while no controller answers', async () => {
    const { state, check } = world();
    state.answer = 'away';
    expect(await check()).toBe('away');
    const before = state.asked;
    expect(await check('another')).toBe('away');
    expect(state.asked).toBe(before);
    state.time = 1001;
    state.answer = yes;
    expect(await check()).toEqual(yes);
    expect(state.said).toEqual(['away', 'back']);
  });

  it('is no earlier "no" while no controller answers', async () => {
    const { state, check } = world();
    state.answer = no;
    await check();
    state.answer = 'away';
    state.time = 2000;
    expect(await check()).toBe('away');
  });

  it('is asked once a second at most while no controller answers', async () => {
    const { state, check } = world();
    await check();
    state.answer = 'away';
    state.time = 6000;
    await check();
    const before = state.asked;
    for (let more = 0; more < 50; more++) expect(await check()).toEqual(yes);
    expect(state.asked).toBe(before);
  });

  it('is asked only of what has the form of a token', () => {
    expect(isToken(`cet_${'a'.repeat(43)}`)).toBe(true);
    for (const text of ['', 'cet_', `cet_${'a'.repeat(42)}`, `cei_${'a'.repeat(43)}`, `cet_${'a'.repeat(42)}+`]) {
      expect(isToken(text), text).toBe(false);
    }
  });
});
