import { expect, test } from 'vitest';
import type { DriftItem } from '../../preload/contract/model.ts';
import { driftTitle, toGroups, toKeyWords, toSides } from '../../renderer/show/drift.ts';
import { parseKept } from '../../renderer/store/ui.ts';
import { shopDrift } from '../support/scenarios-drift.ts';

const item = (change: Partial<DriftItem>): DriftItem => ({
  subject: 'service',
  name: 'web',
  containers: [],
  key: 'user',
  change: 'changed',
  ...change,
});
const columns = (one: DriftItem) => {
  const { file, engine } = toSides(one);
  return [toKeyWords(one), file, engine];
};

test('a difference is a key and what either side says of it', () => {
  expect(columns(item({ file: 'a', engine: 'b' }))).toEqual(['user', 'a', 'b']);
  expect(columns(item({ change: 'only-in-file', file: 'a' }))).toEqual(['user', 'a', 'not there']);
  expect(columns(item({ change: 'only-on-engine', engine: 'b' }))).toEqual(['user', 'not in the file', 'b']);
  expect(columns(item({ key: '', change: 'missing', file: '2 containers' }))).toEqual([
    'the service',
    '2 containers',
    'not there',
  ]);
  expect(columns(item({ key: '', subject: 'volume', change: 'extra' }))).toEqual([
    'the volume',
    'not in the file',
    'there',
  ]);
});

test('what is hidden is said to be hidden, on the side that has it', () => {
  const secret = 'not shown: looks secret';
  expect(columns(item({ hidden: true })).slice(1)).toEqual([secret, secret]);
  expect(columns(item({ hidden: true, change: 'only-in-file' })).slice(1)).toEqual([secret, 'not there']);
  expect(columns(item({ hidden: true, change: 'only-on-engine' })).slice(1)).toEqual(['not in the file', secret]);
});

test('differences are grouped by what they are about, in the order they came', () => {
  expect(toGroups(shopDrift.items).map(({ title, kind, items }) => [title, kind, items.length])).toEqual([
    ['web', undefined, 3],
    ['db', undefined, 3],
    ['worker', undefined, 1],
    ['legacy-api', undefined, 1],
    ['webshop_cache', 'volume', 1],
  ]);
  expect(driftTitle(shopDrift.items)).toBe('9 differences, in 4 services');
});

test('the tab is remembered like the others', () => {
  expect(parseKept(JSON.stringify({ tabs: { 'e/p': 'drift' } })).tabs).toEqual({ 'e/p': 'drift' });
});
