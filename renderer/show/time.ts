/** "4 s", "12 min", "3 h", "6 d": one unit, as the service table has room for one. Milliseconds in. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h`;
  return `${Math.floor(hours / 24)} d`;
}

/** "0:07", "12:40", "1:02:03": for what is being waited for. */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** The exact time for a tooltip, in the reader's own zone. An instant that cannot be read is shown as it came. */
export function formatExact(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/**
 * An engine's instant as text that sorts by time. Engines cut trailing zeros of the nanoseconds, so `…00.5Z` would sort
 * before `…00Z` otherwise.
 */
export function instantKey(iso: string): string {
  const [, base = iso, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(iso) ?? [];
  return `${base}.${fraction.padEnd(9, '0')}`;
}

/** "14:03:22" in the reader's own zone, for log lines. */
export const formatClock = (iso: string): string => formatExact(iso).slice(11);

export const sinceIso = (now: number, iso: string): number => {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? 0 : now - at;
};
