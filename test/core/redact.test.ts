import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../main/core/redact.ts';

const value = 'c4nary/~Ü "quoted" <b>&\'s\'';
const hides = (known: string, text: string): string => {
  const { know, redact } = createRedactor();
  know(known);
  return redact(text);
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a value that is in use', () => {
  it.each([
    ['as it is', value],
    ['in JSON', JSON.stringify(value).slice(1, -1)],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ a: value }))],
    [
      'in JSON as Go writes it',
      JSON.stringify(value).replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`),
    ],
    ['in JSON as Python writes it', JSON.stringify(value).replaceAll('Ü', '\\u00dc')],
    ['in a URL', encodeURIComponent(value)],
    ['in a query', new URLSearchParams({ q: value }).toString()],
    ['in a URL with small digits', encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase())],
    ['in a shell', `'${value.replaceAll("'", "'\\''")}'`],
  ])('is gone %s', (_name, text) => {
    const shown = hides(value, `before ${text} after`);
    expect(shown).not.toContain('c4nary');
    expect(shown).toMatch(/^before .*•••••• ?.*after$/s);
  });

  it.each([0, 1, 2, 3, 4])('is gone in base64, %i bytes into what was encoded', (offset) => {
    for (const behind of ['', ':', 'xy', 'xyz']) {
      const whole = base64(`${'u'.repeat(offset)}${value}${behind}`);
      for (const text of [whole, whole.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')]) {
        const shown = hides(value, text);
        // What is left of it is at most one digit at either end, which it shares with its neighbours.
        expect(Buffer.from(shown.split('••••••')[1] ?? 'c4nary', 'base64').toString()).not.toMatch(/c4n|quo|'s'/);
        expect(shown.replace('••••••', '').length).toBeLessThanOrEqual(whole.length - base64(value).length + 6);
      }
    }
  });

  it('is gone line by line', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n';
    expect(hides(key, 'step 3: MIIEvQIBADANBgkq')).toBe('step 3: ••••••');
    expect(hides(key, `all of ${key}`)).toBe('all of ••••••');
  });

  it('stays a word where it is short', () => {
    expect(hides('a', 'a banana')).toBe('a banana');
    expect(hides('3000', 'port 3000')).toBe('port 3000');
  });

  it('is gone with each of its neighbours', () => {
    const { know, redact, redactWithin } = createRedactor();
    know('hunter22');
    know('hunter22-long');
    expect(redact('hunter22-longhunter22')).toBe('••••••••••••');
    const data = { a: ['x hunter22'], n: 1, hunter22: null };
    expect(redactWithin(data)).toEqual({ a: ['x ••••••'], n: 1, '••••••': null });
    const clean = { a: ['x'] };
    expect(redactWithin(clean)).toBe(clean);
  });

  it('costs no more when there are a thousand', () => {
    const { know, redact } = createRedactor();
    for (let index = 0; index < 1000; index += 1) know(`value-${index}-${'x'.repeat(index % 7)}-secret`);
    const line = 'Step 3/7 : RUN apt-get install value-999-xxxxx-secret '.repeat(100);
    expect(redact(line)).not.toContain('secret');
  });
});
