import { expect, it } from 'vitest';
import { asksToJoin } from '../../main/hosts/electron/join-link.ts';

it.each([
  [['electron', '.', 'claude-env://join'], true],
  [['claude-env://join/'], true],
  [[], false],
  [['claude-env://app/index.html'], false],
  // An invite in an address would be kept by whoever passes it on: it is not obeyed.
  [['claude-env://join?invite=claude-env-team-1-x'], false],
  [['claude-env://join#claude-env-team-1-x'], false],
  [['claude-env://join/claude-env-team-1-x'], false],
  [['https://example.test/claude-env://join'], false],
])('%j: %s', (words, asks) => {
  expect(asksToJoin(words)).toBe(asks);
});
