import { expect, test } from 'vitest';
import { labelChanges, labelsText, labelWords, readLabels } from '../../renderer/show/team-labels.ts';
import { node } from '../support/scenarios-team.ts';

test('labels are a line each, and read back as they were', () => {
  const labels = { zone: 'a', disk: 'ssd', empty: '', 'io.x/y': 'a=b' };
  expect(labelsText(labels)).toBe('disk=ssd\nempty=\nio.x/y=a=b\nzone=a');
  expect(readLabels(`\n ${labelsText(labels)} \n`)).toEqual({ labels });
});

test.each([
  ['ssd', 'ssd has no “=”.'],
  ['=x', 'An empty name cannot be a label’s name.'],
  ['a b=x', 'a b cannot be a label’s name.'],
  ['disk=a\ndisk=b', 'disk is there twice.'],
])('%j is refused before a manager is asked', (text, mistake) => {
  expect(readLabels(text)).toEqual({ mistake });
});

test('only what differs is sent, and what is gone is taken away', () => {
  const changes = labelChanges({ disk: 'ssd', zone: 'a', old: 'x' }, { disk: 'hdd', zone: 'a', fresh: '' });
  expect(changes).toEqual({ old: null, disk: 'hdd', fresh: '' });
  const one = { ...node('n', ''), id: 'abcdefghijklmnop' };
  expect(labelWords(one, changes)).toBe('team node label abcdefghijkl old- disk=hdd fresh=');
  expect(labelWords(one, { note: 'it; is' })).toBe("team node label abcdefghijkl 'note=it; is'");
});
