import * as z from 'zod';
import { type StackId, stackId } from '../../preload/contract/kept.ts';
import type { PlanAction } from '../../preload/contract/model.ts';
import type { KnownStacks } from './known-stacks.ts';
import type { Clock, Log, StateStore } from './ports.ts';
import { createStateList } from './state-document.ts';
import type { ResolvedFiles } from './targets.ts';

/** Each is a file to read when the screen is opened; the latest are those that matter. */
const most = 100;

const entry = z.object({
  stack: stackId,
  files: z.array(z.string()).min(1).max(32),
  workingDir: z.string().optional(),
  envFiles: z.array(z.string()),
  profiles: z.array(z.string()),
});
export type BroughtUp = z.infer<typeof entry>;

/**
 * Stacks that the user brought up from files that were never opened in the app, in the state file `brought-up`. Their
 * containers' labels name files too, but labels are anybody's, and nothing is read because of them.
 */
export function createBroughtUp(options: {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly known: Pick<KnownStacks, 'get'>;
}) {
  const { read, change, watch } = createStateList({
    ...options,
    name: 'brought-up',
    entry,
    onChange: () => undefined,
  });
  const without = (now: readonly BroughtUp[], stack: StackId) => now.filter((one) => one.stack !== stack);
  const note = async (one: BroughtUp): Promise<void> => {
    const before = (await read()).find(({ stack }) => stack === one.stack);
    if (JSON.stringify(before) === JSON.stringify(one)) return;
    if ((await options.known.get(one.stack)) !== undefined) return;
    await change(async (now) => [...without(now, one.stack), one].slice(-most));
  };
  const forget = async (stack: StackId): Promise<void> => {
    if ((await read()).some((one) => one.stack === stack)) await change(async (now) => without(now, stack));
  };

  return {
    list: read,
    onChange: watch,
    /** Notes what is done to a stack. It never rejects: the action matters more than that its names are known later. */
    follow: async (action: PlanAction, stack: StackId, from: ResolvedFiles): Promise<void> => {
      try {
        if (action === 'down') await forget(stack);
        if (action !== 'up' || from.environment !== undefined || from.files.length === 0) return;
        const { workingDir } = from;
        await note({
          stack,
          files: [...from.files],
          ...(workingDir === undefined ? {} : { workingDir }),
          envFiles: [...from.envFiles],
          profiles: [...from.profiles],
        });
      } catch (error) {
        options.log('warn', 'where a stack was brought up from could not be noted', { found: String(error) });
      }
    },
  };
}
export type BroughtUps = ReturnType<typeof createBroughtUp>;
