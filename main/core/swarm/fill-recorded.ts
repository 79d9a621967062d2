import { fitsMarks, hasMark, marksIn, marksWithin, type OpaqueValue, toLoneMark, toMark } from '../opaque.ts';
import type { Raw } from '../plan/inherit.ts';
import { opaqueLabel, toOpaqueText } from '../plan/labels.ts';
import { notRecorded } from './deployed.ts';
import { labelsOf } from './spec-image.ts';

/* What a record leaves out, from where the Swarm still has it; what it has not, from the operator's own keychain. */

export interface FilledBody {
  readonly body: Raw;
  /** `environment.DB_PASSWORD`, `command`: taken as the Swarm has them now. */
  readonly kept: readonly string[];
  /** `names`: of the keychain, which does not have them. */
  readonly missing: readonly { readonly title: string; readonly names: readonly string[] }[];
}

const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);
const isVariable = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);

const titles: Readonly<Record<string, string>> = { Command: 'entrypoint', Args: 'command', Test: 'healthcheck' };
const toTitle = (path: readonly string[]): string => {
  const last = path.at(-1) ?? '';
  return path.at(-2) === 'Labels' ? `labels.${last}` : (titles[last] ?? last);
};

/** `sources`: specs that the service has or had, the newest first. */
export function fillFromWhatRuns(
  recorded: Raw,
  sources: readonly (Raw | undefined)[],
  opaque: ReadonlyMap<string, OpaqueValue>,
): FilledBody {
  const kept: string[] = [];
  const missing: { readonly title: string; readonly names: readonly string[] }[] = [];

  /** `own`: the keychain's name for a text that is not recorded at all. */
  const fillText = (text: string, theirs: readonly unknown[], title: string, own?: string): string => {
    if (!hasMark(text)) return text;
    const hidden = text === notRecorded;
    const found = theirs.find((one) => typeof one === 'string' && (hidden || fitsMarks(text, one)));
    if (typeof found === 'string') {
      kept.push(title);
      return found;
    }
    const marks = hidden ? [] : marksIn(text);
    const names = hidden ? (own === undefined ? [] : [own]) : marks.map(({ name }) => name);
    if (names.length === 0 || !names.every((name) => opaque.has(name))) {
      missing.push({ title, names: names.filter((name) => !opaque.has(name)) });
      // Somebody else's mark means nothing here.
      return '';
    }
    const markOf = (name: string): string => {
      const value = opaque.get(name);
      return value === undefined ? '' : toMark(value);
    };
    if (hidden) return markOf(own ?? '');
    return marks.reduce((left, one) => {
      const [before, after] = [toMark(one), markOf(one.name)];
      return left.replaceAll(before, after).replaceAll(toLoneMark(before), toLoneMark(after));
    }, text);
  };

  const fillEntry = (entry: string, theirs: readonly unknown[]): string => {
    const at = entry.indexOf('=');
    if (at < 0 || !hasMark(entry)) return entry;
    const [name, text] = [entry.slice(0, at), entry.slice(at + 1)];
    const values = theirs.flatMap((one) =>
      Array.isArray(one)
        ? one.flatMap((other) => (String(other).startsWith(`${name}=`) ? [String(other).slice(at + 1)] : []))
        : [],
    );
    return `${name}=${fillText(text, values, `environment.${name}`, isVariable(name) ? name : undefined)}`;
  };

  const fill = (value: unknown, theirs: readonly unknown[], path: readonly string[]): unknown => {
    if (typeof value === 'string') return fillText(value, theirs, toTitle(path));
    if (Array.isArray(value)) {
      if (path.at(-1) === 'Env') return value.map((one) => fillEntry(String(one), theirs));
      if (value.length === 1 && value[0] === notRecorded) {
        const whole = theirs.find(Array.isArray);
        if (whole === undefined) missing.push({ title: toTitle(path), names: [] });
        else kept.push(toTitle(path));
        return whole ?? [];
      }
      return value.map((one, index) =>
        fill(
          one,
          theirs.map((their) => (Array.isArray(their) ? their[index] : undefined)),
          path,
        ),
      );
    }
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        key,
        fill(
          member,
          theirs.map((their) => (isObject(their) ? their[key] : undefined)),
          [...path, key],
        ),
      ]),
    );
  };

  const body = fill(recorded, sources, []) as Raw;
  return { body: withEditions(body, recorded, sources[0]), kept, missing };
}

const pairsOf = (text: string | undefined): readonly string[] => (text ?? '').split(',').filter((one) => one !== '');
const nameOf = (pair: string): string => pair.slice(0, pair.indexOf('='));

/** The label that tells which editions of values a service has: of those that stay, what it says now. */
function withEditions(body: Raw, recorded: Raw, now: Raw | undefined): Raw {
  const { [opaqueLabel]: then, ...labels } = labelsOf(body);
  const names = new Set(pairsOf(labelsOf(recorded)[opaqueLabel]).map(nameOf));
  const given = pairsOf(toOpaqueText(marksWithin({ ...body, Labels: labels })));
  const filled = new Set(given.map(nameOf));
  const stay = pairsOf(labelsOf(now)[opaqueLabel]).filter((one) => names.has(nameOf(one)) && !filled.has(nameOf(one)));
  const all = [...given, ...stay].sort();
  if (then === undefined && all.length === 0) return body;
  return { ...body, Labels: { ...labels, ...(all.length === 0 ? {} : { [opaqueLabel]: all.join(',') }) } };
}
