import { describe, expect, it } from 'vitest';
import { isProjectName, normalizeProjectName } from '../../../main/core/compose/names.ts';
import { goNumber, resolvePlain } from '../../../main/core/compose/scalars.ts';
import { splitWords } from '../../../main/core/compose/short/words.ts';
import { didYouMean } from '../../../main/core/compose/suggest.ts';
import { formatDuration, parseBytes, parseDuration } from '../../../main/core/compose/units.ts';
import { pathsOf } from '../../../main/core/paths.ts';

describe('durations', () => {
  const table: readonly (readonly [string, number | undefined, string?])[] = [
    ['10s', 10e9, '10s'],
    ['1m30s', 90e9, '1m30s'],
    ['90s', 90e9, '1m30s'],
    ['1.5h', 5400e9, '1h30m0s'],
    ['500ms', 5e8, '500ms'],
    ['1us500ns', 1500, '1.5µs'],
    ['2d', 172800e9, '48h0m0s'],
    ['1w', 604800e9, '168h0m0s'],
    ['0', 0, '0s'],
    ['-1s', -1e9, '-1s'],
    ['10', undefined],
    ['', undefined],
    ['s', undefined],
    ['1 s', undefined],
    ['1x', undefined],
  ];
  for (const [text, nanoseconds, printed] of table) {
    it(`${JSON.stringify(text)} is ${nanoseconds}`, () => {
      expect(parseDuration(text)).toBe(nanoseconds);
      if (nanoseconds !== undefined) expect(formatDuration(nanoseconds)).toBe(printed);
    });
  }
});

describe('sizes', () => {
  const table: readonly (readonly [string, number | undefined])[] = [
    ['512', 512],
    ['1k', 1024],
    ['1kb', 1024],
    ['1KiB', 1024],
    ['10.5m', 11010048],
    ['64 MB', 67108864],
    ['2g', 2147483648],
    ['-1', undefined],
    ['m', undefined],
    ['1 x', undefined],
  ];
  for (const [text, bytes] of table) it(`${text} is ${bytes}`, () => expect(parseBytes(text)).toBe(bytes));
});

describe('unquoted scalars', () => {
  const table: readonly (readonly [string, unknown])[] = [
    ['0440', 288],
    ['0o17', 15],
    ['1_000', 1000],
    ['0x1F', 31],
    ['08', 8],
    ['1.10', 1.1],
    ['.5', 0.5],
    ['yes', 'yes'],
    ['on', 'on'],
    ['TRUE', true],
    ['tRue', 'tRue'],
    ['~', null],
    ['', null],
    ['1:30', '1:30'],
    ['2026-13-01', '2026-13-01'],
  ];
  for (const [text, value] of table) {
    it(`${JSON.stringify(text)} is ${JSON.stringify(value)}`, () => expect(resolvePlain(text).value).toBe(value));
  }
  it('2026-01-01 is a date', () => expect(resolvePlain('2026-01-01').timestamp).toBe(true));
  it('9007199254740993 keeps its digits', () =>
    expect(resolvePlain('9007199254740993').exact).toBe('9007199254740993'));
});

describe('numbers where text is wanted', () => {
  const table: readonly (readonly [number, string])[] = [
    [1.1, '1.1'],
    [1, '1'],
    [0.00001, '1e-05'],
    [123456.789, '123456.789'],
    [1000000.5, '1.0000005e+06'],
    [1e21, '1e+21'],
    [Number.POSITIVE_INFINITY, '+Inf'],
  ];
  for (const [value, text] of table) it(text, () => expect(goNumber(value, true)).toBe(text));
});

describe('command lines', () => {
  const table: readonly (readonly [string, readonly string[] | undefined])[] = [
    ["echo 'a b' c", ['echo', 'a b', 'c']],
    ['a "b c" d\\ e', ['a', 'b c', 'd e']],
    [`a 'b''c' ""`, ['a', 'bc', '']],
    ['  a\tb\nc ', ['a', 'b', 'c']],
    ['a | b', ['a']],
    ['a 2>b', ['a']],
    ['a "b', undefined],
    ['a (b)', undefined],
    ['', []],
  ];
  for (const [line, words] of table) {
    it(JSON.stringify(line), () => expect(splitWords(line)?.words).toEqual(words));
  }
});

describe('project names', () => {
  const table: readonly (readonly [string, string])[] = [
    ['My App', 'myapp'],
    ['_-a', 'a'],
    ['a.b-c_d', 'ab-c_d'],
    ['ÄÖ', ''],
  ];
  for (const [name, normal] of table) {
    it(`${name} becomes ${JSON.stringify(normal)}`, () => {
      expect(normalizeProjectName(name)).toBe(normal);
      expect(isProjectName(name)).toBe(false);
    });
  }
});

describe('did you mean', () => {
  const keys = ['healthcheck', 'ports', 'environment', 'env_file', 'depends_on', 'tty'];
  const table: readonly (readonly [string, string | undefined])[] = [
    ['helthcheck', 'healthcheck'],
    ['port', 'ports'],
    ['depends-on', 'depends_on'],
    ['enviroment', 'environment'],
    ['DependsOn', 'depends_on'],
    ['xyz', undefined],
  ];
  for (const [written, meant] of table) {
    it(`${written} → ${meant}`, () => expect(didYouMean(written, keys)).toBe(meant && `did you mean \`${meant}\`?`));
  }
});

describe('paths', () => {
  const table: readonly (readonly ['posix' | 'win32', string, string, string])[] = [
    ['posix', '/a/b', './c', '/a/b/c'],
    ['posix', '/a/b', '../c//d/.', '/a/c/d'],
    ['posix', '/a', '../../..', '/'],
    ['posix', '/a', '/x/../y', '/y'],
    ['win32', 'C:\\a\\b', '.\\c', 'C:\\a\\b\\c'],
    ['win32', 'C:\\a\\b', '../c/d', 'C:\\a\\c\\d'],
    ['win32', 'C:\\a', 'D:/x/y', 'D:\\x\\y'],
    ['win32', 'C:\\a', '\\x', 'C:\\x'],
    ['win32', 'C:\\a', '..\\..\\..', 'C:\\'],
    ['win32', '\\\\srv\\share\\a', '..\\b', '\\\\srv\\share\\b'],
  ];
  for (const [platform, base, path, resolved] of table) {
    it(`${platform}: ${path} in ${base}`, () => expect(pathsOf(platform).resolve(base, path)).toBe(resolved));
  }
  it('dirname and basename know both kinds of slash', () => {
    expect(pathsOf('win32').dirname('C:\\a\\compose.yaml')).toBe('C:\\a');
    expect(pathsOf('win32').basename('C:/a/My App/')).toBe('My App');
    expect(pathsOf('posix').dirname('/compose.yaml')).toBe('/');
  });
});
