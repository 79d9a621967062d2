import type { Who } from './contenders.ts';

/*
 * What was measured against what was promised (must-show 3 of issue 3). A ratio is the median of the rounds' ratios, which
 * stays true when the machine's speed drifts; both sides of a ratio are from the same round.
 */

export type Measure = 'up' | 'again' | 'chain' | 'down';
export type Times = ReadonlyMap<string, readonly number[]>;

/** How the times of one contender and measure are kept. */
export const keyOf = (who: Who, measure: Measure): string => `${who} ${measure}`;

type Limit = { readonly most: number; readonly of: 'compose' } | { readonly most: number; readonly of: 'seconds' };

/**
 * `down` is promised without saying for which of the two. The host is held to it. Of a whole process only the ratio is shown:
 * the bare calls alone take 0.97 of compose's second (engine 20.10, two cores), and ours sends the first of them 0.1 s later.
 */
const limits: Readonly<Record<string, Limit>> = {
  'host up': { most: 1, of: 'compose' },
  'command up': { most: 1.15, of: 'compose' },
  'host again': { most: 0.5, of: 'compose' },
  'command again': { most: 0.25, of: 'seconds' },
  'host chain': { most: 0.8, of: 'compose' },
  'command chain': { most: 0.8, of: 'compose' },
  'host down': { most: 0.95, of: 'compose' },
};

export const titles: Readonly<Record<Measure, string>> = {
  up: 'cold up of 10 independent services',
  again: 'up with nothing to do (10 services run)',
  chain: 'cold up of a chain of 6 on service_healthy (interval 500ms)',
  down: 'down of 10 services',
};

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
};

/** undefined where one of them was not measured. */
function ratio(ours: readonly number[], theirs: readonly number[] | undefined): number | undefined {
  if (theirs === undefined || theirs.length === 0 || ours.length !== theirs.length) return undefined;
  return median(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)));
}

export interface Judged {
  readonly line: string;
  /** undefined: nothing was promised, or there is nothing to compare with. */
  readonly holds: boolean | undefined;
}

const verdict = (holds: boolean | undefined): string => (holds === undefined ? '' : holds ? 'holds' : 'MISSED');

/** One contender's line for one measure. */
export function judge(name: string, who: Who, measure: Measure, times: Times): Judged | undefined {
  const own = times.get(keyOf(who, measure)) ?? [];
  if (own.length === 0) return undefined;
  const limit = limits[keyOf(who, measure)];
  const ofCompose = who === 'compose' ? undefined : ratio(own, times.get(keyOf('compose', measure)));
  const ofBare = who === 'bare' ? undefined : ratio(own, times.get(keyOf('bare', measure)));
  const value = limit?.of === 'seconds' ? median(own) : ofCompose;
  const holds = limit === undefined || value === undefined ? undefined : value <= limit.most;
  const promised =
    limit === undefined ? '' : `<= ${limit.of === 'seconds' ? `${limit.most * 1000} ms` : `${limit.most.toFixed(2)}x`}`;
  const cells = [
    name.padEnd(26),
    `${median(own).toFixed(3)} s`.padStart(9),
    ofCompose === undefined ? '' : `${ofCompose.toFixed(2)}x compose`,
    ofBare === undefined ? '' : `${ofBare.toFixed(2)}x bare`,
    promised,
    verdict(holds),
  ];
  const [first = '', second = '', ...rest] = cells;
  return { line: `  ${first}${second}  ${rest.map((cell) => cell.padEnd(14)).join('')}`.trimEnd(), holds };
}

/** A figure that is compared with nothing but its limit. */
export function judgeFigure(name: string, value: number, most: number | undefined, unit: string): Judged {
  const holds = most === undefined ? undefined : value <= most;
  const figure = `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`.padStart(9);
  const promised = most === undefined ? '' : `<= ${most} ${unit}`.padEnd(14);
  return { line: `  ${name.padEnd(40)}${figure}  ${promised}${verdict(holds)}`.trimEnd(), holds };
}

/** Figures as they are printed, and whether all of them keep what was promised. */
export function printFigures() {
  let good = true;
  return {
    say: (title: string, value: number, limit: number | undefined, unit: string): void => {
      const judged = judgeFigure(title, value, limit, unit);
      console.log(judged.line);
      good &&= judged.holds !== false;
    },
    fail: (why: string): void => {
      console.log(why);
      good = false;
    },
    good: () => good,
  };
}
