import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { createDetachWatch, readUntilLeft } from '../../../main/docker/terminal-input.ts';

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

test('output is not read faster than it is taken', async () => {
  let made = 0;
  const stream = new Duplex({
    highWaterMark: 1024,
    read() {
      made += 1;
      this.push(made > 100 ? null : Buffer.alloc(1024));
    },
    write: (_chunk, _encoding, done) => done(),
  });
  let release = (): void => undefined;
  let first = true;
  const reading = readUntilLeft(stream, {
    tty: true,
    keys: { seen: () => false },
    onOutput: () => {
      if (!first) return undefined;
      first = false;
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    },
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(made).toBeLessThan(10);
  release();
  await reading;
  expect(made).toBe(101);
});
