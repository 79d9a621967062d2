import { expect, it } from 'vitest';
import { seals } from '../../main/platform/swarm-values.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

it('a seal tells whether a value is the same, each time with another salt', async () => {
  const [one, two] = await Promise.all([seals.seal(bytes('hunter2')), seals.seal(bytes('hunter2'))]);
  expect(one).not.toBe(two);
  expect(one).not.toContain('hunter2');
  expect(await seals.matches(bytes('hunter2'), one)).toBe(true);
  expect(await seals.matches(bytes('hunter3'), one)).toBe(false);
});

it.each(['', 'scrypt', 'scrypt:1:2:3:x:y', `scrypt:${2 ** 24}:8:1:AAAA:${'A'.repeat(43)}`, 'md5:1:1:1:a:b'])(
  'a text that is no seal, or asks for too much work, matches nothing: %s',
  async (seal) => expect(await seals.matches(bytes('x'), seal)).toBe(false),
);
