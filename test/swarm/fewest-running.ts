import { setTimeout as pause } from 'node:timers/promises';
import type { SwarmStand } from '../support/swarm-stand.ts';

/** The fewest tasks of the stack that were wanted and ran at any moment while `act` went on: its task list, ten times a second. */
export async function fewestRunning<T>(
  stand: SwarmStand,
  stack: string,
  act: () => Promise<T>,
): Promise<{ readonly fewest: number; readonly looks: number; readonly result: T }> {
  const over = new AbortController();
  const counts: number[] = [];
  const watching = (async () => {
    while (!over.signal.aborted) {
      counts.push((await stand.tasks(stack)).filter(({ Status }) => Status.State === 'running').length);
      await pause(100, undefined, { signal: over.signal }).catch(() => undefined);
    }
  })();
  try {
    const result = await act();
    return { fewest: Math.min(...counts), looks: counts.length, result };
  } finally {
    over.abort();
    await watching;
  }
}
