import type { LoadContext } from './files.ts';
import { type Entry, entry, type Node, type ScalarNode } from './tree.ts';

/*
 * Phase 2: `${VAR}` and friends, in values only (keys stay as they are).
 * https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md
 */

/** The variable's value, or undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

export interface TemplateEvents {
  /** A variable without value and default: an empty string is put in. */
  readonly unset?: (name: string, index: number) => void;
  /** `${VAR:?message}` without value. `message` may be empty. */
  readonly required?: (name: string, message: string, index: number) => void;
  readonly invalid?: (index: number) => void;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;
const OPERATOR = /^(?::[-?+]|[-?+])/;
/** Mistakes reported for one value. */
const MAX_REPORTS = 10;
/** `${${${…` nests calls. */
const MAX_NESTING = 50;

/** Index of the brace that closes the one before `from`, or -1. */
function closingBrace(text: string, from: number): number {
  const first = text.indexOf('}', from);
  const dollar = text.indexOf('$', from);
  if (first === -1 || dollar === -1 || first < dollar) return first;
  let depth = 1;
  for (let at = dollar; at < text.length; at += 1) {
    if (text[at] === '$' && text[at + 1] === '$') at += 1;
    else if (text[at] === '$' && text[at + 1] === '{') {
      depth += 1;
      at += 1;
    } else if (text[at] === '}') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}

interface Expansion {
  readonly lookup: Lookup;
  readonly events: TemplateEvents;
  readonly depth: number;
}

function expandBraced(body: string, index: number, { lookup, events, depth }: Expansion): string | undefined {
  const name = NAME.exec(body)?.[0];
  if (name === undefined) return undefined;
  const rest = body.slice(name.length);
  const value = lookup(name);
  if (rest === '') {
    if (value === undefined) events.unset?.(name, index);
    return value ?? '';
  }
  const operator = OPERATOR.exec(rest)?.[0];
  if (operator === undefined) return undefined;
  const written = rest.slice(operator.length);
  // With a colon an empty value counts as none (interop.md 6).
  const present = value !== undefined && (value !== '' || operator.length === 1);
  const inner = (): string => expand(written, index, { lookup, events, depth: depth + 1 });
  if (operator.endsWith('+')) return present ? inner() : '';
  if (present) return value;
  if (operator.endsWith('-')) return inner();
  events.required?.(name, inner(), index);
  return '';
}

function expand(text: string, base: number, expansion: Expansion): string {
  if (expansion.depth > MAX_NESTING) {
    expansion.events.invalid?.(base);
    return '';
  }
  let out = '';
  let at = 0;
  for (let dollar = text.indexOf('$'); dollar !== -1; dollar = text.indexOf('$', at)) {
    out += text.slice(at, dollar);
    const next = text[dollar + 1];
    const name = NAME.exec(text.slice(dollar + 1, dollar + 257))?.[0];
    if (next === '$') {
      out += '$';
      at = dollar + 2;
    } else if (name !== undefined) {
      const value = expansion.lookup(name);
      if (value === undefined) expansion.events.unset?.(name, base + dollar);
      out += value ?? '';
      at = dollar + 1 + name.length;
    } else if (next === '{') {
      const end = closingBrace(text, dollar + 2);
      const value = end === -1 ? undefined : expandBraced(text.slice(dollar + 2, end), base + dollar, expansion);
      if (value === undefined) expansion.events.invalid?.(base + dollar);
      out += value ?? '';
      at = end === -1 ? text.length : end + 1;
    } else {
      // A lone `$` is a `$` (interop.md 7).
      out += '$';
      at = dollar + 1;
    }
  }
  return out + text.slice(at);
}

export interface Expression {
  readonly name: string;
  /** `:-`, `-`, `:?`, `?`, `:+`, `+`, or nothing. */
  readonly operator: string;
  /** What follows the operator, with its own variables as they are written. */
  readonly word: string;
}

/** The variables of a text, as they are written; what is no valid expression is passed over. */
export function expressions(text: string): readonly Expression[] {
  const found: Expression[] = [];
  let at = 0;
  for (let dollar = text.indexOf('$'); dollar !== -1; dollar = text.indexOf('$', at)) {
    const bare = NAME.exec(text.slice(dollar + 1, dollar + 257))?.[0];
    at = dollar + 1 + (text[dollar + 1] === '$' ? 1 : (bare?.length ?? 0));
    if (bare !== undefined) found.push({ name: bare, operator: '', word: '' });
    if (text[dollar + 1] !== '{') continue;
    const end = closingBrace(text, dollar + 2);
    const body = end === -1 ? '' : text.slice(dollar + 2, end);
    const name = NAME.exec(body)?.[0];
    if (name === undefined) continue;
    const operator = OPERATOR.exec(body.slice(name.length))?.[0] ?? '';
    found.push({ name, operator, word: body.slice(name.length + operator.length) });
    at = end + 1;
  }
  return found;
}

/** Puts variables into a string. Never throws; what is wrong goes to `events`, with the index of the `$`. */
export function interpolateText(text: string, lookup: Lookup, events: TemplateEvents = {}): string {
  return text.includes('$') ? expand(text, 0, { lookup, events, depth: 0 }) : text;
}

/** Where inside the file the `$` at `index` of a scalar stands: exact where the scalar is written as it reads. */
function dollarOffset(node: ScalarNode, text: string, index: number): number {
  const raw = node.source.text;
  for (const quote of [0, 1]) {
    const start = node.offset + quote;
    if (raw.startsWith(text.slice(0, index + 1), start)) return start + index;
  }
  const found = raw.indexOf(text.slice(index, index + 8), node.offset);
  return found === -1 || found > node.offset + text.length * 2 + 100 ? node.offset : found;
}

/** The same tree with its variables put in. */
export function interpolateTree(
  root: Node,
  lookup: Lookup,
  { reporter, missing }: Pick<LoadContext, 'reporter' | 'missing'>,
): Node {
  const interpolateScalar = (node: ScalarNode): ScalarNode => {
    if (typeof node.value !== 'string' || !node.value.includes('$')) return node;
    const written = node.value;
    let broken = false;
    const at = (index: number) => ({ source: node.source, offset: dollarOffset(node, written, index) });
    const said = new Set<string>();
    const value = interpolateText(written, lookup, {
      unset: (name, index) => {
        if (said.has(name) || said.size >= MAX_REPORTS) return;
        said.add(name);
        missing({ name, required: false, message: '', at: at(index) });
        reporter.report({
          severity: 'warning',
          rule: 'undefined-variable',
          message: `variable \`${name}\` is not set; an empty string is used`,
          hint: `set it, or write a default: \${${name}:-value}`,
          at: at(index),
        });
      },
      required: (name, message, index) => {
        broken = true;
        if (said.size >= MAX_REPORTS) return;
        said.add(`?${name}`);
        missing({ name, required: true, message, at: at(index) });
        const why = message === '' ? '' : `: ${message}`;
        const hint = `set it in the environment or in the .env file (${name}=…), or keep it in the keychain: npx claude-env secret set ${name}`;
        reporter.report({
          rule: 'undefined-variable',
          message: `required variable \`${name}\` is not set${why}`,
          hint,
          at: at(index),
        });
      },
      invalid: (index) => {
        broken = true;
        if (said.has('')) return;
        said.add('');
        const hint = `write $$ for a dollar sign, or \${NAME}, \${NAME:-default}, \${NAME:?message}`;
        reporter.report({ rule: 'interpolation', message: `this is no valid \${…} expression`, hint, at: at(index) });
      },
    });
    return { ...node, value, interpolated: true, ...(broken ? { broken: true as const } : {}) };
  };
  return mapScalars(root, interpolateScalar);
}

/** Marks what has a variable, so that no later phase looks into it. */
export function keepVariables(root: Node): Node {
  return mapScalars(root, (node) =>
    typeof node.value === 'string' && node.value.includes('$') ? { ...node, broken: true } : node,
  );
}

/** Shared sub-trees (aliases) stay shared. */
function mapScalars(root: Node, change: (node: ScalarNode) => ScalarNode): Node {
  const done = new Map<Node, Node>();
  const walk = (node: Node): Node => {
    if (node.kind === 'scalar') return change(node);
    const known = done.get(node);
    if (known !== undefined) return known;
    let result: Node = node;
    if (node.kind === 'list') {
      const items = node.items.map(walk);
      if (items.some((item, index) => item !== node.items[index])) result = { ...node, items };
    } else {
      let entries: Map<string, Entry> | undefined;
      node.entries.forEach((one, key) => {
        const value = walk(one.value);
        if (value === one.value) return;
        entries ??= new Map(node.entries);
        entries.set(key, entry(key, value, one));
      });
      if (entries !== undefined) result = { ...node, entries };
    }
    done.set(node, result);
    return result;
  };
  return walk(root);
}
