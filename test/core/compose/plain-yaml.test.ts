import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePlain } from '../../../main/core/compose/plain-yaml.ts';
import { createReporter } from '../../../main/core/compose/report.ts';
import { parseAnything } from '../../../main/core/compose/source.ts';
import type { Node } from '../../../main/core/compose/tree.ts';
import { caseTexts } from './support/cases.ts';
import { createRandom, mutate } from './support/mutate.ts';

/* The short way of reading YAML must give what the full parser gives, places included, or give up. */

const texts = caseTexts();
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
