import { tooManyValues } from './limits.ts';
import { resolvePlain } from './scalars.ts';
import { type Entry, entry, type Node, type ScalarNode, type Source } from './tree.ts';

/*
 * Reads the plain subset of YAML in which compose files are written, an order of magnitude faster than the full parser
 * (200 services: 10 instead of 200 ms). It knows no mistakes: whatever is wrong, or beyond the subset (tags, several
 * documents, scalars over several lines, tabs, …), makes it give up, and source.ts reads the file with the `yaml`
 * package. What it does read must be exactly what that would read; test/core/compose/plain-yaml.test.ts compares the
 * two, offsets included, over every case and thousands of mutations.
 */

const MAX_DEPTH = 60;
/** What no compose file needs unescaped: control characters, other line breaks, byte order marks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones meant
const UNUSUAL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\t]|\r(?!\n)|^(?:%|---|\.\.\.)/m;
const MARKER = /^--- *\r?\n/;
const KEY_END = /:(?= |\r?$)/m;

class GaveUp extends Error {}

function giveUp(): never {
  throw new GaveUp();
}

interface Line {
  /** Index of the first character that is no space. */
  readonly start: number;
  /** Index after the last character, comments and trailing spaces included. */
  readonly end: number;
  readonly indent: number;
}

interface Value {
  readonly node: Node;
  /** Index after it. */
  readonly end: number;
}

class Reader {
  private readonly source: Source;
  private readonly text: string;
  private readonly anchors = new Map<string, { readonly node: Node; readonly size: number }>();
  private readonly budget: number;
  private size = 0;
  /** Index where the next line begins. */
  private at: number;
  private current: Line | undefined;

  constructor(source: Source, budget: number, from: number) {
    this.at = from;
    this.source = source;
    this.text = source.text;
    this.budget = budget;
    this.advance();
  }

  read(): Node | undefined {
    if (this.current === undefined) return undefined;
    if (this.current.indent !== 0) giveUp();
    const node = this.block(0, 0);
    if (this.current !== undefined) giveUp();
    return node;
  }

  /** Goes to the next line with content. */
  private advance(): void {
    const { text } = this;
    while (this.at < text.length) {
      const newline = text.indexOf('\n', this.at);
      const stop = newline === -1 ? text.length : newline;
      let start = this.at;
      while (text.charCodeAt(start) === 32) start += 1;
      const end = text.charCodeAt(stop - 1) === 13 && stop > start ? stop - 1 : stop;
      const indent = start - this.at;
      this.at = stop + 1;
      if (start >= end || text.charCodeAt(start) === 35) continue;
      this.current = { start, end, indent };
      return;
    }
    this.current = undefined;
  }

  private line(): Line {
    return this.current ?? giveUp();
  }

  private enter(depth: number): void {
    if (depth > MAX_DEPTH) giveUp();
    this.count(1);
  }

  private count(by: number): void {
    this.size += by;
    if (this.size > this.budget) throw tooManyValues(this.current?.start ?? 0);
  }

  private scalar(text: string, offset: number, plain: boolean): ScalarNode {
    this.count(1);
    const { source } = this;
    if (!plain) return { kind: 'scalar', value: text, source, offset };
    const { value, ...marks } = resolvePlain(text);
    const node: ScalarNode = { kind: 'scalar', value, source, offset };
    return typeof value === 'string' && marks.timestamp === undefined ? node : { ...node, ...marks };
  }

  /** A mapping or a list that begins at the current line. */
  private block(indent: number, depth: number): Node {
    const { start, end } = this.line();
    return this.isDash(start, end) ? this.sequence(indent, start, depth) : this.mapping(indent, start, depth);
  }

  private isDash(at: number, end: number): boolean {
    return this.text.charCodeAt(at) === 45 && (at + 1 >= end || this.text.charCodeAt(at + 1) === 32);
  }

  private sequence(indent: number, start: number, depth: number): Node {
    this.enter(depth);
    const items: Node[] = [];
    let column = start;
    for (;;) {
      const { end } = this.line();
      let content = column + 1;
      while (this.text.charCodeAt(content) === 32) content += 1;
      if (content >= end || this.text.charCodeAt(content) === 35)
        items.push(this.nested(indent, content, depth, false));
      else if (this.isDash(content, end)) items.push(this.sequence(indent + content - column, content, depth + 1));
      else if (this.keyEnd(content, end) !== -1)
        items.push(this.mapping(indent + content - column, content, depth + 1));
      else items.push(this.inline(content, end, indent, depth));
      const next = this.current;
      if (next === undefined || next.indent < indent) break;
      if (next.indent > indent) giveUp();
      // A key at the dashes' own column ends a list that is a mapping's value.
      if (!this.isDash(next.start, next.end)) break;
      column = next.start;
    }
    return { kind: 'list', items, source: this.source, offset: start };
  }

  private mapping(indent: number, start: number, depth: number): Node {
    this.enter(depth);
    const entries = new Map<string, Entry>();
    const merges: Node[] = [];
    let column = start;
    for (;;) {
      const { end } = this.line();
      const colon = this.keyEnd(column, end);
      if (colon === -1) giveUp();
      const { key, plain } = this.key(column, colon);
      const value = this.valueAfter(colon + 1, end, indent, depth);
      if (plain && key === '<<') merges.push(value);
      else if (entries.has(key)) giveUp();
      else entries.set(key, entry(key, value, { source: this.source, offset: column }));
      const next = this.current;
      if (next === undefined || next.indent < indent) break;
      if (next.indent > indent) giveUp();
      // `- x` cannot follow at a key's own column.
      if (this.isDash(next.start, next.end)) giveUp();
      column = next.start;
    }
    if (merges.length > 0) this.merge(entries, merges);
    return { kind: 'map', entries, source: this.source, offset: start };
  }

  private merge(entries: Map<string, Entry>, merges: readonly Node[]): void {
    if (merges.length > 1) giveUp();
    const own = new Set(entries.keys());
    for (const merged of merges) {
      const maps = merged.kind === 'list' ? merged.items : [merged];
      const taken = new Set(own);
      for (const one of maps) {
        if (one.kind !== 'map') giveUp();
        for (const [key, value] of one.entries) {
          if (taken.has(key)) continue;
          taken.add(key);
          entries.set(key, value);
        }
      }
    }
  }

  /** Index of the colon that ends a key which begins at `at`, or -1 when there is none on this line. */
  private keyEnd(at: number, end: number): number {
    const { text } = this;
    const first = text[at] ?? '';
    if (first === '"' || first === "'") {
      const close = this.closingQuote(at, end);
      return close !== -1 && text[close + 1] === ':' && this.isBreak(close + 2, end) ? close + 1 : -1;
    }
    if ('[{&*!|>%@`#,]}?'.includes(first)) return -1;
    for (let index = at; index < end; index += 1) {
      const code = text.charCodeAt(index);
      if (code === 58 && this.isBreak(index + 1, end)) return index;
      if (code === 35 && text.charCodeAt(index - 1) === 32) return -1;
    }
    return -1;
  }

  private isBreak(at: number, end: number): boolean {
    return at >= end || this.text.charCodeAt(at) === 32;
  }

  private key(start: number, colon: number): { key: string; plain: boolean } {
    const first = this.text[start];
    if (first === '"' || first === "'") return { key: this.unquote(start, colon - 1), plain: false };
    const key = this.text.slice(start, colon);
    // Spaces before the colon, a dash or a question mark as the whole key, or a key that is a number: not here.
    if (key === '' || key.endsWith(' ') || key === '-' || typeof resolvePlain(key).value !== 'string') giveUp();
    return { key, plain: true };
  }

  private valueAfter(from: number, end: number, indent: number, depth: number): Node {
    let at = from;
    while (this.text.charCodeAt(at) === 32) at += 1;
    if (at >= end || this.text.charCodeAt(at) === 35) return this.nested(indent, at, depth, true);
    return this.inline(at, end, indent, depth);
  }

  /** What stands on the following lines, deeper than `indent`; null when nothing does. */
  private nested(indent: number, emptyAt: number, depth: number, underKey: boolean): Node {
    this.advance();
    const next = this.current;
    if (next !== undefined) {
      if (next.indent > indent) return this.deeper(next, depth);
      if (underKey && next.indent === indent && this.isDash(next.start, next.end)) return this.block(indent, depth + 1);
    }
    return this.scalar('', emptyAt, true);
  }

  private deeper(next: Line, depth: number): Node {
    const isBlock = this.isDash(next.start, next.end) || this.keyEnd(next.start, next.end) !== -1;
    // A scalar or a flow collection on a line of its own.
    return isBlock ? this.block(next.indent, depth + 1) : giveUp();
  }

  /** A value that begins on the current line; goes to the next line after it. */
  private inline(at: number, end: number, indent: number, depth: number): Node {
    const first = this.text[at] ?? '';
    if (first === '&') return this.anchored(at, end, indent, depth);
    if (first === '|' || first === '>') return this.blockScalar(at, end, indent);
    if (first === '[' || first === '{') {
      const value = this.flow(at, indent, depth + 1);
      this.expectEnd(value.end);
      this.advance();
      return value.node;
    }
    const value = this.lineScalar(at, end);
    this.expectEnd(value.end);
    this.advance();
    // A scalar that goes on over the next line.
    if (this.current !== undefined && this.current.indent > indent) giveUp();
    return value.node;
  }

  private anchored(at: number, end: number, indent: number, depth: number): Node {
    const name = /^&([A-Za-z0-9_-]+)(?= |\r?$)/m.exec(this.text.slice(at, end))?.[1] ?? giveUp();
    let content = at + 1 + name.length;
    while (this.text.charCodeAt(content) === 32) content += 1;
    const before = this.size;
    // While it is read it must not be referred to.
    this.anchors.delete(name);
    let node: Node;
    if (content >= end || this.text.charCodeAt(content) === 35) {
      this.advance();
      const next = this.current;
      node = next !== undefined && next.indent > indent ? this.deeper(next, depth) : giveUp();
    } else {
      if ('&*'.includes(this.text[content] ?? '') || this.keyEnd(content, end) !== -1) giveUp();
      node = this.inline(content, end, indent, depth);
    }
    this.anchors.set(name, { node, size: this.size - before });
    return node;
  }

  /** Only spaces or a comment may follow. */
  private expectEnd(at: number): void {
    const newline = this.text.indexOf('\n', at);
    const rest = this.text.slice(at, newline === -1 ? this.text.length : newline);
    if (!/^(?: *\r?| +#.*)$/.test(rest)) giveUp();
    this.at = newline === -1 ? this.text.length : newline + 1;
  }

  private alias(at: number, end: number): Value {
    const name = /^\*([A-Za-z0-9_-]+)(?=[ ,\]}]|\r?$)/m.exec(this.text.slice(at, end))?.[1] ?? giveUp();
    const target = this.anchors.get(name) ?? giveUp();
    this.count(target.size);
    return { node: target.node, end: at + 1 + name.length };
  }

  /** A scalar of one line outside of flow collections. */
  private lineScalar(at: number, end: number): Value {
    const first = this.text[at] ?? '';
    if (first === '"' || first === "'") return this.quoted(at, end);
    if (first === '*') return this.alias(at, end);
    if ('[{&!|>%@`#,]}?'.includes(first) || this.isDash(at, end)) giveUp();
    const line = this.text.slice(at, end);
    const comment = line.indexOf(' #');
    const text = (comment === -1 ? line : line.slice(0, comment)).replace(/ +$/, '');
    if (KEY_END.test(text)) giveUp();
    return { node: this.scalar(text, at, true), end: at + text.length };
  }

  private quoted(at: number, end: number): Value {
    const close = this.closingQuote(at, end);
    if (close === -1) giveUp();
    return { node: this.scalar(this.unquote(at, close), at, false), end: close + 1 };
  }

  private closingQuote(at: number, end: number): number {
    const quote = this.text[at];
    for (let index = at + 1; index < end; index += 1) {
      if (quote === '"' && this.text[index] === '\\') index += 1;
      else if (this.text[index] === quote) {
        if (quote === '"' || this.text[index + 1] !== "'") return index;
        index += 1;
      }
    }
    return -1;
  }

  private unquote(at: number, close: number): string {
    const inner = this.text.slice(at + 1, close);
    if (this.text[at] === "'") return inner.replaceAll("''", "'");
    if (!inner.includes('\\')) return inner;
    return inner.replace(/\\([\s\S]?)/g, (_whole, character: string) => {
      const plain = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\', '/': '/', e: '\x1b', ' ': ' ' }[character];
      return plain ?? giveUp();
    });
  }

  /** `[…]` or `{…}`, maybe over several lines, all of them deeper than `indent`. */
  private flow(at: number, indent: number, depth: number): Value {
    this.enter(depth);
    return this.text[at] === '[' ? this.flowList(at, indent, depth) : this.flowMap(at, indent, depth);
  }

  /** Past spaces and line breaks. */
  private skip(from: number, indent: number): number {
    let at = from;
    for (;;) {
      const code = this.text.charCodeAt(at);
      if (code === 32) at += 1;
      else if (code === 10 || (code === 13 && this.text.charCodeAt(at + 1) === 10)) {
        const lineAt = at + (code === 10 ? 1 : 2);
        at = lineAt;
        while (this.text.charCodeAt(at) === 32) at += 1;
        const isBlank = this.text.charCodeAt(at) === 10 || this.text.charCodeAt(at) === 13;
        if (!isBlank && at - lineAt <= indent) giveUp();
      } else if (code === 35 || Number.isNaN(code)) giveUp();
      else return at;
    }
  }

  private flowList(start: number, indent: number, depth: number): Value {
    const items: Node[] = [];
    let at = this.skip(start + 1, indent);
    while (this.text[at] !== ']') {
      const value = this.flowValue(at, indent, depth);
      items.push(value.node);
      at = this.skip(value.end, indent);
      // `[a: b]` is a list with a mapping in it.
      if (this.text[at] === ',') at = this.skip(at + 1, indent);
      else if (this.text[at] !== ']') giveUp();
    }
    return { node: { kind: 'list', items, source: this.source, offset: start }, end: at + 1 };
  }

  private flowMap(start: number, indent: number, depth: number): Value {
    const entries = new Map<string, Entry>();
    const merges: Node[] = [];
    let at = this.skip(start + 1, indent);
    while (this.text[at] !== '}') {
      const keyAt = at;
      const isQuoted = this.text[at] === '"' || this.text[at] === "'";
      const name = isQuoted ? this.quoted(at, this.lineEnd(at)) : this.flowPlain(at);
      if (name.node.kind !== 'scalar' || typeof name.node.value !== 'string') giveUp();
      this.size -= 1;
      const key = name.node.value;
      if (this.text[name.end] !== ':' || !' \r\n'.includes(this.text[name.end + 1] ?? 'x')) giveUp();
      at = this.skip(name.end + 1, indent);
      let node: Node;
      if (this.text[at] === ',' || this.text[at] === '}') {
        if (this.text.slice(name.end, at).includes('\n')) giveUp();
        node = this.scalar('', at, true);
      } else {
        const value = this.flowValue(at, indent, depth);
        node = value.node;
        at = this.skip(value.end, indent);
      }
      if (!isQuoted && key === '<<') merges.push(node);
      else if (entries.has(key)) giveUp();
      else entries.set(key, entry(key, node, { source: this.source, offset: keyAt }));
      if (this.text[at] === ',') at = this.skip(at + 1, indent);
      else if (this.text[at] !== '}') giveUp();
    }
    if (merges.length > 0) this.merge(entries, merges);
    return { node: { kind: 'map', entries, source: this.source, offset: start }, end: at + 1 };
  }

  private lineEnd(at: number): number {
    const newline = this.text.indexOf('\n', at);
    return newline === -1 ? this.text.length : newline;
  }

  private flowValue(at: number, indent: number, depth: number): Value {
    const first = this.text[at] ?? '';
    if (first === '[' || first === '{') return this.flow(at, indent, depth + 1);
    if (first === '"' || first === "'") return this.quoted(at, this.lineEnd(at));
    return first === '*' ? this.alias(at, this.lineEnd(at)) : this.flowPlain(at);
  }

  /** A plain scalar in a flow collection: it ends at a comma, a bracket, or a colon before a space. */
  private flowPlain(at: number): Value {
    const found = /^[^\s[\]{},:#&*!|>'"%@`?-](?:[^\s[\]{},:#]|:(?=[^\s,[\]{}])|[^\S\r\n]+(?![\s#\]},:])|(?<=\S)#)*/u;
    const text = found.exec(this.text.slice(at, this.lineEnd(at)))?.[0] ?? this.flowDash(at);
    // A scalar that goes on over the next line.
    const after = /^ *\r?$/.test(this.text.slice(at + text.length, this.lineEnd(at)));
    if (after) {
      const next = this.text.slice(this.lineEnd(at)).trimStart()[0] ?? '';
      if (!',]}'.includes(next)) giveUp();
    }
    return { node: this.scalar(text, at, true), end: at + text.length };
  }

  /** `-1`, `--flag`: plain, although a dash may also begin a list. */
  private flowDash(at: number): string {
    const found = /^-[^\s[\]{},:#](?:[^\s[\]{},:#]|:(?=[^\s,[\]{}]))*(?=[,\]}])/.exec(
      this.text.slice(at, this.lineEnd(at)),
    );
    return found?.[0] ?? giveUp();
  }

  /** `|` or `>`, with `-` or without, and the lines below. */
  private blockScalar(at: number, end: number, indent: number): Node {
    const [, style, chomp] = /^([|>])(-?) *$/.exec(this.text.slice(at, end)) ?? giveUp();
    const lines = this.blockLines(indent);
    this.advance();
    while (lines.at(-1) === '') lines.pop();
    // Folding has rules for blank and for indented lines; these files seldom need them.
    if (style === '>' && lines.some((line) => line === '' || line.startsWith(' '))) giveUp();
    const body = lines.join(style === '>' ? ' ' : '\n');
    return this.scalar(chomp === '-' ? body : `${body}\n`, at, false);
  }

  /** The lines of a block scalar without their margin; blank ones at the end included. */
  private blockLines(indent: number): string[] {
    const lines: string[] = [];
    let margin = -1;
    while (this.at < this.text.length) {
      const stop = this.lineEnd(this.at);
      const line = this.text.slice(this.at, this.text.charCodeAt(stop - 1) === 13 ? stop - 1 : stop);
      const spaces = line.length - line.trimStart().length;
      const isBlank = spaces === line.length;
      if (margin === -1) {
        // Blank lines before the text, or none at all.
        if (isBlank || spaces <= indent) giveUp();
        margin = spaces;
      }
      if (!isBlank && spaces < margin) break;
      lines.push(line.slice(margin));
      this.at = stop + 1;
    }
    return margin === -1 ? giveUp() : lines;
  }
}

/**
 * The file's one document; undefined when it is empty; `null` when the full parser has to read it.
 * `budget`: how many values there may be, aliases counted in full; throws TooMuch past it.
 */
export function parsePlain(source: Source, budget: number): Node | undefined | null {
  // A document marker at the very top is common and says nothing.
  const from = MARKER.exec(source.text)?.[0].length ?? 0;
  if (UNUSUAL.test(source.text.slice(from))) return null;
  try {
    return new Reader(source, budget, from).read();
  } catch (error) {
    if (error instanceof GaveUp) return null;
    throw error;
  }
}
