import type { SourceLocation } from '../../../preload/contract/errors.ts';

/*
 * What a YAML file becomes: a small immutable tree in which every key and every value still knows the file and the
 * place it was written at, through merge, extends and include. All phases before `decode` work on it.
 */

/** One reading of one file. The same file read twice (include and extends) is two sources: its base may differ. */
export interface Source {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
  /** Directory against which the relative paths written in this file are resolved. Absolute. */
  readonly baseDir: string;
}

export interface Position {
  readonly source: Source;
  /** Index into `source.text`. */
  readonly offset: number;
}

/** `!reset` removes what was there before, `!override` replaces instead of merging. */
export type MergeTag = 'reset' | 'override';

interface NodeBase extends Position {
  readonly tag?: MergeTag;
}
export type ScalarValue = string | number | boolean | null;
export interface ScalarNode extends NodeBase {
  readonly kind: 'scalar';
  readonly value: ScalarValue;
  /** An unquoted date, which Docker's YAML reads as a time and then refuses wherever it stands. */
  readonly timestamp?: true;
  /** A number with a fraction or exponent, so that `1.0` is not taken for an integer. */
  readonly float?: true;
  /** All digits of an integer that a double cannot hold. */
  readonly exact?: string;
  /** A null where none may stand: a mistake, unless an earlier file gives the value. */
  readonly nothing?: true;
  /** Variables were put in. */
  readonly interpolated?: true;
  /** As it was before it was tidied or filled in, where somebody counts on that. */
  readonly written?: string;
  /** Already reported (an undefined required variable): nothing more shall be said about it. */
  readonly broken?: true;
}
export interface ListNode extends NodeBase {
  readonly kind: 'list';
  readonly items: readonly Node[];
}
/** A key with its own place, and its value. */
export interface Entry extends Position {
  readonly key: string;
  readonly value: Node;
}
export interface MapNode extends NodeBase {
  readonly kind: 'map';
  /**
   * By the entry's own key. Walks over all of them go by `forEach`, which makes nothing for each: in code that runs once, a
   * pair and an iterator's result for each of 10,000 entries cost three milliseconds.
   */
  readonly entries: ReadonlyMap<string, Entry>;
}
export type Node = ScalarNode | ListNode | MapNode;

/** Key path inside a document, for messages. */
export type Path = readonly (string | number)[];

const lineStarts = new WeakMap<Source, readonly number[]>();

function linesOf(source: Source): readonly number[] {
  const known = lineStarts.get(source);
  if (known !== undefined) return known;
  const starts = [0];
  for (let at = source.text.indexOf('\n'); at !== -1; at = source.text.indexOf('\n', at + 1)) starts.push(at + 1);
  lineStarts.set(source, starts);
  return starts;
}

/** Line and column from 1, columns in UTF-16 units as editors count them. */
export function locate(position: Position, path?: Path): SourceLocation {
  const starts = linesOf(position.source);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= position.offset) low = middle;
    else high = middle - 1;
  }
  const where = { file: position.source.file, line: low + 1, column: position.offset - (starts[low] ?? 0) + 1 };
  return path === undefined ? where : { ...where, path: [...path] };
}

export function scalar(value: ScalarValue, at: Position): ScalarNode {
  return { kind: 'scalar', value, source: at.source, offset: at.offset };
}

export function list(items: readonly Node[], at: NodeBase): ListNode {
  const node: ListNode = { kind: 'list', items, source: at.source, offset: at.offset };
  return at.tag === undefined ? node : { ...node, tag: at.tag };
}

export function map(entries: ReadonlyMap<string, Entry>, at: NodeBase): MapNode {
  const node: MapNode = { kind: 'map', entries, source: at.source, offset: at.offset };
  return at.tag === undefined ? node : { ...node, tag: at.tag };
}

export function entry(key: string, value: Node, at: Position): Entry {
  return { key, value, source: at.source, offset: at.offset };
}

/** A mapping whose keys and values all stand where `at` is: the long form of something written short. */
export function mapOf(values: Readonly<Record<string, ScalarValue | Node | undefined>>, at: NodeBase): MapNode {
  const entries = new Map<string, Entry>();
  const keys = Object.keys(values);
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as string;
    const value = values[key];
    if (value === undefined) continue;
    entries.set(key, entry(key, value !== null && typeof value === 'object' ? value : scalar(value, at), at));
  }
  return map(entries, at);
}

/** The value under `key` when `node` is a mapping that has it. */
export function child(node: Node | undefined, key: string): Node | undefined {
  return node?.kind === 'map' ? node.entries.get(key)?.value : undefined;
}

/** The string under `key`, if there is one. */
export function childText(node: Node | undefined, key: string): string | undefined {
  const value = child(node, key);
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined;
}

/** `map` with one entry put or replaced. */
export function withEntry(node: MapNode, key: string, value: Node): MapNode {
  const entries = new Map(node.entries);
  const before = entries.get(key);
  entries.set(key, entry(key, value, before ?? value));
  return map(entries, node);
}

export function withoutEntry(node: MapNode, key: string): MapNode {
  if (!node.entries.has(key)) return node;
  const entries = new Map(node.entries);
  entries.delete(key);
  return map(entries, node);
}
