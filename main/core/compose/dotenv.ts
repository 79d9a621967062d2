import { interpolateText, type Lookup } from './interpolate.ts';

/*
 * The .env dialect of docker compose (its fork of godotenv): `KEY=value`, `KEY: value`, `export KEY=value`, quotes,
 * several lines inside quotes, comments, variables (interop.md 10 and 11).
 */
export interface DotenvProblem {
  readonly message: string;
  /** Index into the text. */
  readonly offset: number;
}
/** Where a key and its value are written. Indices are into the text as it is read: without BOM, lines end with `\n`. */
export interface DotenvEntry {
  readonly key: string;
  /** Begin of its first line, and end of its last one without the line break. */
  readonly from: number;
  readonly to: number;
  /** With the quotes; equal where the key stands alone. */
  readonly valueFrom: number;
  readonly valueTo: number;
  /** undefined: the key stands alone. */
  readonly value: string | undefined;
  /** Variables that its value is put together from. */
  readonly refers: readonly string[];
}
export interface Dotenv {
  /** null: the key stands alone and its value is the environment's, which has none. */
  readonly values: ReadonlyMap<string, string>;
  readonly problems: readonly DotenvProblem[];
}
export interface DotenvFile extends Dotenv {
  /** In the order of the file, also those that a later one replaces. */
  readonly entries: readonly DotenvEntry[];
}

/** The text that indices are into. */
export const toDotenvText = (source: string): string => source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');

const KEY = /^[\p{L}\p{N}_.[\]-]+/u;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** Index of the quote that ends the value begun before `from`; -1 when it is not closed. */
function endOfQuote(text: string, quote: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) return at;
  }
  return -1;
}

function withoutEscapes(text: string): string {
  return text.replace(/\\([\s\S])/g, (whole, character: string) => {
    if (character === '$') return '$$';
    return ESCAPES[character] ?? (character === '"' || character === '\\' ? character : whole);
  });
}

/** Up to the end of the line or a ` #` comment; a `#` that begins the value belongs to it. */
function bareValue(line: string): string {
  const comment = line.indexOf(' #');
  return (comment === -1 ? line : line.slice(0, comment)).trim();
}

/**
 * Parses a file. A variable in a value is looked up with `lookup` first, then among the keys further up.
 * At last come `earlier` files. `lookup` also gives the value of a key that stands alone.
 */
export function parseDotenv(source: string, lookup: Lookup, earlier: Lookup = () => undefined): DotenvFile {
  const text = toDotenvText(source);
  const values = new Map<string, string>();
  const problems: DotenvProblem[] = [];
  const entries: DotenvEntry[] = [];
  let refers: string[] = [];
  const find: Lookup = (name) => {
    refers.push(name);
    return lookup(name) ?? values.get(name) ?? earlier(name);
  };
  const expand = (value: string, offset: number): string =>
    interpolateText(value, find, {
      required: (name, message) =>
        problems.push({ message: `required variable \`${name}\` is not set${message && `: ${message}`}`, offset }),
      invalid: () => problems.push({ message: `this is no valid \${…} expression`, offset }),
    });
  let at = 0;
  while (at < text.length) {
    const lineEnd = text.indexOf('\n', at) === -1 ? text.length : text.indexOf('\n', at);
    const start = at + (/^[ \t]*(?:export[ \t]+)?/.exec(text.slice(at, lineEnd))?.[0].length ?? 0);
    const line = text.slice(start, lineEnd);
    const next = lineEnd + 1;
    // docker compose passes over a line without a key.
    if (line.trim() === '' || line.startsWith('#') || line.startsWith('=')) {
      at = next;
      continue;
    }
    const key = KEY.exec(line)?.[0] ?? '';
    const separator = /^[ \t]*([=:])[ \t]*/.exec(line.slice(key.length));
    const alone = /^[ \t]*(?:#.*)?$/.test(line.slice(key.length));
    if (key === '' || (separator === null && !alone)) {
      // Never the line itself: what stands in such files is often secret.
      problems.push({ message: 'this line is no `KEY=value`', offset: start });
      at = next;
      continue;
    }
    if (separator === null) {
      const inherited = lookup(key);
      if (inherited !== undefined) values.set(key, inherited);
      entries.push({ key, from: at, to: lineEnd, valueFrom: lineEnd, valueTo: lineEnd, value: undefined, refers: [] });
      at = next;
      continue;
    }
    const valueAt = start + key.length + separator[0].length;
    const keep = (value: string, valueTo: number, to: number): void => {
      values.set(key, value);
      entries.push({ key, from: at, to, valueFrom: valueAt, valueTo, value, refers: [...new Set(refers)] });
    };
    refers = [];
    const quote = text[valueAt];
    if (valueAt < lineEnd && (quote === '"' || quote === "'")) {
      const end = endOfQuote(text, quote, valueAt + 1);
      if (end === -1) {
        problems.push({ message: `the value of \`${key}\` has a quote that is not closed`, offset: valueAt });
        at = next;
        continue;
      }
      const inner = text.slice(valueAt + 1, end);
      const value = quote === "'" ? inner.replaceAll("\\'", "'") : expand(withoutEscapes(inner), valueAt);
      const newline = text.indexOf('\n', end);
      keep(value, end + 1, newline === -1 ? text.length : newline);
      if (/^[ \t]*['"]/.test(text.slice(end + 1, end + 81))) {
        problems.push({ message: `after the value of \`${key}\` another quote begins`, offset: end + 1 });
      }
      at = newline === -1 ? text.length : newline + 1;
      continue;
    }
    const bare = bareValue(text.slice(valueAt, lineEnd));
    keep(expand(bare, valueAt), valueAt + bare.length, lineEnd);
    at = next;
  }
  return { values, problems, entries };
}

/** `format: raw`: nothing is interpreted but comments, and quotes stay (interop.md 12). */
export function parseRawEnv(source: string, lookup: Lookup): Dotenv {
  const values = new Map<string, string>();
  const problems: DotenvProblem[] = [];
  let offset = 0;
  for (const line of source.replace(/^\uFEFF/, '').split('\n')) {
    const text = line.replace(/\r$/, '').trimStart();
    const at = offset;
    offset += line.length + 1;
    if (text === '' || text.startsWith('#')) continue;
    const equals = text.indexOf('=');
    const key = equals === -1 ? text : text.slice(0, equals);
    if (key === '' || /\s/.test(key)) {
      problems.push({ message: 'this line is no `KEY=value`', offset: at });
      continue;
    }
    const value = equals === -1 ? lookup(key) : text.slice(equals + 1);
    if (value !== undefined) values.set(key, value);
  }
  return { values, problems };
}
