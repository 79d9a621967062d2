import { expect, it } from 'vitest';
import { shellWord } from '../../preload/contract/shell-word.ts';

it.each([
  ['web', 'web'],
  ['/srv/shop/compose.yaml', '/srv/shop/compose.yaml'],
  ['a=b,c:~/d', 'a=b,c:~/d'],
  ['', "''"],
  ['two words', "'two words'"],
  ["it's", String.raw`'it'\''s'`],
  // A shell would make a home of it, or another command.
  ['~root', "'~root'"],
  ['$(id)', "'$(id)'"],
  ['a\nb', "'a\nb'"],
])('%j is typed as %s', (word, typed) => {
  expect(shellWord(word)).toBe(typed);
});
