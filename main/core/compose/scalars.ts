import type { ScalarValue } from './tree.ts';

/*
 * What an unquoted scalar means. Docker reads YAML with go-yaml v3, which is neither 1.1 nor 1.2: `yes` is a string,
 * `0440` is octal, `1_000` is a number and `2026-01-01` is a time (interop.md, 1 and 2).
 * Rules from https://github.com/yaml/go-yaml/blob/v3/resolve.go, seen with docker compose 2.40.3.
 */
export interface PlainScalar {
  readonly value: ScalarValue;
  readonly float?: true;
  readonly timestamp?: true;
  /** All digits of an integer that a double cannot hold. */
  readonly exact?: string;
}

const WORDS: ReadonlyMap<string, ScalarValue> = new Map<string, ScalarValue>([
  ['', null],
  ['~', null],
  ...['null', 'Null', 'NULL'].map((word): [string, ScalarValue] => [word, null]),
  ...['true', 'True', 'TRUE'].map((word): [string, ScalarValue] => [word, true]),
  ...['false', 'False', 'FALSE'].map((word): [string, ScalarValue] => [word, false]),
  ...['.nan', '.NaN', '.NAN'].map((word): [string, ScalarValue] => [word, Number.NaN]),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word): [string, ScalarValue] => [
    word,
    Number.POSITIVE_INFINITY,
  ]),
  ...['-.inf', '-.Inf', '-.INF'].map((word): [string, ScalarValue] => [word, Number.NEGATIVE_INFINITY]),
]);
const INTEGER = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const TIMESTAMP =
  /^\d{4}-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|[ \t]+)\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)?)?$/;

function parseInteger(text: string): PlainScalar {
  const digits = text.replace(/^[-+]/, '').replace(/^0[oO]?(?=[0-7])/, '0o');
  const sign = text.startsWith('-') ? -1n : 1n;
  if (digits.length < 16) return { value: Number(digits) * Number(sign) };
  const exact = sign * BigInt(digits);
  // Past 64 bits it is a floating-point number.
  if (exact >= 2n ** 64n || exact < -(2n ** 63n)) return { value: Number(exact), float: true };
  return { value: Number(exact), ...(!Number.isSafeInteger(Number(exact)) && { exact: exact.toString() }) };
}

function isDay(year: string, month: string, day: string): boolean {
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

/** First letters of numbers and times. Sets, not expressions: this is asked for every key and value of a file. */
const NUMERIC: ReadonlySet<string | undefined> = new Set('-+.0123456789');
/** First letters of what is not text. */
const SPEAKING: ReadonlySet<string | undefined> = new Set([...NUMERIC, ...'~nNtTfF', undefined]);

/** Whether unquoted text may be something else than text, which next to none is. */
export const maySpeak = (text: string): boolean => SPEAKING.has(text[0]);

export function resolvePlain(text: string): PlainScalar {
  if (!maySpeak(text)) return { value: text };
  const word = WORDS.get(text);
  if (word !== undefined) return { value: word };
  if (!NUMERIC.has(text[0])) return { value: text };
  const plain = text.replaceAll('_', '');
  if (INTEGER.test(plain)) return plain.length > 400 ? { value: text } : parseInteger(plain);
  if (FLOAT.test(plain)) return { value: Number(plain), float: true };
  const date = TIMESTAMP.exec(text);
  if (date !== null && isDay(text.slice(0, 4), date[1] ?? '', date[2] ?? '')) return { value: text, timestamp: true };
  return { value: text };
}

/** A time as Go prints it: `2001-12-14 21:59:43.10` is `2001-12-14T21:59:43.1Z`. `text` is what TIMESTAMP matches. */
export function goTime(text: string): string {
  const [, year = '', month = '', day = '', time = '', fraction = '', zone = 'Z'] =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|[ \t]+)([\d:]+)(\.\d+)?(Z|[-+]\d\d:\d\d)?)?$/.exec(text) ?? [];
  const two = (part: string): string => part.padStart(2, '0');
  const clock = time === '' ? '00:00:00' : time.split(':').map(two).join(':');
  return `${year}-${two(month)}-${two(day)}T${clock}${fraction.replace(/\.?0+$/, '')}${zone}`;
}

/** A number as Go's `%v` prints it, which is what Docker writes where a string is wanted: 1.10 is `1.1`, 1e6 is `1e+06`. */
export function goNumber(value: number, float: boolean): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (!float) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  const digits = String(Math.abs(power)).padStart(2, '0');
  return `${mantissa}e${power < 0 ? '-' : '+'}${digits}`;
}
