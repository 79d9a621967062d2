/** Always the same numbers, from 0 to `limit` - 1. https://github.com/cprosche/mulberry32 */
export function createRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** What YAML takes seriously. */
const PIECES = `" ' [ ] { } : # - $ & * ! | > % @ , ? ~ \\ << &a *a null -1 é = . |- "" '' [] {}`.split(' ');
const SPACES = ['\n', ' ', '  ', '- ', ': ', ' #', '\t', '\r\n', '\n  ', '\n    - '];

/** A text with one to three small damages. */
export function mutate(text: string, random: (limit: number) => number): string {
  let result = text;
  for (let left = random(3); left >= 0; left -= 1) {
    const at = random(result.length + 1);
    const [head, tail] = [result.slice(0, at), result.slice(at)];
    const piece = random(2) === 0 ? PIECES[random(PIECES.length)] : SPACES[random(SPACES.length)];
    const from = random(result.length + 1);
    const changed = [
      head + tail.slice(1 + random(4)),
      head + result.slice(from, from + random(12)) + tail,
      head + piece + tail,
    ];
    result = changed[random(3)] ?? result;
  }
  return result;
}
