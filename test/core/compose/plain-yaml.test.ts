import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePlain } from '../../../main/core/compose/plain-yaml.ts';
import { createReporter } from '../../../main/core/compose/report.ts';
import { parseAnything } from '../../../main/core/compose/source.ts';
import type { Node } from '../../../main/core/compose/tree.ts';
import { parseCases } from './support/cases.ts';

/* The short way of reading YAML must give what the full parser gives, places included, or give up. */

const folder = join(import.meta.dirname, 'cases');
const texts = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .flatMap((name) => parseCases(readFileSync(join(folder, name), 'utf8')))
  .flatMap((one) => [...one.files].filter(([path]) => !path.endsWith('.env')).map(([, text]) => text));
const stacks = join(import.meta.dirname, '../../../resources/stacks');
const stackTexts = readdirSync(stacks, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(join(stacks, name), 'utf8'));

function plainTree(node: Node): unknown {
  const { source: _source, ...rest } = node;
  if (node.kind === 'scalar') return rest;
  if (node.kind === 'list') return { offset: node.offset, items: node.items.map(plainTree) };
  const entries = [...node.entries].map(([key, one]) => [key, one.offset, plainTree(one.value)]);
  return { offset: node.offset, entries };
}

/** Whether it was read the short way; throws when the two ways differ. */
function compare(text: string): boolean {
  const source = { file: '/p/compose.yaml', text, baseDir: '/p' };
  const plain = parsePlain(source, 150_000);
  if (plain === null) return false;
  const reporter = createReporter();
  const full = parseAnything(source, reporter);
  expect({ text, trees: plain === undefined ? [] : [plainTree(plain)], mistakes: [] }).toEqual({
    text,
    trees: full.map(plainTree),
    mistakes: reporter.diagnostics(),
  });
  return true;
}

/** Always the same numbers, from 0 to `limit` - 1. https://github.com/cprosche/mulberry32 */
function createRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const PIECES = `" ' [ ] { } : # - $ & * ! | > % @ , ? ~ \\ << &a *a null -1 é = . |- "" '' [] {}`.split(' ');
const SPACES = ['\n', ' ', '  ', '- ', ': ', ' #', '\t', '\r\n', '\n  ', '\n    - '];

function mutate(text: string, random: (limit: number) => number): string {
  let result = text;
  for (let left = random(3); left >= 0; left -= 1) {
    const at = random(result.length + 1);
    const [head, tail] = [result.slice(0, at), result.slice(at)];
    const piece = random(2) === 0 ? PIECES[random(PIECES.length)] : SPACES[random(SPACES.length)];
    const from = random(result.length + 1);
    const changed = [
      head + tail.slice(1 + random(4)),
      head + result.slice(from, from + random(12)) + tail,
      head + piece + tail,
    ];
    result = changed[random(3)] ?? result;
  }
  return result;
}

describe('plain YAML', () => {
  it('is read as the full parser reads it, in every case and every stack', () => {
    const read = [...texts, ...texts.map((text) => `---\n${text}`), ...stackTexts].filter(compare);
    expect(read.length).toBeGreaterThan(texts.length * 1.8);
  });

  it('is read so after any mutation, or not at all', { timeout: 60_000 }, () => {
    const random = createRandom(20261121);
    let read = 0;
    for (let count = 0; count < 3000; count += 1) {
      if (compare(mutate(texts[random(texts.length)] ?? '', random))) read += 1;
    }
    expect(read).toBeGreaterThan(500);
  });

  it('covers the local stack, so that it is never read the long way', () => {
    expect(stackTexts.filter((text) => !compare(text))).toEqual([]);
  });
});
