import { tooManyValues } from './limits.ts';
import { resolvePlain } from './scalars.ts';
import type { Entry, Node, ScalarNode, Source } from './tree.ts';

/* What the block and the flow part of plain-yaml.ts share: scalars of one line, aliases, merge keys, limits. */

/** Deeper than any compose file; the full parser goes on a little further. */
const MAX_DEPTH = 60;

/** The full parser has to read the file. */
export class GaveUp extends Error {}

export function giveUp(): never {
  throw new GaveUp();
}

export interface Value {
  readonly node: Node;
  /** Index after it. */
  readonly end: number;
}

export abstract class PlainScalars {
  protected readonly source: Source;
  protected readonly text: string;
  protected readonly anchors = new Map<string, { readonly node: Node; readonly size: number }>();
  private readonly budget: number;
  protected size = 0;
  /** Index where the next line begins. */
  protected at: number;

  constructor(source: Source, budget: number, from: number) {
    this.source = source;
    this.text = source.text;
    this.budget = budget;
    this.at = from;
  }

  protected enter(depth: number): void {
    if (depth > MAX_DEPTH) giveUp();
    this.count(1);
  }

  protected count(by: number): void {
    this.size += by;
    if (this.size > this.budget) throw tooManyValues(this.at);
  }

  protected scalar(text: string, offset: number, plain: boolean): ScalarNode {
    this.count(1);
    const { source } = this;
    if (!plain) return { kind: 'scalar', value: text, source, offset };
    const { value, ...marks } = resolvePlain(text);
    const node: ScalarNode = { kind: 'scalar', value, source, offset };
    return typeof value === 'string' && marks.timestamp === undefined ? node : { ...node, ...marks };
  }

  protected merge(entries: Map<string, Entry>, merges: readonly Node[]): void {
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

  protected alias(at: number, end: number): Value {
    const name = /^\*([A-Za-z0-9_-]+)(?=[ ,\]}]|\r?$)/m.exec(this.text.slice(at, end))?.[1] ?? giveUp();
    const target = this.anchors.get(name) ?? giveUp();
    this.count(target.size);
    return { node: target.node, end: at + 1 + name.length };
  }

  protected quoted(at: number, end: number): Value {
    const close = this.closingQuote(at, end);
    if (close === -1) giveUp();
    return { node: this.scalar(this.unquote(at, close), at, false), end: close + 1 };
  }

  protected closingQuote(at: number, end: number): number {
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

  protected unquote(at: number, close: number): string {
    const inner = this.text.slice(at + 1, close);
    if (this.text[at] === "'") return inner.replaceAll("''", "'");
    if (!inner.includes('\\')) return inner;
    return inner.replace(/\\([\s\S]?)/g, (_whole, character: string) => {
      const plain = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\', '/': '/', e: '\x1b', ' ': ' ' }[character];
      return plain ?? giveUp();
    });
  }

  protected lineEnd(at: number): number {
    const newline = this.text.indexOf('\n', at);
    return newline === -1 ? this.text.length : newline;
  }
}
