import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { qrText } from '../../main/hosts/cli/present/qr.ts';
import { qrPicture } from '../../renderer/show/qr.ts';

/** The terminal's code as rows of modules; a character there is two rows. */
const printed = (text: string): readonly string[] =>
  stripVTControlCharacters(qrText(text))
    .split('\n')
    .flatMap((line) => {
      const dark = (light: string) => [...line].map((one) => (light.includes(one) ? '.' : '#')).join('');
      return [dark('█▀'), dark('█▄')];
    });

function drawn(text: string): readonly string[] {
  const { size, path } = qrPicture(text);
  const rows = Array.from({ length: size }, () => Array<string>(size).fill('.'));
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    rows[Number(y)]?.fill('#', Number(x), Number(x) + Number(width));
  return rows.map((row) => row.join(''));
}

test('the page draws the code that the terminal prints, with the margin that cameras need', () => {
  const invite = `claude-env-team-1-${'abcdefgh234567'.repeat(20)}-abcdefgh2345`;
  const rows = drawn(invite);
  expect(rows).toEqual(printed(invite).slice(0, rows.length));
  expect(rows.slice(0, 4).concat(rows.slice(-4)).join('')).not.toContain('#');
  expect(rows.join('')).toContain('#');
});
