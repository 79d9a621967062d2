import { giveUp, PlainScalars, type Value } from './plain-scalars.ts';
import { type Entry, entry, type Node } from './tree.ts';

/* `[…]` and `{…}` of plain-yaml.ts. */
export abstract class PlainFlow extends PlainScalars {
  /** `[…]` or `{…}`, maybe over several lines, all of them deeper than `indent`. */
  protected flow(at: number, indent: number, depth: number): Value {
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
}
