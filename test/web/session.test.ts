import { describe, expect, it } from 'vitest';
import { createSessions } from '../../main/hosts/web/session.ts';

function sessionsAt(start = 0) {
  let time = start;
  const sessions = createSessions({ now: () => time, tokenLifetime: 1000, attempts: 3, window: 500, maxKeys: 2 });
  return {
    ...sessions,
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

/** The key that a fresh token buys. */
function keyOf(sessions: Pick<ReturnType<typeof sessionsAt>, 'issue' | 'exchange'>): string {
  const result = sessions.exchange(sessions.issue());
  if (result.kind !== 'key') throw new Error(`no key: ${result.kind}`);
  return result.key;
}

describe('sessions', () => {
  it('gives a key for a token, once', () => {
    const sessions = sessionsAt();
    const token = sessions.issue();
    const first = sessions.exchange(token);
    expect(first).toMatchObject({ kind: 'key' });
    expect(sessions.exchange(token)).toEqual({ kind: 'refused' });
    expect(first.kind === 'key' && sessions.accepts(first.key)).toBe(true);
  });

  it('gives every key and token 256 bits of its own, and takes neither for the other', () => {
    const sessions = sessionsAt();
    const tokens = Array.from({ length: 20 }, sessions.issue);
    expect(new Set(tokens).size).toBe(20);
    for (const token of tokens) {
      expect(Buffer.from(token, 'base64url')).toHaveLength(32);
      expect(sessions.accepts(token)).toBe(false);
    }
    expect(sessions.exchange(keyOf(sessions))).toEqual({ kind: 'refused' });
  });

  it('refuses a token that is too old', () => {
    const sessions = sessionsAt();
    const token = sessions.issue();
    sessions.pass(1000);
    expect(sessions.exchange(token)).toEqual({ kind: 'refused' });
  });

  it('closes the door after three wrong tokens, also for the right one, until the window is over', () => {
    const sessions = sessionsAt();
    const token = sessions.issue();
    for (const guess of ['a', 'b', 'c']) expect(sessions.exchange(guess)).toEqual({ kind: 'refused' });
    expect(sessions.exchange(token)).toEqual({ kind: 'limited', retryAfter: 1 });
    sessions.pass(500);
    expect(sessions.exchange(token)).toMatchObject({ kind: 'key' });
  });

  it('drops the oldest key when there are too many', () => {
    const sessions = sessionsAt();
    const [first, second, third] = [keyOf(sessions), keyOf(sessions), keyOf(sessions)];
    expect([first, second, third].map(sessions.accepts)).toEqual([false, true, true]);
  });
});
