import * as z from 'zod';
import { AppFailure } from '../core/app-failure.ts';
import type { Clock, Log, StateStore } from './ports.ts';

export interface StateListOptions<T extends z.ZodType> {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  /** File in the state folder, and the key of the list inside it. */
  readonly name: string;
  readonly entry: T;
  readonly onChange: () => void;
}

const lookAgainAfter = 20;
const patience = 3_000;

/** Another process changes the list for milliseconds only, so it is waited for. */
async function lockSoon(state: StateStore, clock: Clock, name: string): Promise<() => Promise<void>> {
  const until = clock.now() + patience;
  for (;;) {
    try {
      return await state.lock(name, `changing the list of ${name}`);
    } catch (error) {
      const isBusy = error instanceof AppFailure && error.error.code === 'stack.busy';
      if (!isBusy || clock.now() >= until) throw error;
      await clock.sleep(lookAgainAfter);
    }
  }
}

/**
 * A list in the state folder as `{version: 1, <name>: […]}`. A file of another form is neither believed nor removed
 * before the list is changed; a change reads, edits and writes as one, also against other processes.
 */
export function createStateList<T extends z.ZodType>(options: StateListOptions<T>) {
  const { state, clock, log, name, entry } = options;
  const document = z.object({ version: z.literal(1), [name]: z.array(entry) });

  const read = async (): Promise<readonly z.infer<T>[]> => {
    const found = await state.read(name);
    if (found === undefined) return [];
    const parsed = document.safeParse(found);
    if (parsed.success) return (parsed.data as Readonly<Record<string, unknown>>)[name] as readonly z.infer<T>[];
    log('warn', `${name}.json does not fit and is ignored`, { issues: parsed.error.issues.slice(0, 5) });
    return [];
  };

  return {
    read,
    /** Told when another program, or this one, has written the list. */
    watch: (listener: () => void): (() => void) => state.watch(name, listener),
    change: async (edit: (now: readonly z.infer<T>[]) => Promise<readonly z.infer<T>[]>): Promise<void> => {
      const release = await lockSoon(state, clock, name);
      try {
        await state.write(name, { version: 1, [name]: await edit(await read()) });
      } finally {
        await release();
      }
      options.onChange();
    },
  };
}
