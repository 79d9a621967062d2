import { AppFailure } from '../core/app-failure.ts';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * What people write for "since" as the engine's API takes it: seconds since the epoch with up to nine decimals. Taken:
 * that itself, an ISO time (nanoseconds kept: JavaScript's own dates would lose them), or a span back from now (`1h30m`).
 * The API refuses ISO times (`strconv.ParseInt: invalid syntax`, seen on 20.10); the docker CLI converts as well.
 */
export function toEngineSince(text: string, now: number): string {
  if (/^\d+(\.\d{1,9})?$/.test(text)) return text;
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) {
    let span = 0;
    for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
      span += Number(amount) * (units[unit ?? ''] ?? 0);
    }
    return (Math.max(0, now - span) / 1_000).toFixed(3);
  }
  const iso = /^(\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2})?)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})?$/.exec(text);
  const whole = iso === null ? Number.NaN : Date.parse(`${iso[1]}${iso[3] ?? ''}`);
  if (Number.isNaN(whole)) {
    throw new AppFailure({
      code: 'input.invalid',
      message: `“${text}” is no time.`,
      hint: 'Write a time such as 2026-01-31T12:00:00Z, seconds since 1970, or a span such as 10m.',
    });
  }
  return iso?.[2] === undefined ? String(whole / 1_000) : `${whole / 1_000}.${iso[2]}`;
}
