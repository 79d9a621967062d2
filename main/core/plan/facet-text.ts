/* Values of the Engine API as texts in compose's words. */

export const sorted = (values: readonly string[]): string | undefined =>
  values.length === 0 ? undefined : [...new Set(values)].sort().join(', ');

/** undefined: it says nothing. */
export function toText(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '' || value === false || value === 0) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : JSON.stringify(value);
  if (typeof value === 'object') return Object.keys(value).length === 0 ? undefined : stable(value);
  return String(value);
}

/** JSON with sorted members, without those that say nothing. */
export function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const members = Object.entries(value)
    .filter(([, member]) => toText(member) !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${key}: ${stable(member)}`).join(', ')}}`;
}

export const bytes = (value: unknown): string | undefined => {
  const number = Number(value ?? 0);
  if (number === 0) return undefined;
  if (number < 0) return 'unlimited';
  const unit = [
    [1024 ** 3, 'g'],
    [1024 ** 2, 'm'],
    [1024, 'k'],
  ].find(([size]) => number % Number(size) === 0);
  return unit === undefined ? `${number} bytes` : `${number / Number(unit[0])}${unit[1]}`;
};
export const duration = (nanoseconds: unknown): string | undefined => {
  const number = Number(nanoseconds ?? 0);
  return number === 0 ? undefined : number % 1e9 === 0 ? `${number / 1e9}s` : `${number / 1e6}ms`;
};
