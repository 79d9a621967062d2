import { describe, expect, it } from 'vitest';
import { goMap, goString, optionalFloat32, toGoDuration } from '../../../main/core/plan/go-json.ts';

/* Right-hand sides as Go 1.24 prints them: time.Duration.String() and json.Marshal. */
describe('durations', () => {
  it.each([
    [0, '0s'],
    [1, '1ns'],
    [1_500, '1.5µs'],
    [500_000_000, '500ms'],
    [1_500_000_000, '1.5s'],
    [90_000_000_000, '1m30s'],
    [3_600_000_000_000, '1h0m0s'],
    [3_661_000_000_001, '1h1m1.000000001s'],
    [-60_000_000_000, '-1m0s'],
  ])('%d ns is %s', (nanoseconds, text) => expect(toGoDuration(nanoseconds)).toBe(text));
});

describe('float32', () => {
  it.each([
    [0.1, '0.1'],
    [0.3, '0.3'],
    [1.5, '1.5'],
    [2, '2'],
    [1.23456789, '1.2345679'],
    [1 / 3, '0.33333334'],
  ])('%d is %s', (value, text) => expect(optionalFloat32(value)).toBe(text));
  it('0 is left out', () => expect(optionalFloat32(0)).toBeUndefined());
});

describe('strings and maps', () => {
  it('escapes what HTML could misread', () => {
    expect(goString('<a href="x">&\u2028</a>')).toBe('"\\u003ca href=\\"x\\"\\u003e\\u0026\\u2028\\u003c/a\\u003e"');
  });
  it('keeps other scripts as they are, and control characters short', () => {
    expect(goString('é 日本 😀\n\u0001\u007f')).toBe('"é 日本 😀\\n\\u0001\u007f"');
  });
  it('sorts keys by code point', () => {
    const map = new Map([
      ['\u{1F600}', 'x'],
      ['\uFF5E', 'y'],
      ['b', 'z'],
      ['a', 'w'],
    ]);
    expect(goMap(map, goString)).toBe('{"a":"w","b":"z","\uFF5E":"y","\u{1F600}":"x"}');
  });
});
