import type { Bytes, Nanoseconds } from './project.ts';

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};
const DURATION_PART = /^(\d+)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h|d|w)/;

/** `1m30s`, `1.5h`, `2d` to nanoseconds; undefined when it is no duration. Days and weeks are Docker's extension of Go's syntax. */
export function parseDuration(text: string): Nanoseconds | undefined {
  const sign = text.startsWith('-') ? -1n : 1n;
  let rest = text.replace(/^[-+]/, '');
  if (rest === '0') return 0;
  if (rest === '' || rest.length > 100) return undefined;
  let total = 0n;
  while (rest !== '') {
    const part = DURATION_PART.exec(rest);
    if (part === null) return undefined;
    const [whole, integer = '0', fraction = '', unit = 's'] = part;
    const scale = NANOSECONDS[unit] ?? 0n;
    total += BigInt(integer) * scale;
    if (fraction !== '') total += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
    rest = rest.slice(whole.length);
  }
  return Number(sign * total);
}

/** Nanoseconds as docker compose prints them: Go's `1m30s`. */
export function formatDuration(duration: Nanoseconds): string {
  const total = BigInt(Math.trunc(duration));
  const sign = total < 0n ? '-' : '';
  const rest = total < 0n ? -total : total;
  if (rest === 0n) return '0s';
  const fraction = (value: bigint, scale: bigint): string => {
    const digits = (value % scale)
      .toString()
      .padStart(scale.toString().length - 1, '0')
      .replace(/0+$/, '');
    return `${value / scale}${digits === '' ? '' : `.${digits}`}`;
  };
  if (rest < 1_000n) return `${sign}${rest}ns`;
  if (rest < 1_000_000n) return `${sign}${fraction(rest, 1_000n)}µs`;
  if (rest < 1_000_000_000n) return `${sign}${fraction(rest, 1_000_000n)}ms`;
  const hours = rest / 3_600_000_000_000n;
  const minutes = (rest / 60_000_000_000n) % 60n;
  const seconds = `${fraction(rest % 60_000_000_000n, 1_000_000_000n)}s`;
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

const POWERS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5 };
const SIZE = /^(\d+(?:\.\d*)?|\.\d+) ?([kmgtp]?)(?:i?b)?$/i;

/** `512m`, `1.5g`, `64 MiB` to bytes, all in powers of 1024; undefined when it is no size. https://github.com/docker/go-units RAMInBytes */
export function parseBytes(text: string): Bytes | undefined {
  const [, number, unit = ''] = SIZE.exec(text) ?? [];
  if (number === undefined) return undefined;
  const bytes = Math.trunc(Number(number) * 1024 ** (POWERS[unit.toLowerCase()] ?? 0));
  return Number.isFinite(bytes) && bytes < 2 ** 63 ? bytes : undefined;
}
