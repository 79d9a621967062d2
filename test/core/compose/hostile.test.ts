import { describe, expect, it } from 'vitest';
import { loadFrom } from './support/cases.ts';

/* Files made to hurt. Each must get a clear answer; the deadline is far above what any of them takes. */
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

const files: Readonly<Record<string, readonly [() => string, string]>> = {
  'a billion laughs': [
    () => `x-0: &a0 [x, x]\n${lines(30, (i) => `x-${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`)}`,
    'too-complex',
  ],
  'merge keys that double': [
    () => `x-0: &a0 {a: 1}\n${lines(60, (i) => `x-${i + 1}: &a${i + 1} {<<: [*a${i}, *a${i}], k${i}: *a${i}}`)}`,
    'too-complex',
  ],
  'a million brackets': [() => '['.repeat(1_000_000), 'too-complex'],
  'deep mappings': [() => '{a: '.repeat(100_000), 'too-complex'],
  'deep lists in one line': [() => '- '.repeat(100_000), 'too-complex'],
  'deep indentation': [() => lines(1000, (i) => `${' '.repeat(i)}a:`), 'too-complex'],
  '50 MB': [() => 'x'.repeat(50 * 1024 * 1024), 'too-large'],
  'an alias to itself': [() => 'services:\n  a: &a {image: a, x-a: *a}\n', 'yaml'],
  'ports of a whole range, again and again': [
    () =>
      `services: {a: {image: a, ports: [${lines(50, (i) => `"127.0.0.${i}:1-65535:1-65535",`).replaceAll('\n', ' ')}]}}`,
    'bad-port',
  ],
  'an expression without end': [() => `services: {a: {image: "${'${A:-'.repeat(50_000)}"}}`, 'interpolation'],
  'deeply nested expressions': [
    () => `services: {a: {image: "${'${A:-x'.repeat(1000)}${'}'.repeat(1000)}"}}`,
    'interpolation',
  ],
  'everything depends on everything': [
    () =>
      `services:\n${lines(60, (i) => `  s${i}: {image: a, depends_on: [${Array.from({ length: 60 }, (_, j) => `s${j}`)}]}`)}`,
    'dependency-cycle',
  ],
  'thousands of mistakes': [
    () => `services:\n${lines(3000, (i) => `  s${i}: {imag: a, depends_on: [q${i}]}`)}`,
    'unknown-key',
  ],
  'thousands of equal keys': [() => `services:\n${lines(20_000, () => '  s: {image: a}')}`, 'duplicate-key'],
  'bytes that are no text': [() => '\u0000\u0001\ufffe'.repeat(1000), 'wrong-type'],
};

describe('hostile files', () => {
  for (const [title, [text, rule]] of Object.entries(files)) {
    it(`${title}: refused`, { timeout: 20_000 }, async () => {
      const { project, diagnostics } = await loadFrom({ '/p/compose.yaml': text() });
      expect(project).toBeUndefined();
      expect(diagnostics.map((found) => found.rule)).toContain(rule);
      expect(diagnostics.length).toBeLessThanOrEqual(200);
    });
  }

  it('a chain of 3,000 dependencies and extends is fine', { timeout: 20_000 }, async () => {
    const chain = lines(3000, (i) => `  s${i}: {image: a, depends_on: [s${i + 1}]}`);
    const { project } = await loadFrom({ '/p/compose.yaml': `services:\n${chain}\n  s3000: {image: a}` });
    expect(project?.services.size).toBe(3001);
    const extending = lines(500, (i) => `  s${i}: {extends: s${i + 1}}`);
    const second = await loadFrom({ '/p/compose.yaml': `services:\n${extending}\n  s500: {image: a}` });
    expect(second.project?.services.get('s0')?.image).toBe('a');
  });

  it('a link that makes one file look like many includes ends', async () => {
    const { project, diagnostics } = await loadFrom(new Map(), {
      files: ['/p/compose.yaml'],
      exists: () => Promise.resolve(false),
      readText: () => Promise.resolve('include: [loop/compose.yaml]\n'),
    });
    expect(project).toBeUndefined();
    expect(diagnostics.map((found) => found.rule)).toContain('include-cycle');
  });

  it('names of the language are names like any other', async () => {
    const text = `services:
  __proto__: {image: a, environment: {__proto__: x, constructor: y}, labels: {__proto__: z}}
  hasOwnProperty: {image: b, depends_on: [__proto__], x-__proto__: {__proto__: 1}}
networks: {default: {labels: {toString: a}}}
`;
    const { project } = await loadFrom({ '/p/compose.yaml': text });
    expect(project?.services.get('__proto__')?.environment).toEqual(
      new Map([
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ]),
    );
    expect(project?.services.get('hasOwnProperty')?.depends_on?.has('__proto__')).toBe(true);
    expect(Object.getPrototypeOf(project?.services.get('__proto__'))).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).image).toBeUndefined();
  });

  it('an unknown key `__proto__` is an unknown key', async () => {
    const { diagnostics } = await loadFrom({ '/p/compose.yaml': 'services: {a: {image: a, __proto__: {tty: true}}}' });
    expect(diagnostics.map((found) => found.rule)).toEqual(['unknown-key']);
  });

  it('a variable is not looked up on the prototype', async () => {
    const { project } = await loadFrom({
      '/p/compose.yaml': `services: {a: {image: "a\${toString}\${constructor:-b}"}}`,
    });
    expect(project?.services.get('a')?.image).toBe('ab');
  });
});
