import type { Effect } from './effects.ts';
import { describeKind, type Key } from './keys.ts';

/* docs/compose.md as data: rows of its tables `| Key | Written as | With it, up … | Hash | Notes | Tests |`. */

export interface Row {
  readonly key: string;
  readonly written: string;
  readonly becomes: string;
  readonly hash: string;
  readonly notes: string;
  readonly tests: string;
}

/** Six cells: other tables of the page have other things to say. */
const rowLine = /^\| `[^`]+` +\|(?:[^|]*\|){5}$/;

export const parseRows = (text: string): readonly Row[] =>
  text
    .split('\n')
    .filter((line) => rowLine.test(line))
    .map((line) => {
      const [key = '', written = '', becomes = '', hash = '', notes = '', tests = ''] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      return { key: key.replaceAll('`', ''), written, becomes, hash, notes, tests };
    });

export const formatRow = ({ key, written, becomes, hash, notes, tests }: Row): string =>
  `| \`${key}\` | ${[written, becomes, hash, notes, tests].join(' | ')} |`.replaceAll(/ +\|/g, ' |');

const said: readonly (readonly [RegExp, string])[] = [
  [/^step (.*)$/, 'step `$1`'],
  [/^(problem|warning) (.*)$/, '$1 $2'],
  [/^name$/, 'the container’s name'],
  [/^order of steps$/, 'the order of steps'],
  [/^only with buildx$/, 'only with buildx'],
  [/^buildx context$/, 'buildx’ context'],
  [/^(buildx|classic) (.*)$/, '$1 `$2`'],
  [/^create-(network|volume) (.*)$/, '$1 `$2`'],
  [/^pull-image (.*)$/, 'pull `$1`'],
  [/^(wait-completed|run-hook) (.*)$/, '$1 `$2`'],
  [/^(.*)$/, '`$1`'],
];

const toWords = (fact: string): string => {
  const [pattern, words] = said.find(([candidate]) => candidate.test(fact)) ?? [/^$/, ''];
  return fact.replace(pattern, words);
};

const most = 2;

/** What was written by hand among the tests, then what was found, two of a kind; at least the row's own test. */
export function toTests(tests: string, evidence: readonly string[]): string {
  const byHand = [...tests.matchAll(/`[\w./-]+\.test\.ts › [^`]+`/g)].map(([text]) => text);
  const found = ['hash:', 'plan:'].flatMap((kind) => evidence.filter((mark) => mark.startsWith(kind)).slice(0, most));
  const all = [...byHand, ...found.map((mark) => `\`${mark}\``)];
  return all.length === 0 ? '`key-table.test.ts`' : all.join(', ');
}

/** The columns that the code decides. */
export function generated(key: Key, effect: Effect): Pick<Row, 'written' | 'becomes' | 'hash'> {
  return {
    written: describeKind(key.kind),
    becomes: effect.changes.length === 0 ? 'nothing' : effect.changes.map(toWords).join(', '),
    hash: effect.hashes.length === 0 ? 'no' : effect.hashes.join(', '),
  };
}
