import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { qrText } from '../../main/hosts/cli/present/qr.ts';

it('shows an invite in a code that fits a terminal, with the margin that cameras need', () => {
  const invite = `claude-env-team-1-${'abcdefgh234567'.repeat(20)}-abcdefgh2345`;
  const lines = stripVTControlCharacters(qrText(invite)).split('\n');
  expect(new Set(lines.map((line) => line.length))).toEqual(new Set([lines[0]?.length]));
  expect(lines[0]?.length).toBeLessThanOrEqual(80);
  expect(lines.length).toBeLessThanOrEqual(40);
  for (const margin of [...lines.slice(0, 2), ...lines.slice(-1)]) expect(margin).toMatch(/^█+$/);
  // The finder pattern: seven dark, a light ring inside.
  expect(lines[2]).toMatch(/^█{4} ▄▄▄▄▄ /);
  expect(lines[3]).toMatch(/^█{4} █ {3}█ /);
});
