const isLetter = (char: string): boolean => /\p{L}/u.test(char);
const isDigit = (char: string | undefined): boolean => char !== undefined && /\p{Nd}/u.test(char);

/** The digits that begin at `at`. */
function digitsAt(chars: readonly string[], at: number): string {
  let end = at;
  while (isDigit(chars[end])) end += 1;
  return chars.slice(at, end).join('');
}

/** Whether the number that `at` is inside of has begun with more than zeros. */
function isWithinNumber(chars: readonly string[], at: number): boolean {
  for (let before = at - 1; isDigit(chars[before]); before -= 1) if (chars[before] !== '0') return true;
  return false;
}

function compareNumbers(left: readonly string[], right: readonly string[], at: number): number {
  const [a, b] = [digitsAt(left, at), digitsAt(right, at)];
  // Behind `1`, `05` and `5` are 105 and 15.
  const lead = (left[at] === '0' || right[at] === '0') && isWithinNumber(left, at) ? '1' : '0';
  return Number(lead + a) - Number(lead + b) || a.length - b.length;
}

/**
 * The order in which Go's YAML writes the keys of a map, which docker compose prints with: as people count (`a2`
 * before `a10`), and what is no letter before letters (`HTTP_PORT` before `HTTPS_PORT`). Seen with 2.40.3.
 */
export function compareKeys(one: string, other: string): number {
  const [left, right] = [[...one], [...other]];
  const at = left.findIndex((char, index) => char !== right[index]);
  const [a, b] = [left[at], right[at]];
  if (a === undefined || b === undefined) return left.length - right.length;
  if (isLetter(a) && isLetter(b)) return a < b ? -1 : 1;
  // Behind a digit it is the letter that comes first: `1a` before `1-`.
  if (isLetter(a) || isLetter(b)) return isLetter(a) === isDigit(left[at - 1]) ? -1 : 1;
  return compareNumbers(left, right, at) || (a < b ? -1 : 1);
}
