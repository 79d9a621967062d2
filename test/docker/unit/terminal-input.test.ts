import { expect, test } from 'vitest';
import { createDetachWatch } from '../../../main/docker/terminal-input.ts';

async function* typed(...chunks: readonly (readonly number[])[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Uint8Array.from(chunk);
}
async function sent(tty: boolean, ...chunks: readonly (readonly number[])[]) {
  const keys = createDetachWatch(tty);
  let left = 0;
  const bytes: number[] = [];
  for await (const chunk of keys.watch(typed(...chunks), () => {
    left += 1;
  })) {
    bytes.push(...chunk);
  }
  return { bytes, left, seen: keys.seen() };
}
const [p, q, a] = [0x10, 0x11, 0x61];

test.each([
  ['in one chunk', [[a, p, q, a]]],
  ['key by key', [[a], [p], [q], [a]]],
  [
    'after a false start',
    [
      [a, p],
      [p, q],
    ],
  ],
])('Ctrl-P Ctrl-Q %s leaves, and neither key nor anything after it is sent', async (_how, chunks) => {
  const { bytes, left, seen } = await sent(true, ...chunks);
  expect(bytes.filter((byte) => byte === q)).toEqual([]);
  expect(bytes[0]).toBe(a);
  expect({ left, seen }).toEqual({ left: 1, seen: true });
});

test('Ctrl-P alone goes through with what follows it', async () => {
  expect(await sent(true, [p, a], [p], [a])).toEqual({ bytes: [p, a, p, a], left: 0, seen: false });
});

test('without a terminal every byte is the command’s', async () => {
  expect(await sent(false, [p, q], [a])).toEqual({ bytes: [p, q, a], left: 0, seen: false });
});
