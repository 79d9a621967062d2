import { MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, TooMuch, tooManyValues } from './limits.ts';
import type { Reporter } from './report.ts';
import { maySpeak, resolvePlain } from './scalars.ts';
import type { Entry, MergeTag, Node, Position, ScalarNode, Source } from './tree.ts';
import { type AliasEvent, readStrict, type ScalarEvent, type YamlEvent, type YamlEvents } from './yaml-events.ts';

/*
 * Phase 1: YAML text to trees, one a document. Libraries read the text (yaml-events.ts); what scalars mean, merge keys,
 * aliases, tags and duplicate keys are decided here, because Docker's YAML differs (scalars.ts) and because what the
 * libraries do with hostile aliases and keys is not bounded.
 */

const TAGS: Readonly<Record<string, MergeTag>> = { '!reset': 'reset', '!override': 'override' };
const CORE = 'tag:yaml.org,2002:';

interface Conversion {
  readonly source: Source;
  readonly reporter: Reporter;
  readonly next: YamlEvents;
  readonly anchors: Map<string, { readonly node: Node; readonly size: number } | 'open'>;
  /** Nodes so far, aliases counted in full. */
  size: number;
}

function grow(context: Conversion, by: number, offset: number): void {
  context.size += by;
  if (context.size > MAX_NODES) throw tooManyValues(offset);
}

function convertScalar({ source }: Conversion, { text, plain, offset, tag }: ScalarEvent): ScalarNode {
  if (tag === undefined) {
    if (!plain || !maySpeak(text)) return { kind: 'scalar', value: text, source, offset };
    const { value, ...rest } = resolvePlain(text);
    return { kind: 'scalar', value, source, offset, ...rest };
  }
  const merge = TAGS[tag];
  const base = { kind: 'scalar' as const, source, offset, ...(merge && { tag: merge }) };
  const core = tag.startsWith(CORE) ? tag.slice(CORE.length) : undefined;
  // A tag that nobody knows makes text of what it marks.
  const unknown = core === undefined && merge === undefined;
  if (core === 'str' || unknown || (!plain && core === undefined)) return { ...base, value: text };
  const resolved = resolvePlain(text);
  if (core === 'float' && typeof resolved.value === 'number') return { ...base, ...resolved, float: true };
  return { ...base, ...resolved };
}

function convertAlias(context: Conversion, { name, offset }: AliasEvent): Node {
  const at: Position = { source: context.source, offset };
  const target = context.anchors.get(name);
  if (target === undefined || target === 'open') {
    const message = target === 'open' ? `anchor \`${name}\` contains itself` : `there is no anchor \`&${name}\``;
    const hint = 'an anchor must be written before the alias that uses it';
    context.reporter.report({ rule: 'yaml', message, hint, at });
    return { kind: 'scalar', value: null, broken: true, ...at };
  }
  grow(context, target.size, offset);
  return target.node;
}

/** `<<: *a` or `<<: [*a, *b]`: what is written in the mapping itself wins, then the first of the list. */
function mergeInto(context: Conversion, entries: Map<string, Entry>, merged: Node, own: Iterable<string>): void {
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
function toKey(context: Conversion, event: YamlEvent, depth: number): string | undefined {
  if (event.is === 'scalar') {
    const { anchor } = event;
    if (anchor !== undefined) context.anchors.set(anchor, { node: convertScalar(context, event), size: 1 });
    return event.text;
  }
  const node = convert(context, event, depth);
  return event.is === 'alias' && node.kind === 'scalar' ? String(node.value ?? '') : undefined;
}

/** The event that must come, because a collection is open. */
function following({ next }: Conversion): YamlEvent {
  const event = next();
  if (event === undefined) throw new TypeError('the YAML events end inside a collection');
  return event;
}

function convertMap(context: Conversion, depth: number): ReadonlyMap<string, Entry> {
  const { source, reporter } = context;
  const entries = new Map<string, Entry>();
  const merges: Node[] = [];
  for (let event = following(context); event.is !== 'end'; event = following(context)) {
    const { offset } = event;
    const key = toKey(context, event, depth + 1);
    const value = convert(context, following(context), depth + 1);
    if (key === undefined) {
      reporter.report({
        rule: 'yaml',
        message: 'a key must be a plain name, not a list or mapping',
        at: { source, offset },
      });
      continue;
    }
    // A tagged key is text, whatever it looks like.
    const plain = event.is === 'scalar' && event.plain && event.tag === undefined;
    const meant = plain && maySpeak(key) ? resolvePlain(key) : undefined;
    if (meant !== undefined && (typeof meant.value !== 'string' || meant.timestamp)) {
      const message = `the key \`${key}\` is not text`;
      reporter.report({ rule: 'non-string-key', message, hint: 'put it in quotes', at: { source, offset } });
    }
    const merge = key === '<<' && plain;
    if (entries.has(key) || (merge && merges.length > 0)) {
      const first = entries.get(key);
      const hint = first && `it is already written ${first.source === source ? 'further up' : 'elsewhere'}`;
      reporter.report({ rule: 'duplicate-key', message: `\`${key}\` is written twice`, hint, at: { source, offset } });
    }
    if (merge) merges.push(value);
    else entries.set(key, { key, value, source, offset });
  }
  const own = [...(merges.length > 0 ? entries.keys() : [])];
  for (const merged of merges) mergeInto(context, entries, merged, own);
  return entries;
}

function convertList(context: Conversion, depth: number): readonly Node[] {
  const items: Node[] = [];
  for (let event = following(context); event.is !== 'end'; event = following(context)) {
    items.push(convert(context, event, depth + 1));
  }
  return items;
}

function convert(context: Conversion, event: YamlEvent, depth: number): Node {
  if (event.is === 'end') throw new TypeError('a YAML mapping ends after a key');
  const { offset } = event;
  if (depth > MAX_DEPTH) throw new TooMuch('the file is nested too deeply', offset);
  if (event.is === 'alias') return convertAlias(context, event);
  const before = context.size;
  grow(context, 1, offset);
  const { anchor } = event;
  if (anchor !== undefined) context.anchors.set(anchor, 'open');
  let converted: Node;
  if (event.is === 'scalar') converted = convertScalar(context, event);
  else {
    const { source } = context;
    converted =
      event.is === 'map'
        ? { kind: 'map', entries: convertMap(context, depth), source, offset }
        : { kind: 'list', items: convertList(context, depth), source, offset };
    const tag = event.tag === undefined ? undefined : TAGS[event.tag];
    if (tag !== undefined) converted = { ...converted, tag };
  }
  if (anchor !== undefined) context.anchors.set(anchor, { node: converted, size: context.size - before });
  return converted;
}

/**
 * Every document of a file as a tree; empty ones are left out.
 * Syntax errors, hostile nesting and alias bombs are reported, and what could be read is returned all the same.
 */
export async function parseSource(source: Source, reporter: Reporter): Promise<readonly Node[]> {
  if (source.text.length > MAX_CHARACTERS) {
    const message = `the file is larger than ${MAX_CHARACTERS / 1024 / 1024} MB, which no compose file is`;
    reporter.report({ rule: 'too-large', message, at: { source, offset: 0 } });
    return [];
  }
  try {
    const next = readStrict(source.text) ?? (await readOtherwise(source, reporter));
    return treesOf({ source, reporter, next, anchors: new Map(), size: 0 });
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    reporter.report({ rule: 'too-complex', message: error.message, at: { source, offset: error.offset } });
    return [];
  }
}

/** Loaded only where it is needed, which is hardly ever. */
async function readOtherwise(source: Source, reporter: Reporter): Promise<YamlEvents> {
  const { readLenient } = await import('./yaml-lenient.ts');
  const { events, problems } = readLenient(source.text);
  for (const { message, offset } of problems) {
    const hint = source.text[offset] === '\t' ? 'YAML does not allow tabs for indentation' : undefined;
    reporter.report({ rule: 'yaml', message, hint, at: { source, offset } });
  }
  return events;
}

/** Throws TooMuch. */
function treesOf(context: Conversion): readonly Node[] {
  const trees: Node[] = [];
  for (let event = context.next(); event !== undefined; event = context.next()) {
    // Anchors live on in the next document, as Docker's reader has it.
    if (event.is === 'end') continue;
    const tree = convert(context, event, 0);
    if (tree.kind !== 'scalar' || tree.value !== null) trees.push(tree);
  }
  return trees;
}
