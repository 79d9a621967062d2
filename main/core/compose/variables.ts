import { expressions } from './interpolate.ts';

/** A variable of the files, as `config --variables` lists it. */
export interface VariableUse {
  readonly name: string;
  /** `${A:?…}`: the project cannot be read without it. */
  readonly required: boolean;
  /** What `${A:-…}` puts in; empty when there is none. */
  readonly fallback: string;
  /** What `${A:+…}` puts in when the variable is set; empty when there is none. */
  readonly alternate: string;
}

/** Variables of texts and of what they fall back to, by name; the last use of one counts. */
export function usedVariables(texts: Iterable<string>): readonly VariableUse[] {
  const found = new Map<string, VariableUse>();
  const look = (text: string): void => {
    for (const { name, operator, word } of expressions(text)) {
      const kind = operator.at(-1);
      const fallback = kind === '-' ? word : '';
      const alternate = kind === '+' ? word : '';
      found.set(name, { name, required: kind === '?', fallback, alternate });
      if (word !== '' && kind !== '?') look(word);
    }
  };
  for (const text of texts) look(text);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Every text of plain data: values, and keys, which `A${B}=c` in a list of labels or variables has become. */
export function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const one of value) yield* textsOf(one);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) {
      yield key;
      yield* textsOf(one);
    }
  }
}
