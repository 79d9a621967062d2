import * as z from 'zod';
import type { Step } from '../core/plan/plan.ts';
import type { Clock, Log, StateStore, StepContext } from './ports.ts';
import { createStateList } from './state-document.ts';

/*
 * The engine does not remember whether a container's post_start hooks have run, so docker compose never runs one again
 * that failed or that it was killed over (seen with 2.40.3). Ours writes down before a start what is due after it, and
 * strikes it out when the last hook has succeeded: what is left over is due at the next `up`.
 */

const entry = z.object({ stack: z.string(), container: z.string() });

type Execute = (step: Step, context: Pick<StepContext, 'signal' | 'report'>) => Promise<void>;

export interface DueHooks {
  /** Names of containers of the stack (by the name of its lock) that were started and whose hooks have not all succeeded. */
  readonly of: (stack: string) => Promise<ReadonlySet<string>>;
  /** Keeps the list while a plan is carried out. */
  readonly keeping: (stack: string, steps: readonly Step[], execute: Execute) => Execute;
}

export function createDueHooks(options: {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
}): DueHooks {
  const { read, change } = createStateList({ ...options, name: 'hooks', entry, onChange: () => undefined });
  const strike = (stack: string, container: string) =>
    change(async (now) => now.filter((one) => one.stack !== stack || one.container !== container));

  return {
    of: async (stack) => new Set((await read()).flatMap((one) => (one.stack === stack ? [one.container] : []))),
    keeping: (stack, steps, execute) => {
      const left = new Map<string, number>();
      for (const { kind, target } of steps) if (kind === 'run-hook') left.set(target, (left.get(target) ?? 0) + 1);
      if (left.size === 0) return execute;
      return async (step, context) => {
        const hooks = left.get(step.target);
        const begins = step.kind === 'start-container' || step.kind === 'restart-container';
        if (begins && hooks !== undefined) {
          const due = { stack, container: step.target };
          await change(async (now) => [
            ...now.filter((one) => one.stack !== stack || one.container !== due.container),
            due,
          ]);
        }
        await execute(step, context);
        if (step.kind !== 'run-hook' || hooks === undefined) return;
        left.set(step.target, hooks - 1);
        if (hooks === 1) await strike(stack, step.target);
      };
    },
  };
}
