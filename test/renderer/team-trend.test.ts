import { describe, expect, it } from 'vitest';
import type { TeamSample } from '../../preload/contract/team-services.ts';
import { panelTrend, trendBox } from '../../renderer/show/team-trend.ts';
import { formatClock } from '../../renderer/show/time.ts';

const now = Date.parse('2026-03-12T14:30:00Z');
const minute = 60_000;
const sample = (ago: number, values: Partial<TeamSample> = {}): TeamSample => ({
  at: new Date(now - ago * minute).toISOString(),
  ...{ environments: 1, sync: 1, mcp: 0.08, drift: 0 },
  ...values,
});
const hour = (values: (ago: number) => Partial<TeamSample> = () => ({})) =>
  Array.from({ length: 60 }, (_, at) => sample(59 - at, values(59 - at)));
const clock = (ago: number) => formatClock(sample(ago).at).slice(0, 5);
/** Where its parts begin, and how many points each has. */
const parts = (line: string) =>
  line
    .split('M')
    .slice(1)
    .map((part) => part.split('L').length);

describe('a figure’s last hour', () => {
  it('is one line from the oldest minute to now, and the same in words', () => {
    const { line, says, label } = panelTrend(
      'environments',
      hour((ago) => ({ environments: ago > 30 ? 2 : 5 })),
      now,
    );
    expect(parts(line)).toEqual([60]);
    expect(line).toMatch(new RegExp(`L${trendBox.width}\\.0 2\\.0$`));
    expect(says).toBe('last hour: 2 to 5');
    expect(label).toBe(`From 2 at ${clock(59)} to 5 at ${clock(0)}`);
  });

  it('has a gap where nobody looked, or where it was not known', () => {
    const samples = hour((ago) => ({ mcp: ago === 40 ? null : 0.08 })).filter(({ at }) => at !== sample(20).at);
    expect(parts(panelTrend('mcp', samples, now).line)).toEqual([19, 19, 20]);
  });

  it('says since when there is one, and a single minute is a dot', () => {
    const { line, says } = panelTrend('drift', [sample(0, { drift: 0.4 })], now);
    expect(parts(line)).toEqual([1]);
    expect(line).toMatch(/^M\S+ \S+h0$/);
    expect(says).toBe(`since ${clock(0)}: 1 % throughout`);
  });

  it('is measured against all there can be, where there is an end', () => {
    const heightOf = (key: 'sync' | 'drift', value: number) =>
      panelTrend(key, [sample(0, { [key]: value })], now).line.match(/ (\S+)h0$/)?.[1];
    expect([heightOf('sync', 0.5), heightOf('drift', 50)]).toEqual(['12.0', '12.0']);
    expect([heightOf('sync', 1), heightOf('drift', 0)]).toEqual(['2.0', '22.0']);
  });

  it('ends where it ended: what is old does not look like now', () => {
    const { line } = panelTrend('environments', [sample(31), sample(30)], now);
    expect(line).toMatch(/L120\.0 /);
    expect(panelTrend('environments', [sample(90)], now).line).toBe('');
  });

  it.each([
    ['no history now', null],
    ['no history now', undefined],
    ['no history yet', []],
    [`nothing known, since ${clock(3)}`, [sample(3, { mcp: null })]],
  ])('says %s, and never 0', (says, samples) => {
    expect(panelTrend('mcp', samples, now)).toEqual({ line: '', says, label: undefined });
  });
});
