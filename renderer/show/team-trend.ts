import type { TeamServicesState } from '../../preload/contract/team-services.ts';
import { type Panel, percentText, secondsText } from './team-services.ts';
import { formatClock } from './time.ts';

/* A figure's last hour, as a line and in words. Pure. A minute that nobody looked at is a gap. */

export interface Trend {
  /** SVG path in a box of `trendBox`; empty: there is nothing to draw. */
  readonly line: string;
  /** `last hour: 2 to 5`, or why there is none. */
  readonly says: string;
  /** The line in words; undefined where there is none. */
  readonly label: string | undefined;
}
export const trendBox = { width: 240, height: 24 } as const;

const minute = 60_000;
const hour = 60 * minute;
/** A sample comes at the beginning of each minute; this much later there was none. */
const gap = 1.5 * minute;

/** Drift as its panel has it: what is not nothing is at least one per cent. */
const texts: Readonly<Record<Panel['key'], (value: number) => string>> = {
  environments: String,
  sync: percentText,
  mcp: secondsText,
  drift: (percent) => `${Math.ceil(percent)} %`,
};
/** Where the box ends: shares have an end of their own, the others the highest that was. */
const tops: Readonly<Record<Panel['key'], number | undefined>> = {
  environments: undefined,
  sync: 1,
  mcp: undefined,
  drift: 100,
};

interface Point {
  readonly at: number;
  readonly value: number;
}

/** `12:03`, in the reader's own zone. */
const clockText = (at: number): string => formatClock(new Date(at).toISOString()).slice(0, 5);

/** `now`: milliseconds; the line ends there. */
export function panelTrend(key: Panel['key'], samples: TeamServicesState['trend'], now: number): Trend {
  if (samples === undefined || samples === null) return none('no history now');
  const [began] = samples;
  const last = samples.at(-1);
  if (began === undefined || last === undefined) return none('no history yet');
  const first = Date.parse(began.at);
  const points = samples.flatMap((sample): readonly Point[] => {
    const value = sample[key];
    return value === null ? [] : [{ at: Date.parse(sample.at), value }];
  });
  // This machine's clock may be behind the services'.
  const end = Math.max(now, Date.parse(last.at));
  const shown = points.filter(({ at }) => end - at <= hour);
  const [oldest] = shown;
  const newest = shown.at(-1);
  const span = end - first >= hour - 2 * minute ? 'last hour' : `since ${clockText(first)}`;
  if (oldest === undefined || newest === undefined) return none(`nothing known, ${span}`);
  const values = shown.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const text = texts[key];
  const range = text(low) === text(high) ? `${text(low)} throughout` : `${text(low)} to ${text(high)}`;
  return {
    line: toLine(shown, end, tops[key] ?? high),
    says: `${span}: ${range}`,
    label: `From ${text(oldest.value)} at ${clockText(oldest.at)} to ${text(newest.value)} at ${clockText(newest.at)}`,
  };
}

const none = (says: string): Trend => ({ line: '', says, label: undefined });

/** From 0 at the bottom; a point without neighbours is a dot, which a round line end makes of no length. */
function toLine(points: readonly Point[], end: number, top: number): string {
  const { width, height } = trendBox;
  const place = ({ at, value }: Point): string => {
    const x = width * (1 - (end - at) / hour);
    const y = height - 2 - (height - 4) * (top === 0 ? 0 : Math.min(1, value / top));
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  };
  return points
    .map((point, index) => {
      const before = points[index - 1];
      const goesOn = before !== undefined && point.at - before.at <= gap;
      return goesOn ? `L${place(point)}` : `M${place(point)}h0`;
    })
    .join('');
}
