import { Composer, type Document, isAlias, isMap, isScalar, isSeq, Lexer, Parser, type Node as YamlNode } from 'yaml';
import { MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, TooMuch, tooManyValues } from './limits.ts';
import type { Reporter } from './report.ts';
import { resolvePlain } from './scalars.ts';
import type { Source } from './tree.ts';
import { type Entry, entry, type ListNode, type MapNode, type MergeTag, type Node, type ScalarNode } from './tree.ts';

/*
 * Phase 1: YAML text to trees, one a document. The `yaml` package lexes, parses and composes; what scalars mean, merge
 * keys, aliases and duplicate keys are decided here, because Docker's YAML differs (scalars.ts) and because its own
 * handling of hostile input is quadratic (duplicate keys) or unbounded (aliases).
 */

const TAGS: Readonly<Record<string, MergeTag>> = { '!reset': 'reset', '!override': 'override' };
const CORE = 'tag:yaml.org,2002:';

/** Feeds lexemes to the parser one by one, so that depth is checked before anything recursive sees the tokens. */
function* tokensOf(text: string) {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_DEPTH * 2) throw new TooMuch('the file is nested too deeply', parser.offset);
  }
  yield* parser.end();
}

interface Conversion {
  readonly source: Source;
  readonly reporter: Reporter;
  readonly anchors: Map<string, { readonly node: Node; readonly size: number } | 'open'>;
  /** Nodes so far, aliases counted in full. */
  size: number;
}

function positionOf(context: Conversion, node: YamlNode): { source: Source; offset: number } {
  return { source: context.source, offset: node.range?.[0] ?? 0 };
}

function grow(context: Conversion, by: number, offset: number): void {
  context.size += by;
  if (context.size > MAX_NODES) throw tooManyValues(offset);
}

function convertScalar(context: Conversion, node: YamlNode & { value: unknown; type?: string }): ScalarNode {
  const at = positionOf(context, node);
  const text = typeof node.value === 'string' ? node.value : '';
  const tag = TAGS[node.tag ?? ''];
  const core = node.tag?.startsWith(CORE) === true ? node.tag.slice(CORE.length) : undefined;
  const base = { kind: 'scalar' as const, ...at, ...(tag && { tag }) };
  const plain = node.type === 'PLAIN' || node.type === undefined || node.value === null;
  if (core === 'str' || node.tag === '!' || (!plain && core === undefined)) return { ...base, value: text };
  const resolved = resolvePlain(text);
  if (core === 'float' && typeof resolved.value === 'number') return { ...base, ...resolved, float: true };
  return { ...base, ...resolved };
}

function convertAlias(context: Conversion, node: YamlNode & { source: string }): Node {
  const at = positionOf(context, node);
  const target = context.anchors.get(node.source);
  if (target === undefined || target === 'open') {
    const message =
      target === 'open' ? `anchor \`${node.source}\` contains itself` : `there is no anchor \`&${node.source}\``;
    const hint = 'an anchor must be written before the alias that uses it';
    context.reporter.report({ rule: 'yaml', message, hint, at });
    return { kind: 'scalar', value: null, broken: true, ...at };
  }
  grow(context, target.size, at.offset);
  return target.node;
}

/** `<<: *a` or `<<: [*a, *b]`: what is written in the mapping itself wins, then the first of the list. */
function mergeInto(context: Conversion, entries: Map<string, Entry>, merged: Node, own: ReadonlySet<string>): void {
  const maps = merged.kind === 'list' ? merged.items : [merged];
  const taken = new Set(own);
  for (const one of maps) {
    if (one.kind !== 'map') {
      if (one.kind === 'scalar' && one.broken) continue;
      const message = 'a merge key `<<` takes a mapping or a list of mappings';
      context.reporter.report({ rule: 'yaml', message, at: one });
      continue;
    }
    for (const [key, value] of one.entries) {
      if (taken.has(key)) continue;
      taken.add(key);
      entries.set(key, value);
    }
  }
}

/** A key's text; an alias stands for the text its anchor marks. undefined: it is a list or a mapping. */
function keyOf(context: Conversion, node: YamlNode | null): { key: string; plain: boolean } | undefined {
  if (isAlias(node)) {
    const target = convertAlias(context, node);
    return target.kind === 'scalar' ? { key: String(target.value ?? ''), plain: false } : undefined;
  }
  if (!isScalar(node)) return undefined;
  const anchor = node.anchor;
  const key = typeof node.value === 'string' ? node.value : '';
  if (anchor !== undefined) context.anchors.set(anchor, { node: convertScalar(context, node), size: 1 });
  return { key, plain: node.type === 'PLAIN' };
}

function convertMap(context: Conversion, node: YamlNode & { items: unknown[] }, depth: number): MapNode {
  const at = positionOf(context, node);
  const entries = new Map<string, Entry>();
  const own = new Set<string>();
  const merges: Node[] = [];
  for (const item of node.items as { key: YamlNode | null; value: YamlNode | null }[]) {
    const keyAt = item.key ? positionOf(context, item.key) : at;
    const written = keyOf(context, item.key);
    if (written === undefined) {
      context.reporter.report({
        rule: 'yaml',
        message: 'a key must be a plain name, not a list or mapping',
        at: keyAt,
      });
      continue;
    }
    const { key, plain } = written;
    if (plain && typeof resolvePlain(key).value !== 'string') {
      const message = `the key \`${key}\` is not text`;
      context.reporter.report({ rule: 'non-string-key', message, hint: 'put it in quotes', at: keyAt });
    }
    const isMerge = key === '<<' && plain;
    if (own.has(key)) {
      const first = entries.get(key);
      const hint = first && `it is already written ${first.source === at.source ? 'further up' : 'elsewhere'}`;
      context.reporter.report({ rule: 'duplicate-key', message: `\`${key}\` is written twice`, hint, at: keyAt });
    }
    own.add(key);
    const value = item.value
      ? convert(context, item.value, depth + 1)
      : ({ kind: 'scalar', value: null, ...keyAt } satisfies ScalarNode);
    if (isMerge) merges.push(value);
    else entries.set(key, entry(key, value, keyAt));
  }
  for (const merged of merges) mergeInto(context, entries, merged, own);
  const tag = TAGS[node.tag ?? ''];
  return { kind: 'map', entries, ...at, ...(tag && { tag }) };
}

function convert(context: Conversion, node: YamlNode, depth: number): Node {
  const at = positionOf(context, node);
  if (depth > MAX_DEPTH) throw new TooMuch('the file is nested too deeply', at.offset);
  if (isAlias(node)) return convertAlias(context, node);
  const before = context.size;
  grow(context, 1, at.offset);
  const anchor = 'anchor' in node && typeof node.anchor === 'string' ? node.anchor : undefined;
  if (anchor !== undefined) context.anchors.set(anchor, 'open');
  const tag = TAGS[node.tag ?? ''];
  let converted: Node;
  if (isMap(node)) converted = convertMap(context, node, depth);
  else if (isSeq(node)) {
    const items = (node.items as YamlNode[]).map((item) => convert(context, item, depth + 1));
    converted = { kind: 'list', items, ...at, ...(tag && { tag }) } satisfies ListNode;
  } else if (isScalar(node)) converted = convertScalar(context, node);
  else throw new TypeError('a YAML node of an unknown kind');
  if (anchor !== undefined) context.anchors.set(anchor, { node: converted, size: context.size - before });
  return converted;
}

function reportProblems(source: Source, reporter: Reporter, document: Document): boolean {
  for (const problem of document.errors) {
    const message = problem.message.replace(/ at line \d+, column \d+:?[\s\S]*$/, '').trim();
    const hint = source.text[problem.pos[0]] === '\t' ? 'YAML does not allow tabs for indentation' : undefined;
    reporter.report({ rule: 'yaml', message, hint, at: { source, offset: problem.pos[0] } });
  }
  return document.errors.length > 0;
}

/**
 * Every document of a file as a tree; empty ones are left out.
 * Syntax errors, hostile nesting and alias bombs are reported, and what could be read is returned all the same.
 */
export function parseSource(source: Source, reporter: Reporter): readonly Node[] {
  if (source.text.length > MAX_CHARACTERS) {
    const message = `the file is larger than ${MAX_CHARACTERS / 1024 / 1024} MB, which no compose file is`;
    reporter.report({ rule: 'too-large', message, at: { source, offset: 0 } });
    return [];
  }
  try {
    return parseDocuments(source, reporter);
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    reporter.report({ rule: 'too-complex', message: error.message, at: { source, offset: error.offset } });
    return [];
  }
}

/** Throws TooMuch. */
function parseDocuments(source: Source, reporter: Reporter): readonly Node[] {
  const trees: Node[] = [];
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, resolveKnownTags: false, stringKeys: false });
  const context: Conversion = { source, reporter, anchors: new Map(), size: 0 };
  const take = (document: Document): void => {
    const broken = reportProblems(source, reporter, document);
    // Anchors live on in the next document, as Docker's reader has it.
    const contents = document.contents as YamlNode | null;
    // The tree of a document with syntax errors has holes, about which nothing sensible can be said.
    if (contents === null || broken) return;
    const tree = convert(context, contents, 0);
    if (tree.kind !== 'scalar' || tree.value !== null) trees.push(tree);
  };
  for (const token of tokensOf(source.text)) for (const document of composer.next(token)) take(document);
  for (const document of composer.end()) take(document);
  return trees;
}
