/** Edit distance with transpositions (`helthcheck`, `ocmmand`), given up on past `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? limit + 1;
}

/** Among more names than this nobody would see the one that is near. */
const MAX_NAMES = 2000;

/** The known name that was most likely meant, or undefined when nothing is near. */
function nearest(written: string, known: Iterable<string>): string | undefined {
  const plain = written.slice(0, 80).toLowerCase().replaceAll('-', '_');
  const limit = plain.length <= 3 ? 1 : plain.length <= 8 ? 2 : 3;
  let best: string | undefined;
  let bestDistance = limit + 1;
  let count = 0;
  for (const name of known) {
    count += 1;
    if (count > MAX_NAMES) break;
    const apart = distance(plain, name.toLowerCase().replaceAll('-', '_'), limit);
    if (apart < bestDistance) {
      best = name;
      bestDistance = apart;
    }
  }
  return best;
}

/** ``did you mean `ports`?`` or undefined. */
export function didYouMean(written: string, known: Iterable<string>): string | undefined {
  const name = nearest(written, known);
  return name === undefined ? undefined : `did you mean \`${name}\`?`;
}
