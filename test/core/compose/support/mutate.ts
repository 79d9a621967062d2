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

/** What somebody might write where something else belongs. */
const VALUES = [
  ...[
    '""',
    '~',
    'true',
    'yes',
    '0',
    '-1',
    '1.5',
    '0440',
    '1_000',
    '1e3',
    '70000',
    '2026-01-01',
    '.inf',
    '512m',
    '1m30s',
  ],
  ...['[]', '{}', '[a]', '[a, a]', '[1, true]', '{a: b}', '{a: 1, b: }', '[{a: b}]', '!reset null', '!override [x]'],
  ...[
    '"80:80"',
    '"a:b:c"',
    './x',
    '../x',
    '~/x',
    '/x',
    'C:\\x',
    'a=b',
    'service:a',
    '$HOME',
    `\${UNSET}`,
    `\${UNSET:-a}`,
    '$$x',
  ],
];

type Random = (limit: number) => number;

/** One to three characters lost, repeated or put in. */
function damageBytes(text: string, random: Random): string {
  const at = random(text.length + 1);
  const [head, tail] = [text.slice(0, at), text.slice(at)];
  const piece = random(2) === 0 ? PIECES[random(PIECES.length)] : SPACES[random(SPACES.length)];
  const from = random(text.length + 1);
  const changed = [
    head + tail.slice(1 + random(4)),
    head + text.slice(from, from + random(12)) + tail,
    head + piece + tail,
  ];
  return changed[random(3)] ?? text;
}

/** A line lost, repeated, moved or indented otherwise. */
function damageLines(text: string, random: Random): string {
  const lines = text.split('\n');
  const at = random(lines.length);
  const line = lines[at] ?? '';
  const changes: readonly (() => readonly string[])[] = [
    () => lines.toSpliced(at, 1),
    () => lines.toSpliced(at, 0, line),
    () => lines.toSpliced(at, 1).toSpliced(random(lines.length), 0, line),
    () => lines.with(at, `  ${line}`),
    () => lines.with(at, line.replace(/^ {1,2}/, '')),
  ];
  return (changes[random(changes.length)]?.() ?? lines).join('\n');
}

/** A word, a key as well as a value, that stands where another one did: the file stays YAML and changes its meaning. */
function damageWords(text: string, random: Random): string {
  const words = [...text.matchAll(/"[^"\n]*"|'[^'\n]*'|[^\s"'[\]{},:#&*!|>]+/g)];
  const word = words[random(words.length)];
  if (word === undefined) return text;
  const other = random(3) === 0 ? words[random(words.length)]?.[0] : VALUES[random(VALUES.length)];
  return text.slice(0, word.index) + (other ?? '') + text.slice(word.index + word[0].length);
}

/** A text with one to three small damages. Half of them leave the syntax alone. */
export function mutate(text: string, random: Random): string {
  const damage = [damageWords, damageWords, damageLines, damageBytes][random(4)] ?? damageBytes;
  let result = text;
  for (let left = random(3); left >= 0; left -= 1) result = damage(result, random);
  return result;
}
