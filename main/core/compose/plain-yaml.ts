import { PlainFlow } from './plain-flow.ts';
import { GaveUp, giveUp, type Value } from './plain-scalars.ts';
import { resolvePlain } from './scalars.ts';
import { type Entry, entry, type Node, type Source } from './tree.ts';

/*
 * Reads the plain subset of YAML in which compose files are written, an order of magnitude faster than the full parser
 * (141 KB with 200 services: 30 ms of CPU instead of 290, in a fresh process). It knows no mistakes: whatever is wrong, or beyond the subset (tags, several
 * documents, scalars over several lines, tabs, …), makes it give up, and source.ts reads the file with the `yaml`
 * package. What it does read must be exactly what that would read; test/core/compose/plain-yaml.test.ts compares the
 * two, offsets included, over every case and thousands of mutations.
 */

/** What no compose file needs unescaped: control characters, other line breaks, byte order marks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones meant
const UNUSUAL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\t]|\r(?!\n)|^(?:%|---|\.\.\.)/m;
const MARKER = /^--- *\r?\n/;
const KEY_END = /:(?= |\r?$)/m;

interface Line {
  /** Index of the first character that is no space. */
  readonly start: number;
  /** Index after the last character, comments and trailing spaces included. */
  readonly end: number;
  readonly indent: number;
}

/** Mappings, lists and block scalars by indentation. */
class Reader extends PlainFlow {
  private current: Line | undefined;

  read(): Node | undefined {
    this.advance();
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
