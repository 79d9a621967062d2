import { hiddenText } from './opaque.ts';

/*
 * Takes values that are in use out of what leaves the program: log lines, errors, progress, crash reports. A value is
 * known as it is and in the forms in which programs pass it on: in JSON (also inside of a string in JSON), in a URL, in
 * base64 at any offset. One of many lines is known line by line, because builds and hooks print it so.
 */

export interface Redactor {
  /** From now on this value is taken out. Too short ones are not: `a` would be found everywhere. */
  readonly know: (value: string) => void;
  /** The text without the values. */
  readonly redact: (text: string) => string;
  /** The same for plain data: every text in it. What has nothing to hide is the very same object. */
  readonly redactWithin: <T>(value: T) => T;
}

/** Below this a value is a word or a number that texts have by accident, and protects nothing. */
const shortest = 6;

const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Without padding. */
function base64(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const left = Math.min(3, bytes.length - at);
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let digit = 0; digit <= left; digit += 1) text += base64Digits[(group >> (18 - 6 * digit)) & 63] ?? '';
  }
  return text;
}

/** UTF-8, read off the form for URLs. */
function utf8(text: string): readonly number[] {
  const encoded = encodeURIComponent(text);
  const bytes: number[] = [];
  for (let at = 0; at < encoded.length; at += 1) {
    if (encoded[at] !== '%') bytes.push(encoded.charCodeAt(at));
    else {
      bytes.push(Number.parseInt(encoded.slice(at + 1, at + 3), 16));
      at += 2;
    }
  }
  return bytes;
}

/**
 * The digits that say nothing but the value, wherever it begins in what was encoded: those at either end that are shared
 * with a neighbour are left off.
 */
function base64Forms(text: string): readonly string[] {
  const bytes = utf8(text);
  return [0, 1, 2].flatMap((offset) => {
    const all = base64([...Array<number>(offset).fill(0), ...bytes]);
    const shared = (offset + bytes.length) % 3 === 0 ? 0 : 1;
    const own = all.slice(offset === 0 ? 0 : offset + 1, all.length - shared);
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

const percent = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

function urlForms(text: string): readonly string[] {
  const usual = encodeURIComponent(text);
  const strict = usual.replace(/[!'()*~]/g, percent);
  const forms = [usual, strict, strict.replaceAll('%20', '+'), strict.replaceAll('%7E', '~'), encodeURI(text)];
  return [...forms, ...forms.map((form) => form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))];
}

const unicode = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** As JavaScript writes it, as Go does (`<`, `>`, `&` escaped), and in plain ASCII, as Python does. */
function jsonForms(text: string): readonly string[] {
  const inner = (one: string): string => JSON.stringify(one).slice(1, -1);
  const usual = inner(text);
  const forms = [usual, usual.replace(/[<>&\u2028\u2029]/g, unicode), usual.replace(/[^ -~]/g, unicode)];
  return [...forms, ...forms.map(inner)];
}

/** A text with half a surrogate pair has no form in UTF-8. */
const isWhole = (text: string): boolean =>
  !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);

/** Every text that gives the value away, without those that are too short. */
function formsOf(value: string): readonly string[] {
  const parts = [value, value.trim(), ...value.split(/\r?\n/)].filter((part) => part.length >= shortest);
  const forms = parts.flatMap((part) => [
    part,
    ...jsonForms(part),
    // As a shell quotes it.
    part.replaceAll("'", "'\\''"),
    ...(isWhole(part) ? [...urlForms(part), ...base64Forms(part)] : []),
  ]);
  return [...new Set(forms)].filter((form) => form.length >= shortest);
}

/** One for the whole program: what is in use anywhere is hidden everywhere. */
export function createRedactor(): Redactor {
  const known = new Set<string>();
  /** Forms by their first characters, longest first: a text is walked through once, however many values there are. */
  const byStart = new Map<string, readonly string[]>();

  const know = (value: string): void => {
    if (value.length < shortest || known.has(value)) return;
    known.add(value);
    for (const form of formsOf(value)) {
      const start = form.slice(0, shortest);
      const others = byStart.get(start) ?? [];
      if (others.includes(form)) continue;
      byStart.set(
        start,
        [...others, form].sort((a, b) => b.length - a.length),
      );
    }
  };

  const redact = (text: string): string => {
    if (byStart.size === 0) return text;
    let shown = '';
    let from = 0;
    for (let at = 0; at + shortest <= text.length; at += 1) {
      const form = byStart.get(text.slice(at, at + shortest))?.find((one) => text.startsWith(one, at));
      if (form === undefined) continue;
      shown += text.slice(from, at) + hiddenText;
      from = at + form.length;
      at = from - 1;
    }
    return from === 0 ? text : shown + text.slice(from);
  };

  const within = (one: unknown): unknown => {
    if (typeof one === 'string') return redact(one);
    if (typeof one !== 'object' || one === null) return one;
    if (Array.isArray(one)) {
      const items = one.map(within);
      return items.every((item, index) => item === one[index]) ? one : items;
    }
    const before = Object.entries(one);
    const after = before.map(([key, inner]) => [redact(key), within(inner)] as const);
    const same = after.every(([key, inner], index) => key === before[index]?.[0] && inner === before[index]?.[1]);
    return same ? one : Object.fromEntries(after);
  };

  return { know, redact, redactWithin: <T>(value: T): T => (byStart.size === 0 ? value : (within(value) as T)) };
}

/** Knows nothing: for tests, and for where there are no secrets. */
export const noRedactor: Redactor = { know: () => undefined, redact: (text) => text, redactWithin: (value) => value };
