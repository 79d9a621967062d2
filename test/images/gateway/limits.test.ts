import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { pickLeast } from '../../../resources/images/gateway/src/balance.mjs';
import { createBodyReader } from '../../../resources/images/gateway/src/body.mjs';
import { createTokenBuckets } from '../../../resources/images/gateway/src/token-buckets.mjs';

describe('how often somebody may ask', () => {
  it('takes as many at once as a minute has, then one when one has come back', () => {
    let time = 0;
    const { take } = createTokenBuckets(() => time);
    expect(Array.from({ length: 60 }, () => take('p', 60)).every((wait) => wait === 0)).toBe(true);
    expect(take('p', 60)).toBe(1);
    time = 999;
    expect(take('p', 60)).toBe(1);
    time = 1000;
    expect([take('p', 60), take('p', 60)]).toEqual([0, 1]);
  });

  it('says how long to wait where little is allowed', () => {
    const { take } = createTokenBuckets(() => 0);
    take('p', 1);
    expect(take('p', 1)).toBe(60);
  });

  it('counts each person by themselves', () => {
    const { take } = createTokenBuckets(() => 0);
    take('a', 1);
    expect([take('a', 1) > 0, take('b', 1)]).toEqual([true, 0]);
  });

  it('forgets those that are full again', () => {
    let time = 0;
    const { take, size } = createTokenBuckets(() => time);
    for (let person = 0; person < 10_000; person++) take(String(person), 600);
    time = 60_000;
    take('last', 600);
    expect(size()).toBe(1);
  });
});

describe('where a new session goes', () => {
  const load = (open: number, sessions: number, failedAt = Number.NEGATIVE_INFINITY) => ({ open, sessions, failedAt });
  const at = { now: 100_000, turn: 0 };

  it('to the replica with the fewest sessions, of equals to the one with the fewest requests', () => {
    const [a, b, c] = [load(0, 2), load(3, 1), load(2, 1)];
    expect(pickLeast([a, b, c], at)).toBe(c);
    expect(pickLeast([a, b], at)).toBe(b);
  });

  it('to each of equals in turn', () => {
    const equals = [load(0, 1), load(0, 1), load(0, 1)];
    expect([0, 1, 2, 3].map((turn) => equals.indexOf(pickLeast(equals, { ...at, turn }) ?? load(9, 9)))).toEqual([
      0, 1, 2, 0,
    ]);
  });

  it('to one that failed lately only where there is no other', () => {
    const [failed, busy] = [load(0, 0, 95_000), load(9, 9)];
    expect(pickLeast([failed, busy], at)).toBe(busy);
    expect(pickLeast([failed], at)).toBe(failed);
    expect(pickLeast([failed, busy], { ...at, now: 106_000 })).toBe(failed);
  });

  it('nowhere, without replicas', () => {
    expect(pickLeast([], at)).toBeUndefined();
  });
});

describe('what is read of a body', () => {
  const request = (headers: Record<string, string> = {}) =>
    Object.assign(new EventEmitter(), { headers }) as unknown as IncomingMessage;

  it('is all of it, in order', async () => {
    const read = createBodyReader({ each: 10, share: 10, together: 10 });
    const one = request();
    const body = read(one, 'ana');
    one.emit('data', Buffer.from('ab'));
    one.emit('data', Buffer.from('cd'));
    for (const letter of 'efgh') one.emit('data', Buffer.from(letter));
    one.emit('end');
    expect(String(Object(await body).bytes)).toBe('abcdefgh');
  });

  it('is refused at the first byte too many, and before any where its length says so', async () => {
    const read = createBodyReader({ each: 3, share: 10, together: 10 });
    const one = request();
    const body = read(one, 'ana');
    one.emit('data', Buffer.from('abcd'));
    expect(await body).toEqual({ refused: 'too large' });
    expect(await read(request({ 'content-length': '4' }), 'ana')).toEqual({ refused: 'too large' });
  });

  it('is refused while others hold too much, and taken when they have let go', async () => {
    const read = createBodyReader({ each: 8, share: 8, together: 8 });
    const send = (text: string) => {
      const one = request();
      const body = read(one, 'ana');
      one.emit('data', Buffer.from(text));
      one.emit('end');
      return body;
    };
    const first = await send('12345678');
    expect(await send('9')).toEqual({ refused: 'too much' });
    if ('release' in first) first.release();
    expect(await send('9')).toHaveProperty('bytes');
  });

  it('is no more of one sender than his share, while others are taken', async () => {
    const read = createBodyReader({ each: 8, share: 8, together: 32 });
    const begin = (text: string, sender: string) => {
      const one = request();
      const body = read(one, sender);
      one.emit('data', Buffer.from(text));
      return { one, body };
    };
    const slow = begin('12345678', 'ana');
    expect(await begin('9', 'ana').body).toEqual({ refused: 'too much' });
    const other = begin('12345678', 'bo');
    other.one.emit('end');
    expect(await other.body).toHaveProperty('bytes');
    slow.one.emit('close');
    const again = begin('9', 'ana');
    again.one.emit('end');
    expect(await again.body).toHaveProperty('bytes');
  });

  it('is nothing where the sender left', async () => {
    const read = createBodyReader({ each: 8, share: 8, together: 8 });
    const one = request();
    const body = read(one, 'ana');
    one.emit('data', Buffer.from('1'));
    one.emit('close');
    expect(await body).toEqual({ refused: 'left' });
  });
});
