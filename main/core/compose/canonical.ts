import { hasMark } from '../opaque.ts';
import { castScalar, needsValue, placeOf, typeOf, wrongType } from './scalar-check.ts';
import type { DictKind, Kind, ListKind, ObjectKind, ScalarKind, ShortContext } from './schema/kinds.ts';
import { resolveByRule } from './short/files.ts';
import { hostAddresses } from './short/hosts.ts';
import { splitWords } from './short/words.ts';
import { didYouMean } from './suggest.ts';
import { type Entry, entry, list, type MapNode, map, type Node, type Path, type ScalarNode, scalar } from './tree.ts';

/*
 * Phase 3, per document: checks the tree against the schema and turns every short syntax into the long one, so that
 * merging, extending and all later phases know one form only. What is wrong is reported and left out, and the walk
 * goes on.
 */
export type CanonicalOptions = Omit<ShortContext, 'path'>;

/** One walk shares one path, pushed and popped on the way: the tree is large and mistakes are few. */
interface Walk extends ShortContext {
  readonly path: (string | number)[];
}

export function toCanonical(node: Node, kind: Kind, options: CanonicalOptions, path: Path = []): Node | undefined {
  return visit(node, kind, { ...options, path: [...path] });
}

function visit(node: Node, kind: Kind, context: Walk): Node | undefined {
  if (node.kind === 'scalar' && node.broken) return node;
  // What `!reset` marks is removed on merge, whatever is written there.
  if (node.tag === 'reset') return node;
  switch (kind.is) {
    case 'object':
      return canonicalObject(node, kind, context);
    case 'dict':
      return canonicalDict(node, kind, context);
    case 'list':
      return canonicalList(node, kind, context);
    default:
      return canonicalScalar(node, kind, context);
  }
}

/** A null that says nothing: fine in an override file, a mistake in the end (reportNothing). */
function isNothing(node: Node, kind: Kind): node is ScalarNode {
  if (node.kind !== 'scalar' || node.value !== null || node.broken || node.tag !== undefined) return false;
  if ('said' in kind && kind.said) return false;
  return 'accepts' in kind && kind.is !== 'object'
    ? !kind.accepts.includes('null')
    : !('nullable' in kind && kind.nullable === true);
}

/** Reports the nulls that no earlier file gave a value. To be called once files are merged. */
export function reportNothing(node: Node, kind: Kind, options: CanonicalOptions): void {
  findNothing(node, kind, { ...options, path: [] });
}

function findNothing(node: Node, kind: Kind, context: Walk): void {
  if (node.kind === 'scalar') {
    if (node.nothing) wrongType(node, kind, context);
  } else if (node.kind === 'list') {
    if (kind.is !== 'list' || kind.item.is === 'string') return;
    for (const [index, item] of node.items.entries()) {
      context.path.push(index);
      findNothing(item, kind.item, context);
      context.path.pop();
    }
  } else {
    for (const one of node.entries.values()) {
      const { key } = one;
      const inner = kind.is === 'dict' ? kind.value : kind.is === 'object' ? kind.keys.get(key) : undefined;
      if (inner === undefined) continue;
      context.path.push(key);
      findNothing(one.value, inner, context);
      context.path.pop();
    }
  }
}

/** The value under a key; the key's path is pushed for the time. */
function visitEntry(key: string, one: Entry, kind: Kind, context: Walk): Entry | undefined {
  context.path.push(key);
  const saysNothing = isNothing(one.value, kind);
  if (saysNothing && context.met !== undefined) context.met.nothing = true;
  const value = saysNothing ? { ...one.value, nothing: true as const } : visit(one.value, kind, context);
  context.path.pop();
  if (value === undefined) return undefined;
  return value === one.value ? one : entry(key, value, one);
}

function step(context: Walk, key: string | number): Path {
  return [...context.path, key];
}

function canonicalScalar(node: Node, kind: ScalarKind, context: Walk): Node | undefined {
  if (kind.is === 'any') return node;
  if (node.kind !== 'scalar') return wrongType(node, kind, context);
  const checked = castScalar(node, kind, context);
  if (checked === undefined || kind.path === undefined || typeof checked.value !== 'string') return checked;
  return { ...checked, value: resolveByRule(kind.path, checked, checked.value, context) };
}

function canonicalList(node: Node, kind: ListKind, context: Walk): Node | undefined {
  const isNull = node.kind === 'scalar' && node.value === null;
  if (isNull && kind.nullable) return node;
  if (node.kind === 'scalar' && !isNull) {
    const isLine = kind.line !== undefined && typeof node.value === 'string' && node.timestamp !== true;
    if (isLine) return fromLine(node, node.value, kind, context);
    if (kind.single) return canonicalItems(list([node], node), kind, context);
  }
  // A lone mapping is no list, but `env_file: {path: x}` is seen in the wild and refused by docker compose too.
  if (node.kind !== 'list') return wrongType(node, kind, context);
  return canonicalItems(node, kind, context);
}

function fromLine(node: ScalarNode, text: string, kind: ListKind, context: Walk): Node | undefined {
  if (kind.line === 'health') return list([scalar('CMD-SHELL', node), scalar(text, node)], node);
  const line = splitWords(text);
  const { reporter, path } = context;
  if (line === undefined) {
    const hint = 'write it as a list, or run a shell: `sh -c "…"`';
    const message = 'the command has a quote or parenthesis that is not closed';
    reporter.report({ rule: 'bad-command', message, hint, at: node, path });
    return undefined;
  }
  if (line.cutAt !== undefined) {
    const message = `no shell runs this command: \`${line.cutAt}\` and what follows it is dropped`;
    const hint = 'write `sh -c "…"`';
    reporter.report({ severity: 'warning', rule: 'shell-operator', message, hint, at: node, path });
  }
  return list(
    line.words.map((word) => scalar(word, node)),
    node,
  );
}

/** One item, or the several that a short one stands for. */
function addItem(items: Node[], item: Node, kind: ListKind, context: Walk): void {
  const isShort = kind.item.is === 'object' && kind.item.short !== undefined && item.kind === 'scalar';
  const isNull = item.kind === 'scalar' && item.value === null && 'nullable' in kind.item;
  if (isShort && !isNull && !item.broken && item.tag !== 'reset') {
    const expanded = expandShort(item, kind.item as ObjectKind, context);
    const made = Array.isArray(expanded) ? (expanded as readonly Node[]) : expanded ? [expanded as Node] : [];
    for (let index = 0; index < made.length; index += 1) {
      const finished = finish(made[index] as Node, kind.item as ObjectKind, context, 'made');
      if (finished !== undefined) items.push(finished);
    }
    return;
  }
  if (kind.empty === 'dropped' && item.kind === 'scalar' && item.value === '') return;
  const converted = visit(item, kind.item, context);
  if (converted !== undefined) items.push(converted);
}

function canonicalItems(node: Node & { kind: 'list' }, kind: ListKind, context: Walk): Node {
  const items: Node[] = [];
  for (let index = 0; index < node.items.length; index += 1) {
    context.path.push(index);
    addItem(items, node.items[index] as Node, kind, context);
    context.path.pop();
  }
  const kept = distinct(items, kind);
  if (kind.repeats === 'refused' && kept.length < items.length) reportRepeats(items, context);
  return list(kept, node);
}

function reportRepeats(items: readonly Node[], { reporter, path }: ShortContext): void {
  const seen = new Set<string>();
  for (const item of items) {
    if (item.kind !== 'scalar') continue;
    const text = String(item.value);
    if (seen.has(text))
      reporter.report({ rule: 'repeated-item', message: `\`${text}\` is listed twice`, at: item, path });
    seen.add(text);
  }
}

/** Keeps the place of the first of equal items and the value of the last. */
export function distinct(items: readonly Node[], kind: ListKind): readonly Node[] {
  if (kind.identity === undefined || kind.merge === 'matching') return items;
  const places = new Map<string, number>();
  const kept: Node[] = [];
  for (const item of items) {
    // A short form whose variables were left in it (`config --no-interpolate`) is told apart by its text.
    const isShort = item.kind === 'scalar' && kind.item.is === 'object';
    const identity: string | undefined = isShort ? String(item.value) : kind.identity(item);
    const place: number | undefined = identity === undefined ? undefined : places.get(identity);
    if (place !== undefined) kept[place] = item;
    else {
      if (identity !== undefined) places.set(identity, kept.length);
      kept.push(item);
    }
  }
  return kept;
}

/** `A=1` → A, 1; `A` → A, null. For hosts also `a:1.2.3.4`. */
function splitPair(text: string, kind: DictKind): [string, string | null] {
  const equals = text.indexOf('=');
  const at = kind.fromList === 'hosts' && equals === -1 ? text.indexOf(':') : equals;
  return at === -1 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

/** Says the name only: a value may be secret. */
function badPair(item: ScalarNode, name: string, what: string, hint: string, { reporter, path }: ShortContext): void {
  reporter.report({ rule: 'bad-value', message: `\`${name}\` ${what}`, hint, at: item, path });
}

/** docker compose minds the space in variables only; elsewhere the key ends in it, which nobody means. */
function checkSpaced(item: ScalarNode, key: string, kind: DictKind, { reporter, path }: ShortContext): void {
  if (!/\s$/.test(key)) return;
  const message = `\`${key.trim()}\` has a space before the \`=\``;
  const severity = kind.spaced === 'refused' ? 'error' : 'warning';
  reporter.report({ rule: 'bad-value', message, hint: 'remove it', at: item, path, severity });
}

function dictFromList(node: Node & { kind: 'list' }, kind: DictKind, context: Walk): MapNode {
  const entries = new Map<string, Entry>();
  if (kind.repeats === 'refused') reportRepeats(node.items, context);
  for (const [index, item] of node.items.entries()) {
    if (item.tag === 'reset') continue;
    if (item.kind !== 'scalar' || typeof item.value !== 'string' || item.timestamp) {
      if (item.kind !== 'scalar' || !item.broken) {
        wrongType(item, { is: 'string', accepts: ['string'] }, { ...context, path: step(context, index) });
      }
      continue;
    }
    const nameText = kind.fromList === 'names' ? item.value : splitPair(item.value, kind)[0];
    if (hasMark(nameText)) {
      needsValue({ ...item, value: nameText }, { ...context, path: step(context, index) });
      continue;
    }
    if (kind.fromList === 'names') {
      entries.set(item.value, entry(item.value, kind.nameValue?.(item) ?? scalar(null, item), item));
      continue;
    }
    const [key, text] = splitPair(item.value, kind);
    checkSpaced(item, key, kind, context);
    if (text === null && kind.alone?.includes(key) === false)
      badPair(item, key, 'has no value', `write \`${key}=…\``, context);
    let value: Node = { ...item, value: text };
    if (kind.fromList === 'hosts') {
      const before = entries.get(key)?.value;
      if (text === null) badPair(item, key, 'has no address', 'write `host:address` or `host=address`', context);
      // Empty, as after a variable that is not set, it is left to the engine, as docker compose does.
      const addresses = (text ?? '').split(',').map((address) => scalar(address, item));
      value = before?.kind === 'list' ? list([...before.items, ...addresses], before) : list(addresses, item);
    }
    entries.set(key, entry(key, value, item));
  }
  return map(entries, node);
}

/** The entries with one of them changed, or left out for undefined, in the order they had; copied once, where there is a first change. */
function change(
  before: ReadonlyMap<string, Entry>,
  after: Map<string, Entry> | undefined,
  key: string,
  one: Entry | undefined,
): Map<string, Entry> {
  const changed = after ?? new Map(before);
  if (one === undefined) changed.delete(key);
  else changed.set(key, one);
  return changed;
}

function canonicalDict(node: Node, kind: DictKind, context: Walk): Node | undefined {
  let source = node;
  if (node.kind === 'list' && kind.fromList !== undefined) source = dictFromList(node, kind, context);
  if (source.kind !== 'map') return wrongType(node, kind, context);
  const before = source.entries;
  let after: Map<string, Entry> | undefined;
  before.forEach((one, key) => {
    // A list may name anything; what does not exist is said where names are looked up.
    if (kind.keys !== undefined && node.kind !== 'list' && !kind.keys.test.test(key)) {
      context.reporter.report({
        rule: 'bad-name',
        message: `\`${key}\` is not a valid name`,
        hint: `names are made of ${kind.keys.wanted}`,
        at: one,
        path: step(context, key),
      });
      after = change(before, after, key, undefined);
      return;
    }
    const visited = visitEntry(key, one, kind.value, context);
    const finished = visited && kind.fromList === 'hosts' ? hostAddresses(visited, context) : visited;
    if (finished !== one) after = change(before, after, key, finished);
  });
  const whole = after === undefined ? source : map(after, source);
  // A mapping has no order; docker stack sorts it, while the order of a list stays as it is.
  return kind.fromList === 'hosts' && node.kind === 'map' ? map(new Map([...whole.entries].sort(byKey)), whole) : whole;
}

const byKey = ([a]: readonly [string, Entry], [b]: readonly [string, Entry]): number => (a < b ? -1 : Number(a > b));

function expandShort(node: ScalarNode, kind: ObjectKind, context: Walk): Node | readonly Node[] | undefined {
  if (needsValue(node, context)) return undefined;
  const type = typeOf(node);
  if (kind.short === undefined || node.timestamp === true || kind.accepts?.includes(type) !== true) {
    wrongType(node, kind, context);
    return undefined;
  }
  return kind.short(node, context);
}

/** `made`: from the short form; `written`: as it stands in the file. */
function finish(node: Node, kind: ObjectKind, context: Walk, from: 'made' | 'written'): Node | undefined {
  if (node.kind !== 'map') return node;
  const checked = canonicalEntries(node, kind, context, from);
  return kind.finish === undefined ? checked : kind.finish(checked, context);
}

function canonicalObject(node: Node, kind: ObjectKind, context: Walk): Node | undefined {
  if (node.kind === 'scalar') {
    if (node.value === null && kind.nullable) return node;
    if (kind.short === undefined || node.value === null) return wrongType(node, kind, context);
    const expanded = expandShort(node, kind, context);
    const one = Array.isArray(expanded) ? (expanded as readonly Node[])[0] : (expanded as Node | undefined);
    return one === undefined ? undefined : withTag(finish(one, kind, context, 'made'), node);
  }
  if (node.kind === 'list') return wrongType(node, kind, context);
  return finish(node, kind, context, 'written');
}

function withTag(node: Node | undefined, from: Node): Node | undefined {
  return node === undefined || from.tag === undefined ? node : { ...node, tag: from.tag };
}

function canonicalEntries(node: MapNode, kind: ObjectKind, context: Walk, from: 'made' | 'written'): MapNode {
  const before = node.entries;
  let after: Map<string, Entry> | undefined;
  before.forEach((one, key) => {
    const known = from === 'written' && kind.made?.includes(key) ? undefined : kind.keys.get(key);
    if (known === undefined) {
      if (!key.startsWith('x-') || kind.closed) {
        after = change(before, after, key, undefined);
        context.reporter.report({
          rule: 'unknown-key',
          message: `unknown key \`${key}\` in ${placeOf(context.path, kind)}`,
          hint: () => didYouMean(key, kind.keys.keys()) ?? 'keys of your own begin with `x-`',
          at: one,
          path: step(context, key),
          severity: kind.loose ? 'warning' : 'error',
        });
      }
      return;
    }
    const visited = visitEntry(key, one, known, context);
    if (visited !== one) after = change(before, after, key, visited);
  });
  for (const key of kind.required ?? []) {
    if (node.entries.has(key)) continue;
    const message = `${placeOf(context.path, kind)} needs \`${key}\``;
    context.reporter.report({ rule: 'missing-key', message, at: node, path: context.path });
  }
  return after === undefined ? node : map(after, node);
}
