import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { effectOf } from './key-table/effects.ts';
import { findEvidence } from './key-table/evidence.ts';
import { schemaKeys } from './key-table/keys.ts';
import { sampleOf } from './key-table/samples.ts';
import { formatRow, generated, parseRows, type Row, toTests } from './key-table/table.ts';

/*
 * docs/compose.md says of every key what it becomes and whether it counts in the hash. What it says is found out here, by
 * planning a small project with the key and without it. UPDATE_DOCS=1 writes those columns; notes and tests are written by
 * hand.
 */
const root = join(import.meta.dirname, '../../..');
const file = join(root, 'docs/compose.md');
const keys = new Map(schemaKeys().map((key) => [key.path, key]));

const evidence = findEvidence();
const isAboutBuilds = (path: string): boolean => path.startsWith('services.*.build');

async function toRow(row: Row): Promise<Row> {
  const key = keys.get(row.key);
  if (key === undefined) throw new Error(`the schema has no ${row.key}`);
  return { ...row, ...generated(key, await effectOf(sampleOf(key), isAboutBuilds(row.key))) };
}

async function update(): Promise<void> {
  const text = await readFile(file, 'utf8');
  const known = parseRows(text).filter(({ key }) => keys.has(key));
  const fill = async (row: Row): Promise<Row> => ({
    ...(await toRow(row)),
    tests: toTests(row.tests, evidence.get(row.key) ?? []),
  });
  const lines = new Map(await Promise.all(known.map(async (row) => [row.key, formatRow(await fill(row))] as const)));
  const fresh = (line: string) => lines.get(parseRows(line)[0]?.key ?? '') ?? line;
  await writeFile(file, text.split('\n').map(fresh).join('\n'));
}

if (process.env.UPDATE_DOCS === '1') await update();
const rows = parseRows(await readFile(file, 'utf8'));

describe('docs/compose.md', () => {
  test('has one row for every key of the schema, and for nothing else', () => {
    expect(rows.map(({ key }) => key).sort()).toEqual([...keys.keys()].sort());
  });

  test.each(rows)('$key', async (row) => {
    expect(row).toEqual(await toRow(row));
    if (row.becomes === 'nothing') expect(row.notes, 'why nothing becomes of it').not.toBe('');
  });

  test('names tests that there are', async () => {
    const named = rows.flatMap(({ tests }) =>
      [...tests.matchAll(/`([\w./-]+\.test\.ts)(?: › ([^`]+))?`/g)].map(([, name = '', title]) => ({ name, title })),
    );
    expect(named.length).toBeGreaterThan(0);
    const files = (await readdir(join(root, 'test'), { recursive: true })).filter((path) => path.endsWith('.test.ts'));
    for (const { name, title } of named) {
      const found = files.filter((path) => path === name || path.endsWith(`/${name}`));
      expect(found, name).toHaveLength(1);
      if (title === undefined) continue;
      expect(await readFile(join(root, 'test', found[0] ?? ''), 'utf8'), `${name} › ${title}`).toContain(title);
    }
  });

  test('names hashes and golden plans that have the key, and at least one test a row', () => {
    const wrong = rows.flatMap(({ key, tests }) => {
      const marks = [...tests.matchAll(/`((?:hash|plan):[^`]+)`/g)].map(([, mark = '']) => mark);
      const known = evidence.get(key) ?? [];
      const others = tests.replaceAll(/`(?:hash|plan):[^`]+`|`[\w./-]+\.test\.ts(?: › [^`]+)?`|[,\s]/g, '');
      return [...marks.filter((mark) => !known.includes(mark)), others, tests === '' ? 'none' : '']
        .filter((problem) => problem !== '')
        .map((problem) => `${key}: ${problem}`);
    });
    expect(wrong).toEqual([]);
  });
});
