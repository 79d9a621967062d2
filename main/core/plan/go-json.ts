/*
 * Go's encoding/json for the few types that compose-go's model has. The configuration hash is a digest of those bytes,
 * so every rule here is Go's: struct order, `omitempty`, sorted map keys, `<`, `>` and `&` escaped.
 * https://pkg.go.dev/encoding/json#Marshal
 */

/** JSON text already; undefined: the member is left out. */
export type GoJson = string | undefined;

/** A string as Go writes it: `<`, `>`, `&`, U+2028 and U+2029 are escaped. Control characters: as JavaScript (Go 1.22+). */
export function goString(value: string): string {
  if (asItIs.test(value)) return `"${value}"`;
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Printable ASCII with nothing to escape, which nearly all of a file is. */
const asItIs = /^[ !#-%'-;=?-[\]-~]*$/;

/** A struct: members in the order given, those without text left out. */
export function goStruct(members: readonly (readonly [name: string, text: GoJson])[]): string {
  let json = '';
  // Names are Go's own, with nothing to escape.
  for (const member of members) {
    if (member[1] !== undefined) json += `${json === '' ? '' : ','}"${member[0]}":${member[1]}`;
  }
  return `{${json}}`;
}

/** Go sorts map keys by their UTF-8 bytes, which is the order of code points. */
function byCodePoint(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index += 1) {
    const difference = rank(a.charCodeAt(index)) - rank(b.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** A UTF-16 unit moved so that surrogates, which stand for the highest code points, come after all others. */
const rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

const hasSurrogate = (text: string): boolean => /[\ud800-\udfff]/.test(text);

/** A map, keys sorted; undefined when absent or empty (`omitempty`). */
export function goMap<T>(map: ReadonlyMap<string, T> | undefined, write: (value: T) => string): GoJson {
  if (map === undefined || map.size === 0) return undefined;
  const keys = [...map.keys()];
  // By code units it is the same, and no function is called for each pair.
  keys.sort(keys.some(hasSurrogate) ? byCodePoint : undefined);
  return `{${keys.map((key) => `${goString(key)}:${write(map.get(key) as T)}`).join(',')}}`;
}

/** A slice; undefined when absent or empty (`omitempty`). */
export function goList<T>(list: readonly T[] | undefined, write: (value: T) => string): GoJson {
  return list === undefined || list.length === 0 ? undefined : `[${list.map(write).join(',')}]`;
}

/** With `omitempty`: the empty string, 0 and false are left out. */
export const optionalString = (value: string | undefined): GoJson =>
  value === undefined || value === '' ? undefined : goString(value);
export const optionalInteger = (value: number | undefined): GoJson =>
  value === undefined || value === 0 ? undefined : String(value);
export const optionalTrue = (value: boolean | undefined): GoJson => (value === true ? 'true' : undefined);
/** A pointer: only absence is left out. */
export const pointer = (value: number | boolean | undefined): GoJson =>
  value === undefined ? undefined : String(value);

/** compose-go's UnitBytes: a decimal number in quotes. */
export const optionalBytes = (value: number | undefined): GoJson =>
  value === undefined || value === 0 ? undefined : `"${value}"`;
export const durationPointer = (value: number | undefined): GoJson =>
  value === undefined ? undefined : goString(toGoDuration(value));
export const optionalDuration = (value: number | undefined): GoJson =>
  value === undefined || value === 0 ? undefined : goString(toGoDuration(value));

/** A float32 with the fewest digits that give the same float32 back. */
export function optionalFloat32(value: number | undefined): GoJson {
  if (value === undefined) return undefined;
  const single = Math.fround(value);
  if (single === 0) return undefined;
  for (let digits = 1; digits < 9; digits += 1) {
    const candidate = Number(single.toPrecision(digits));
    if (Math.fround(candidate) === single) return String(candidate);
  }
  return String(Number(single.toPrecision(9)));
}

/** `time.Duration.String()`: `1h0m0s`, `1m30s`, `1.5s`, `200ms`, `0s`. */
export function toGoDuration(nanoseconds: number): string {
  const sign = nanoseconds < 0 ? '-' : '';
  const total = Math.abs(nanoseconds);
  if (total === 0) return '0s';
  if (total < 1_000) return `${sign}${total}ns`;
  if (total < 1_000_000) return `${sign}${decimal(total, 3)}µs`;
  if (total < 1_000_000_000) return `${sign}${decimal(total, 6)}ms`;
  const whole = Math.floor(total / 1_000_000_000);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const seconds = decimal((whole % 60) * 1_000_000_000 + (total % 1_000_000_000), 9);
  const beforeSeconds = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : '';
  return `${sign}${beforeSeconds}${seconds}s`;
}

/** The integer divided by 10^places, exactly, without trailing zeros. */
function decimal(value: number, places: number): string {
  const digits = String(value).padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -places) : `${digits.slice(0, -places)}.${fraction}`;
}
