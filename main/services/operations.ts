import type { Frame } from '../../preload/contract/api.ts';
import type { Operation, PlanAction, PlanStep, StackId, StepProgress } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';
import { laterText } from '../core/plan/later-ids.ts';
import type { Step } from '../core/plan/plan.ts';
import { noRedactor } from '../core/redact.ts';
import { deferred } from './deferred.ts';
import { encodeFailure } from './encode-failure.ts';
import { createListeners } from './listeners.ts';
import type { Clock, Ids, Log, StepContext } from './ports.ts';
import { runPlan } from './run-plan.ts';

const keepFinished = 20;

export interface StartOperation {
  readonly stack: StackId;
  readonly action: PlanAction;
  readonly steps: readonly Step[];
  readonly execute: (step: Step, context: Pick<StepContext, 'signal' | 'report'>) => Promise<void>;
  /** Gives the stack's lock back and lets the live state catch up; called once, before the end is told. */
  readonly release: () => Promise<void>;
}

interface Entry {
  operation: Operation;
  readonly controller: AbortController;
  readonly ended: Promise<Operation>;
}

export const toPlanStep = (step: Step): PlanStep => ({
  id: step.id,
  kind: step.kind,
  target: step.target,
  ...(step.service === undefined ? {} : { service: step.service }),
  cause:
    step.kind === 'create-container' && step.later !== undefined
      ? `${step.cause}; ${laterText(step.later)}`
      : step.cause,
  destructive: step.destructive,
  after: [...step.after],
});

/** What runs, and the last 20 that ran. */
export function createOperations({ clock, ids, log }: { readonly clock: Clock; readonly ids: Ids; readonly log: Log }) {
  const entries = new Map<string, Entry>();
  const listeners = createListeners<Frame<'operations'>>(log);
  const iso = () => new Date(clock.now()).toISOString();

  const get = (id: string): Entry => {
    const entry = entries.get(id);
    if (entry === undefined) {
      throw new AppFailure({
        code: 'input.invalid',
        message: 'That operation is no longer known.',
        hint: 'It ended a while ago; look at the stack for what came of it.',
      });
    }
    return entry;
  };
  const put = (entry: Entry, change: Partial<Operation>) => {
    entry.operation = { ...entry.operation, ...change };
    listeners.emit({ kind: 'operation', operation: entry.operation });
  };
  const drop = (id: string) => {
    entries.delete(id);
    listeners.emit({ kind: 'dismissed', operation: id });
  };
  const isOver = ({ operation }: Entry) => operation.state !== 'running' && operation.state !== 'cancelling';

  const { redact } = log.redactor ?? noRedactor;
  const encode = (error: unknown, what: string) => encodeFailure(error, { what, log, newId: ids.random });

  const run = async (entry: Entry, options: StartOperation): Promise<Operation> => {
    const { signal } = entry.controller;
    const onProgress = (said: StepProgress) => {
      const { operation } = entry;
      // What a build or a hook prints may hold what it was given; an error is encoded without it.
      const progress = said.message === undefined ? said : { ...said, message: redact(said.message) };
      entry.operation = { ...operation, progress: { ...operation.progress, [progress.step]: progress } };
      listeners.emit({ kind: 'progress', operation: operation.id, progress });
    };
    const end = await runPlan({
      steps: options.steps,
      execute: options.execute,
      signal,
      clock,
      onProgress,
      encode: (error, step) => encode(error, `step ${step.kind}`),
    }).catch((error: unknown) => ({ state: 'failed', error: encode(error, 'run-plan') }) as const);
    await options.release().catch((error: unknown) => encode(error, 'releasing a lock'));
    put(entry, { state: end.state, endedAt: iso(), ...(end.error === undefined ? {} : { error: end.error }) });
    const over = [...entries].filter(([, other]) => isOver(other));
    for (const [id] of over.slice(0, Math.max(0, over.length - keepFinished))) drop(id);
    return entry.operation;
  };

  return {
    /** Starts at once and returns the id; never throws. */
    start: (options: StartOperation): string => {
      const id = ids.random();
      const operation: Operation = {
        id,
        stack: options.stack,
        action: options.action,
        state: 'running',
        startedAt: iso(),
        steps: options.steps.map(toPlanStep),
        progress: Object.fromEntries(options.steps.map((step) => [step.id, { step: step.id, state: 'waiting' }])),
      };
      const { promise: ended, resolve: resolveEnded } = deferred<Operation>();
      const entry: Entry = { operation, controller: new AbortController(), ended };
      entries.set(id, entry);
      listeners.emit({ kind: 'operation', operation });
      void run(entry, options).then(resolveEnded);
      return id;
    },
    list: (): readonly Operation[] => [...entries.values()].map(({ operation }) => operation),
    subscribe: (listener: (frame: Frame<'operations'>) => void): (() => void) => {
      for (const { operation } of entries.values()) listener({ kind: 'operation', operation });
      return listeners.add(listener);
    },
    cancel: (id: string): void => {
      const entry = get(id);
      if (entry.operation.state !== 'running') return;
      put(entry, { state: 'cancelling' });
      entry.controller.abort();
    },
    dismiss: (id: string): void => {
      const entry = entries.get(id);
      if (entry !== undefined && isOver(entry)) drop(id);
    },
    finished: (id: string): Promise<Operation> => get(id).ended,
    /** Cancels what runs and waits for its end. */
    close: async (): Promise<void> => {
      for (const entry of entries.values()) {
        if (entry.operation.state === 'running') {
          put(entry, { state: 'cancelling' });
          entry.controller.abort();
        }
      }
      await Promise.all([...entries.values()].map(({ ended }) => ended));
    },
  };
}

export type Operations = ReturnType<typeof createOperations>;
