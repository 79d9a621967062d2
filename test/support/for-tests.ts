import { afterAll, beforeAll } from 'vitest';

/**
 * Something for all tests of the file that calls this at its top: started before them, stopped after them, in the reverse order
 * where there are several. The answer gives it while they run.
 */
export function forTests<T>(start: () => Promise<T>, stop: (made: T) => Promise<unknown>): () => T {
  let made: { readonly it: T } | undefined;
  beforeAll(async () => {
    made = { it: await start() };
  });
  afterAll(async () => {
    if (made !== undefined) await stop(made.it);
  });
  return () => {
    if (made === undefined) throw new Error('It is there only while tests run, and where it could be started.');
    return made.it;
  };
}
