/*
 * Values that the core may use and never know. A variable that nothing but the keychain has is put into the file's texts
 * as a mark: its name, where it comes from, and which edition of the value is meant. The mark goes through merge, canonical
 * form, hash, plan and wire like any other text; `docker/execute` puts the value in its place as the last thing before the
 * engine is called.
 *
 * The mark's brackets are noncharacters of Unicode (U+FDD0, U+FDD1), which no text has by accident. One that somebody
 * wrote on purpose is found before a plan is shown or run (services/stack-values.ts), for it is none of the project's.
 */

/** `missing`: nobody has it yet; it stands in a plan that is shown in order to be asked for it, and never run. */
export type OpaqueSource = 'project' | 'team' | 'user' | 'session' | 'missing';

export interface OpaqueValue {
  readonly name: string;
  readonly source: OpaqueSource;
  /** Changes whenever the value does, and tells nothing of it. */
  readonly edition: string;
}

const open = '\uFDD0';
const close = '\uFDD1';
const mark = /\uFDD0([A-Za-z_][A-Za-z0-9_]*)\.(project|team|user|session|missing)\.([A-Za-z0-9]*)(?:\.alone)?\uFDD1/g;
/** In JSON: the value of a key that stands alone in `environment`. */
const aloneInJson = /"\uFDD0[A-Za-z0-9_.]*\.alone\uFDD1"/g;
const sourceTexts: Readonly<Record<OpaqueSource, string>> = {
  project: 'from the keychain, project',
  team: 'from the keychain, team',
  user: 'from the keychain, user',
  session: 'for this run only',
  missing: 'missing',
};

/** What is shown in a value's place. */
export const hiddenText = '••••••';

/** `from the keychain, user` */
export const sourceText = (source: OpaqueSource): string => sourceTexts[source];

export const toMark = ({ name, source, edition }: OpaqueValue): string => `${open}${name}.${source}.${edition}${close}`;

/** The mark in place of the value of a key that stands alone: without a value there, the key has none at all. */
export const toLoneMark = (text: string): string =>
  text.replace(mark, (whole) => `${whole.slice(0, -1)}.alone${close}`);

export const hasMark = (text: string): boolean => text.includes(open);

/** The values that a text is made of, each once, in the order in which they appear. */
export function marksIn(text: string): readonly OpaqueValue[] {
  if (!hasMark(text)) return [];
  const found = new Map<string, OpaqueValue>();
  for (const [, name = '', source, edition = ''] of text.matchAll(mark)) {
    const value: OpaqueValue = { name, source: source as OpaqueSource, edition };
    found.set(toMark(value), value);
  }
  return [...found.values()];
}

/** For people: `••••••`, and with `sources` also where it comes from. */
export function hideMarks(text: string, options: { readonly sources?: boolean } = {}): string {
  if (!hasMark(text)) return text;
  return text.replace(mark, (_whole, _name, source: OpaqueSource) =>
    options.sources === true ? `${hiddenText} (${sourceTexts[source]})` : hiddenText,
  );
}

/** JSON as a program writes it that does not have the variables. */
export const withoutMarks = (json: string): string =>
  hasMark(json) ? json.replace(aloneInJson, 'null').replace(mark, '') : json;

/** The real text; a name without a value leaves its mark, which no engine takes. */
export const fillMarks = (text: string, values: ReadonlyMap<string, string>): string =>
  hasMark(text) ? text.replace(mark, (whole, name: string) => values.get(name) ?? whole) : text;

/** Every mark in plain data: objects, lists, maps. */
export function marksWithin(value: unknown): readonly OpaqueValue[] {
  const found = new Map<string, OpaqueValue>();
  const look = (one: unknown): void => {
    if (typeof one === 'string') for (const each of marksIn(one)) found.set(toMark(each), each);
    else if (one instanceof Map) for (const [key, inner] of one) look([key, inner]);
    else if (typeof one === 'object' && one !== null) for (const inner of Object.values(one)) look(inner);
  };
  look(value);
  return [...found.values()];
}

/** The same data with its marks filled. What has none is the very same object. */
export function fillWithin<T>(value: T, values: ReadonlyMap<string, string>): T {
  const fill = (one: unknown): unknown => {
    if (typeof one === 'string') return fillMarks(one, values);
    if (typeof one !== 'object' || one === null) return one;
    if (Array.isArray(one)) return one.map(fill);
    if (one instanceof Map) return new Map([...one].map(([key, inner]) => [key, fill(inner)]));
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, fill(inner)]));
  };
  return marksWithin(value).length === 0 ? value : (fill(value) as T);
}

/** Whether `actual` can be `wanted` with some values in its marks' places. Which values is for their editions to say. */
export function fitsMarks(wanted: string, actual: string): boolean {
  const [first = '', ...parts] = wanted.split(mark).filter((_part, index) => index % 4 === 0);
  const last = parts.pop();
  if (last === undefined) return wanted === actual;
  if (!actual.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = actual.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return actual.length - last.length >= at && actual.endsWith(last);
}
