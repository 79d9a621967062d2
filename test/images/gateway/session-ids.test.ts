import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSessionIds } from '../../../resources/images/gateway/src/session-ids.mjs';

const key = randomBytes(32).toString('base64url');
const session = { replica: '10.0.1.7:3001', person: 'p-1', upstream: '0f3a6c1e-1111-4222-8333-444455556666' };
const sealed = (name = 'context7', ids = createSessionIds(key)) => ids.seal(name, session) ?? '';

describe('session ids', () => {
  it('open at every gateway that has the same service key', () => {
    expect(createSessionIds(key).open('context7', sealed())).toEqual(session);
  });

  it('show neither the replica nor the person, and are never the same twice', () => {
    const id = sealed();
    const text = Buffer.from(id.split('.')[0] ?? '', 'base64url').toString('latin1');
    expect(text).not.toMatch(/10\.0\.1\.7|p-1/);
    expect(sealed()).not.toBe(id);
    expect(id).toMatch(/^[\w-]+\.[\w-]+$/);
  });

  it('keep what a replica’s own id has in it, dots as well', () => {
    const ids = createSessionIds(key);
    const dotted = { ...session, upstream: 'a.b.c' };
    expect(ids.open('x', ids.seal('x', dotted) ?? '')).toEqual(dotted);
  });

  it('do not open with another key, for another server, or with another replica’s id', () => {
    const ids = createSessionIds(key);
    const id = sealed();
    expect(createSessionIds(`${key}x`).open('context7', id)).toBeUndefined();
    expect(ids.open('sequential', id)).toBeUndefined();
    expect(ids.open('context7', id.replace(session.upstream, 'another'))).toBeUndefined();
  });

  it('do not open where a single character was changed', () => {
    const ids = createSessionIds(key);
    const id = sealed();
    for (let at = 0; at < id.length; at += 7) {
      const changed = `${id.slice(0, at)}${id[at] === 'A' ? 'B' : 'A'}${id.slice(at + 1)}`;
      expect(ids.open('context7', changed), String(at)).toBeUndefined();
    }
  });

  it.each(['', '.', 'x', '.x', 'AAAA.x', `${'A'.repeat(2000)}.x`, session.upstream])('are not %j', (id) => {
    expect(createSessionIds(key).open('context7', id)).toBeUndefined();
  });

  it.each(['', 'with space', 'x'.repeat(257), 'line\nbreak'])('are not made of %j', (upstream) => {
    expect(createSessionIds(key).seal('context7', { ...session, upstream })).toBeUndefined();
  });
});
