import { Composer, type Document, isAlias, isMap, isScalar, isSeq, Lexer, Parser, type Node as YamlNode } from 'yaml';
import { MAX_DEPTH, TooMuch } from './limits.ts';
import type { YamlEvent, YamlEvents } from './yaml-events.ts';

export interface YamlProblem {
  readonly message: string;
  /** Index into the text. */
  readonly offset: number;
}

/** How far in a continued line must begin, and where the lexer is. Not among its types; the tests hold it. */
interface LexerState {
  readonly pos: number;
  readonly flowLevel: number;
  indentNext: number;
}
/** Lexemes that are not in the text: begin of a document, of a scalar, end of broken brackets. */
const SIGNS = ['\u0002', '\u001f', '\u0018'];

/**
 * Lexemes of a text. Inside of brackets and quotes Docker's reader asks for no indentation, YAML does; both are seen
 * in the wild (`test: ["CMD",` and `"x"]` below it at the margin).
 */
function* lexemesOf(text: string): Generator<string> {
  const lexer = new Lexer();
  const state = lexer as unknown as LexerState;
  for (const lexeme of lexer.lex(text)) {
    yield lexeme;
    const next = text[state.pos + (SIGNS.includes(lexeme) ? 0 : lexeme.length)];
    if (state.flowLevel > 0 || next === '"' || next === "'") state.indentNext = 0;
  }
}

/** Feeds lexemes to the parser one by one, so that depth is checked before anything recursive sees the tokens. */
function* tokensOf(text: string) {
  const parser = new Parser();
  for (const lexeme of lexemesOf(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_DEPTH * 2) throw new TooMuch('the file is nested too deeply', parser.offset);
  }
  yield* parser.end();
}

function* documentsOf(text: string): Generator<Document> {
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, resolveKnownTags: false, stringKeys: false });
  for (const token of tokensOf(text)) yield* composer.next(token);
  yield* composer.end();
}

function addEvents(events: YamlEvent[], node: YamlNode | null, otherwise: number): void {
  const offset = node?.range?.[0] ?? otherwise;
  if (node === null) {
    events.push({ is: 'scalar', text: '', plain: true, offset });
    return;
  }
  const anchor = 'anchor' in node && typeof node.anchor === 'string' ? node.anchor : undefined;
  const { tag } = node;
  if (isAlias(node)) events.push({ is: 'alias', name: node.source, offset });
  else if (isScalar(node)) {
    const text = typeof node.value === 'string' ? node.value : '';
    const plain = node.type === 'PLAIN' || node.type === undefined || node.value === null;
    events.push({ is: 'scalar', text, plain, offset, anchor, tag });
  } else if (isMap<YamlNode | null, YamlNode | null>(node)) {
    events.push({ is: 'map', offset, anchor, tag });
    for (const { key, value } of node.items) {
      const keyOffset = key?.range?.[0] ?? offset;
      addEvents(events, key, offset);
      addEvents(events, value, keyOffset);
    }
    events.push({ is: 'end' });
  } else if (isSeq<YamlNode>(node)) {
    events.push({ is: 'list', offset, anchor, tag });
    for (const item of node.items) addEvents(events, item, offset);
    events.push({ is: 'end' });
  } else throw new TypeError('a YAML node of an unknown kind');
}

/** What can be read, and all that is wrong; a document with mistakes in it gives no events. Throws TooMuch. */
export function readLenient(text: string): { readonly events: YamlEvents; readonly problems: readonly YamlProblem[] } {
  const events: YamlEvent[] = [];
  const problems: YamlProblem[] = [];
  for (const { contents, errors } of documentsOf(text)) {
    for (const { message, pos } of errors) {
      problems.push({ message: message.replace(/ at line \d+, column \d+:?[\s\S]*$/, '').trim(), offset: pos[0] });
    }
    // The tree of a document with syntax errors has holes, about which nothing sensible can be said.
    if (contents !== null && errors.length === 0) addEvents(events, contents as YamlNode, 0);
  }
  let next = 0;
  return { events: () => events[next++], problems };
}
