import { type DotenvEntry, type DotenvFile, parseDotenv, toDotenvText } from '../compose/dotenv.ts';
import type { Lookup } from '../compose/interpolate.ts';
import { judgeEntry, type SecretSign } from '../secrecy/judge.ts';

/*
 * Entries of a .env file out of it, and back. Whole lines are replaced by a comment of one line; every other byte stays: line
 * ends, byte order mark, comments behind values. What is remembered for the way back holds no value.
 */

/** One name of the file, as somebody is asked about it. */
export interface EnvCandidate {
  readonly name: string;
  /** Of its first line, from 1. */
  readonly line: number;
  readonly sign?: SecretSign;
  /** Why it cannot be moved. */
  readonly blocked?: string;
}

/** How a line was written around its value. */
export interface LineForm {
  readonly name: string;
  /** `export NAME = ` */
  readonly before: string;
  readonly quote: '' | "'" | '"';
}

export interface MovedOut {
  readonly text: string;
  readonly values: ReadonlyMap<string, string>;
  /** In the order of the file. */
  readonly forms: readonly LineForm[];
}

const variableName = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const marker = (name: string): string => `# ${name} is in the keychain (claude-env)`;
const markerLine = /^# ([A-Za-z_][A-Za-z0-9_]{0,127}) is in the keychain \(claude-env\)(.*)$/;

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length - 1;

function whyNot(entry: DotenvEntry, all: readonly DotenvEntry[], text: string): string | undefined {
  const { key, value, refers } = entry;
  if (!variableName.test(key)) return 'it is no name that a variable can have in a compose file';
  if (/^(?:COMPOSE|DOCKER|BUILDKIT)_/.test(key)) return 'docker compose itself reads it';
  if (value === undefined) return 'it has no value here';
  if (value === '') return 'it is empty';
  if (refers.length > 0) return `its value is put together from ${refers.join(', ')}`;
  const others = all.filter((one) => one.refers.includes(key)).map((one) => one.key);
  if (others.length > 0) return `${[...new Set(others)].join(', ')} in this file is put together from it`;
  const twice = all.filter((one) => one.key === key);
  if (twice.some((one) => one.value !== value)) {
    const lines = twice.map(({ from }) => lineOf(text, from) + 1);
    return `it is written several times with different values (lines ${lines.join(', ')}): remove what does not count`;
  }
  if (!/^[ \t]*(?:#.*)?$/.test(text.slice(entry.valueTo, entry.to))) return 'there is more text after its value';
  return toLine(toForm(entry, text), value) === undefined ? 'its value could not be written back' : undefined;
}

function toForm({ key, from, valueFrom }: DotenvEntry, text: string): LineForm {
  const [quote] = /^['"]/.exec(text.slice(valueFrom)) ?? [''];
  return { name: key, before: text.slice(from, valueFrom), quote: quote as LineForm['quote'] };
}

const spellings: Readonly<Record<LineForm['quote'], (value: string) => string>> = {
  '': (value) => value,
  "'": (value) => `'${value.replaceAll("'", "\\'")}'`,
  '"': (value) => `"${value.replaceAll(/[\\"$]/g, (one) => `\\${one}`)}"`,
};

/** The line with its value in the first spelling that is read as that value; its own quotes first. */
function toLine({ name, before, quote }: LineForm, value: string): string | undefined {
  const quotes = [quote, "'", '"'] as const;
  return quotes
    .map((one) => `${before}${spellings[one](value)}`)
    .find((line) => {
      const { entries, problems } = parseDotenv(`${line} # end`, () => undefined);
      const [only, more] = entries;
      return problems.length === 0 && more === undefined && only?.key === name && only.value === value;
    });
}

export interface EnvReading {
  readonly candidates: readonly EnvCandidate[];
  readonly problems: DotenvFile['problems'];
}

/** Every name once, where its value is. `lookup`: the environment, for values that are put together from it. */
export function readCandidates(source: string, lookup: Lookup): EnvReading {
  const text = toDotenvText(source);
  const { entries, problems } = parseDotenv(source, lookup);
  const last = new Map(entries.map((entry) => [entry.key, entry]));
  const candidates = [...last.values()].map((entry): EnvCandidate => {
    const blocked = whyNot(entry, entries, text);
    const sign = entry.value === undefined ? undefined : judgeEntry(entry.key, entry.value);
    return {
      name: entry.key,
      line: lineOf(text, entry.from) + 1,
      ...(sign && { sign }),
      ...(blocked !== undefined && { blocked }),
    };
  });
  return { candidates: candidates.sort((a, b) => a.line - b.line), problems };
}

/** The file without the values of these names, none of which is blocked. */
export function moveOut(source: string, names: ReadonlySet<string>, lookup: Lookup): MovedOut {
  const text = toDotenvText(source);
  const lines = source.split('\n');
  const moved = parseDotenv(source, lookup).entries.filter(({ key }) => names.has(key));
  const values = new Map(moved.map(({ key, value = '' }) => [key, value]));
  // From the end, so that what is above keeps its number.
  for (const entry of [...moved].reverse()) {
    const { key, from, to, valueTo } = entry;
    const [first, last] = [lineOf(text, from), lineOf(text, to)];
    const mark = first === 0 && source.startsWith('\uFEFF') ? '\uFEFF' : '';
    const end = lines[last]?.endsWith('\r') ? '\r' : '';
    lines.splice(first, last - first + 1, `${mark}${marker(key)}${text.slice(valueTo, to)}${end}`);
  }
  return { text: lines.join('\n'), values, forms: moved.map((entry) => toForm(entry, text)) };
}

export interface PutBack {
  readonly text: string;
  /** Forms whose lines are back. */
  readonly restored: readonly LineForm[];
  /** Names that could not be put back, and why. */
  readonly left: readonly { readonly name: string; readonly why: string }[];
}

/** The file with its lines as they were; `values` by name. A name that was given a value since then is left alone. */
export function putBack(source: string, forms: readonly LineForm[], values: ReadonlyMap<string, string>): PutBack {
  const written = new Set(parseDotenv(source, () => undefined).entries.map(({ key }) => key));
  const left = new Map<string, string>();
  const waiting = [...forms];
  const restored: LineForm[] = [];
  const lines = source.split('\n').map((whole) => {
    const mark = whole.startsWith('\uFEFF') ? '\uFEFF' : '';
    const end = whole.endsWith('\r') ? '\r' : '';
    const [, name, comment = ''] = markerLine.exec(whole.slice(mark.length, whole.length - end.length)) ?? [];
    const at = waiting.findIndex((form) => form.name === name);
    const form = waiting[at];
    const value = form && values.get(form.name);
    if (form === undefined || value === undefined || written.has(form.name)) return whole;
    const line = toLine(form, value);
    if (line === undefined) {
      left.set(form.name, 'its value cannot be written into such a file');
      return whole;
    }
    waiting.splice(at, 1);
    restored.push(form);
    return `${mark}${(line + comment).replaceAll('\n', `${end}\n`)}${end}`;
  });
  for (const { name } of waiting) {
    if (left.has(name)) continue;
    left.set(
      name,
      written.has(name)
        ? 'the file has a line for it again'
        : values.has(name)
          ? 'the file has no comment for it any more'
          : 'the keychain does not have it',
    );
  }
  return { text: lines.join('\n'), restored, left: [...left].map(([name, why]) => ({ name, why })) };
}
