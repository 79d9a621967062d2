import { describe, expect, it } from 'vitest';
import {
  fillMarks,
  fillWithin,
  fitsMarks,
  hideMarks,
  marksIn,
  marksWithin,
  type OpaqueValue,
  toLoneMark,
  toMark,
  withoutMarks,
} from '../../main/core/opaque.ts';

const password: OpaqueValue = { name: 'DB_PASSWORD', source: 'project', edition: 'a1' };
const key: OpaqueValue = { name: 'KEY', source: 'user', edition: '' };
const text = `postgres://me:${toMark(password)}@db/${toMark(key)}`;

describe('marks', () => {
  it('say what they stand for, and nothing of it', () => {
    expect(marksIn(text)).toEqual([password, key]);
    expect(marksIn(`${toMark(key)}${toMark(key)}`)).toEqual([key]);
    expect(marksIn('$KEY \uFDD0KEY\uFDD1')).toEqual([]);
  });

  it('are hidden, left out and filled', () => {
    expect(hideMarks(text)).toBe('postgres://me:••••••@db/••••••');
    expect(hideMarks(text, { sources: true })).toBe(
      'postgres://me:•••••• (from the keychain, project)@db/•••••• (from the keychain, user)',
    );
    expect(withoutMarks(JSON.stringify([text, toMark(key), toLoneMark(toMark(key))]))).toBe(
      '["postgres://me:@db/","",null]',
    );
    expect(marksIn(toLoneMark(text))).toEqual([password, key]);
    expect(hideMarks(toLoneMark(text))).toBe(hideMarks(text));
    expect(fillMarks(text, new Map([['DB_PASSWORD', 'a$&b']]))).toBe(`postgres://me:a$&b@db/${toMark(key)}`);
  });

  it('are found and filled in lists, maps and objects, also in keys of maps', () => {
    const step = {
      body: { Env: [`A=${text}`], Labels: { x: toMark(key) } },
      args: new Map([['N', toMark(key)]]),
      n: 1,
    };
    expect(marksWithin(step)).toEqual([password, key]);
    const values = new Map([
      ['DB_PASSWORD', 'pw'],
      ['KEY', 'k'],
    ]);
    expect(fillWithin(step, values)).toEqual({
      body: { Env: ['A=postgres://me:pw@db/k'], Labels: { x: 'k' } },
      args: new Map([['N', 'k']]),
      n: 1,
    });
    const plain = { a: ['b'] };
    expect(fillWithin(plain, values)).toBe(plain);
  });

  it('survive JSON', () => expect(marksIn(JSON.parse(JSON.stringify({ text })).text)).toEqual([password, key]));

  it.each([
    ['postgres://me:secret@db/k', true],
    ['postgres://me:@db/', true],
    ['postgres://you:secret@db/k', false],
    ['postgres://me:secret', false],
  ])('fit %s: %s', (actual, fits) => expect(fitsMarks(text, actual)).toBe(fits));

  it('fit nothing that is shorter than what stands around them', () => {
    expect(fitsMarks(`aba${toMark(key)}aba`, 'aba')).toBe(false);
    expect(fitsMarks(`aba${toMark(key)}aba`, 'abaaba')).toBe(true);
    expect(fitsMarks('plain', 'plain')).toBe(true);
  });
});
