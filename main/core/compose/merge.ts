import { distinct } from './canonical.ts';
import type { DictKind, Kind, ListKind, ObjectKind } from './schema/kinds.ts';
import { any } from './schema/kinds.ts';
import { childText, type Entry, entry, list, type MapNode, map, type Node } from './tree.ts';

/*
 * Phase 4: puts one canonical tree over another: a later file over an earlier one, a service over the one it extends.
 * Mappings merge key by key, lists are appended and lose duplicates (what counts as one is the schema's `identity`),
 * everything else is replaced. https://github.com/compose-spec/compose-spec/blob/main/13-merge.md
 */

export function merge(base: Node | undefined, over: Node, kind: Kind): Node {
  if (base === undefined || base.tag === 'reset' || over.tag !== undefined) return over;
  if (isNull(over) && !isNullable(kind)) return base;
  switch (kind.is) {
    case 'object':
      return base.kind === 'map' && over.kind === 'map' ? mergeObject(base, over, kind) : over;
    case 'dict':
      return base.kind === 'map' && over.kind === 'map' ? mergeDict(base, over, kind) : over;
    case 'list':
      return base.kind === 'list' && over.kind === 'list' ? mergeList(base, over, kind) : over;
    case 'any':
      return mergeFree(base, over);
    default:
      return over;
  }
}

const isNull = (node: Node): boolean => node.kind === 'scalar' && node.value === null;
const isNothing = (node: Node): boolean => node.kind === 'scalar' && node.nothing === true;

/** `command: null` means the image's own command, not "nothing said". */
function isNullable(kind: Kind): boolean {
  return kind.is === 'list' && kind.nullable === true;
}

function mergeList(base: Node & { kind: 'list' }, over: Node & { kind: 'list' }, kind: ListKind): Node {
  if (kind.merge === 'replace') return over;
  if (kind.merge === 'matching') return mergeMatching(base, over, kind);
  return list(distinct([...base.items, ...over.items], kind), base);
}

/** Extensions: nobody knows what they mean, so mappings merge and lists are appended. */
function mergeFree(base: Node, over: Node): Node {
  if (base.kind === 'map' && over.kind === 'map') return mergeEntries(base, over, () => any);
  return base.kind === 'list' && over.kind === 'list' ? list([...base.items, ...over.items], base) : over;
}

function mergeMatching(base: Node & { kind: 'list' }, over: Node & { kind: 'list' }, kind: ListKind): Node {
  const items = over.items.map((item) => {
    const identity = kind.identity?.(item);
    const before = base.items.find((one) => kind.identity?.(one) === identity);
    return before === undefined ? item : merge(before, item, kind.item);
  });
  return list(items, over);
}

function mergeEntries(base: MapNode, over: MapNode, kindOf: (key: string) => Kind): MapNode {
  const entries = new Map<string, Entry>(base.entries);
  for (const [key, one] of over.entries) {
    const before = entries.get(key);
    const value = merge(before?.value, one.value, kindOf(key));
    // The key's place is where it was written last: that is where a reader looks for the mistake.
    entries.set(key, entry(key, value, one));
  }
  return map(entries, base);
}

/** `A:` over `A: 1`, where a list may say the same, is the variable without a value. */
function mergeDict(base: MapNode, over: MapNode, kind: DictKind): Node {
  if (kind.merge === 'replace') return over;
  const merged = mergeEntries(base, over, () => kind.value);
  if (kind.fromList !== 'equals') return merged;
  const unset = [...over.entries].filter(([, one]) => isNull(one.value) && !isNothing(one.value));
  return unset.length === 0 ? merged : map(new Map([...merged.entries, ...unset]), merged);
}

function mergeObject(base: MapNode, over: MapNode, kind: ObjectKind): Node {
  if (kind.merge === 'replace') return over;
  if (kind.merge === 'same-driver') {
    const before = childText(base, 'driver');
    const after = childText(over, 'driver');
    // Options of one logging driver mean nothing to another.
    if (before !== undefined && after !== undefined && before !== after) return over;
  }
  return mergeEntries(base, over, (key) => kind.keys.get(key) ?? any);
}

/** The tree without what `!reset` marked, and without the marks. */
export function withoutResets(node: Node): Node {
  if (node.kind === 'scalar') return node;
  if (node.kind === 'list') {
    const isClean = node.items.every((item) => item.tag !== 'reset' && withoutResets(item) === item);
    return isClean ? node : { ...node, items: node.items.filter((item) => item.tag !== 'reset').map(withoutResets) };
  }
  // Copied only when something changes, which it hardly ever does.
  let entries: Map<string, Entry> | undefined;
  for (const one of node.entries.values()) {
    const { key } = one;
    const isReset = one.value.tag === 'reset';
    const value = isReset ? one.value : withoutResets(one.value);
    if (!isReset && value === one.value) continue;
    entries ??= new Map(node.entries);
    if (isReset) entries.delete(key);
    else entries.set(key, entry(key, value, one));
  }
  return entries === undefined ? node : { ...node, entries };
}
