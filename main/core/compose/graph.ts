/** Where everything depends on everything there is no end of them. */
const MAX_CYCLES = 20;

/**
 * Every cycle that a depth-first walk meets, as the names along it, first and last the same. `edges` gives what a name
 * depends on; unknown names are leaves. Without recursion: a chain of 10,000 services is walked too.
 */
export function findCycles(names: Iterable<string>, edges: (name: string) => Iterable<string>): readonly string[][] {
  const done = new Set<string>();
  const cycles: string[][] = [];
  for (const root of names) {
    if (done.has(root)) continue;
    const path: string[] = [root];
    const onPath = new Set(path);
    const pending: Iterator<string>[] = [edges(root)[Symbol.iterator]()];
    while (pending.length > 0) {
      const step = pending.at(-1)?.next();
      if (step === undefined || step.done) {
        pending.pop();
        const left = path.pop();
        if (left !== undefined) {
          onPath.delete(left);
          done.add(left);
        }
        continue;
      }
      const next = step.value;
      if (onPath.has(next) && cycles.length < MAX_CYCLES) cycles.push([...path.slice(path.indexOf(next)), next]);
      if (!onPath.has(next) && !done.has(next)) {
        path.push(next);
        onPath.add(next);
        pending.push(edges(next)[Symbol.iterator]());
      }
    }
  }
  return cycles;
}
