import { expect, test } from 'vitest';
import { countReplicas, readReplicas } from '../../renderer/show/replicas.ts';
import { container } from '../support/scenarios-data.ts';

test.each([
  ['3', 1, 3],
  [' 0 ', 1, 0],
  ['1', 1, undefined],
  ['', 1, undefined],
  ['-1', 1, undefined],
  ['1.5', 1, undefined],
  ['1e2', 1, undefined],
  ['1001', 1, undefined],
])('%j typed where there are %i asks for %s', (text, now, wanted) => {
  expect(readReplicas(text, now)).toBe(wanted);
});

test('one-offs do not count', () => {
  const containers = ['web-1', 'web-2'].map((name) => container('default', name));
  expect(countReplicas({ containers: [...containers, container('default', 'web-run-1', { oneOff: true })] })).toBe(2);
});
