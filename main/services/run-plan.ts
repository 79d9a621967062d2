import type { AppError } from '../../preload/contract/errors.ts';
import type { StepProgress, StepState } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { Step } from '../core/plan/plan.ts';
import type { Clock, StepContext, StepReport } from './ports.ts';

export interface RunPlanOptions {
  readonly steps: readonly Step[];
  readonly execute: (step: Step, context: Pick<StepContext, 'signal' | 'report'>) => Promise<void>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Every change of a step's state at once; what it reports while running at most every 100 ms. */
  readonly onProgress: (progress: StepProgress) => void;
  /** A failure that is no AppFailure as data; logs it. */
  readonly encode: (error: unknown, step: Step) => AppError;
  /** Steps in flight at once, without those that only wait. */
  readonly concurrency?: number;
}

export interface RunPlanResult {
  readonly state: 'done' | 'failed' | 'cancelled';
  /** The first failure that was not optional. */
  readonly error?: AppError;
}

const reportEvery = 100;
/** A step that ignores its signal is given up after this long, so that no operation stays "cancelling" for ever. */
const giveUpAfter = 30_000;

/** To be told, whoever cancelled. */
const isLeftHalfDone = (error: unknown): boolean =>
  error instanceof AppFailure && error.error.code === 'volume.unfinished';

const isOptional = (step: Step): boolean => 'optional' in step && step.optional;

/** Passes on the first report at once and then the latest one every 100 ms. */
function throttle(clock: Clock, pass: (report: StepReport) => void) {
  let waiting: StepReport | undefined;
  let callOff: (() => void) | undefined;
  const tick = () => {
    callOff = undefined;
    if (waiting === undefined) return;
    pass(waiting);
    waiting = undefined;
    callOff = clock.after(reportEvery, tick);
  };
  return {
    report: (report: StepReport) => {
      waiting = { ...waiting, ...report };
      if (callOff === undefined) tick();
    },
    end: () => {
      callOff?.();
      if (waiting !== undefined) pass(waiting);
      waiting = undefined;
    },
  };
}

/** A wait costs the engine nothing, and what it waits for may itself be waiting for its turn. */
const isWait = ({ kind }: Step): boolean => kind.startsWith('wait-');

const isStop = ({ kind }: Step): boolean => kind === 'stop-container';
/**
 * Stops in flight at once: at ten of them the engine, its shims and runc get into each other's way. Ten containers go in
 * 1.01, 0.99, 0.97 and 1.06 times what the bare calls take with 4, 5, 7 and 10 of them (20.10 on two cores).
 */
const stopsAtOnce = 6;
/** Milliseconds after which a stop waits for no more than a process that takes its grace period: the next one may begin. */
const stopBegun = 600;

/**
 * Releases a step only when everything it comes after has succeeded (a failed optional wait counts as success: its
 * dependents were promised to go on); what can no longer come is skipped, independent branches go on. Never rejects.
 */
export async function runPlan(options: RunPlanOptions): Promise<RunPlanResult> {
  const { steps, clock, signal, concurrency = 10 } = options;
  const states = new Map<string, StepState>(steps.map((step) => [step.id, 'waiting']));
  const passed = new Set<string>();
  let running = 0;
  let working = 0;
  let stopping = 0;
  let firstError: AppError | undefined;

  const iso = () => new Date(clock.now()).toISOString();
  const move = (step: Step, progress: Omit<StepProgress, 'step'>) => {
    states.set(step.id, progress.state);
    options.onProgress({ step: step.id, ...progress });
  };

  await new Promise<void>((resolve) => {
    let over = false;

    const settle = () => {
      if (over || running > 0 || [...states.values()].includes('waiting')) return;
      over = true;
      signal.removeEventListener('abort', onAbort);
      resolve();
    };

    /** Takes the step's place among those that are worked on; the answer gives it up, once. */
    const enter = (step: Step): (() => void) => {
      if (isWait(step)) return () => undefined;
      const stops = isStop(step) ? 1 : 0;
      working += 1;
      stopping += stops;
      let callOff: (() => void) | undefined;
      let isInside = true;
      const leave = () => {
        if (!isInside) return;
        isInside = false;
        callOff?.();
        working -= 1;
        stopping -= stops;
      };
      if (stops > 0)
        callOff = clock.after(stopBegun, () => {
          leave();
          release();
        });
      return leave;
    };

    const mayStart = (step: Step): boolean =>
      isWait(step) || (working < concurrency && (!isStop(step) || stopping < stopsAtOnce));

    const start = async (step: Step) => {
      running += 1;
      const leave = enter(step);
      const startedAt = iso();
      let last: StepReport = {};
      let ended = false;
      const flow = throttle(clock, (report) => {
        last = { ...last, ...report };
        if (!ended) options.onProgress({ step: step.id, state: 'running', startedAt, ...last });
      });
      const end = (progress: Omit<StepProgress, 'step' | 'startedAt' | 'endedAt'>) => {
        if (ended) return;
        flow.end();
        ended = true;
        running -= 1;
        leave();
        abandon();
        if (progress.state === 'done' || isOptional(step)) passed.add(step.id);
        move(step, { ...last, ...progress, startedAt, endedAt: iso() });
        release();
      };
      // Whatever the executor does after this, the step has ended.
      let stopWaiting: (() => void) | undefined;
      const onStop = () => {
        stopWaiting = clock.after(giveUpAfter, () => end({ state: 'cancelled' }));
      };
      const abandon = () => {
        stopWaiting?.();
        signal.removeEventListener('abort', onStop);
      };
      signal.addEventListener('abort', onStop, { once: true });
      move(step, { state: 'running', startedAt });
      try {
        await options.execute(step, { signal, report: flow.report });
        end({ state: 'done', ...(last.fraction === undefined ? {} : { fraction: 1 }) });
      } catch (error) {
        if (signal.aborted && !isLeftHalfDone(error)) return end({ state: 'cancelled' });
        const encoded = options.encode(error, step);
        if (!isOptional(step)) firstError ??= encoded;
        end({ state: 'failed', error: encoded });
      }
    };

    const waitingSteps = () => steps.filter((step) => states.get(step.id) === 'waiting');

    const release = () => {
      if (signal.aborted) {
        for (const step of waitingSteps()) move(step, { state: 'cancelled' });
        return settle();
      }
      for (let moved = true; moved; ) {
        moved = false;
        for (const step of waitingSteps()) {
          if (step.after.every((id) => passed.has(id))) {
            if (mayStart(step)) void start(step);
          } else if (step.after.some((id) => hopeless(states.get(id), passed.has(id)))) {
            move(step, { state: 'skipped' });
            moved = true;
          }
        }
      }
      if (running === 0 && waitingSteps().length > 0) {
        // Only a planner's defect (a cycle) leads here; said, not waited for.
        firstError ??= {
          code: 'internal',
          message: `The plan cannot go on: ${waitingSteps()
            .map(({ id }) => id)
            .join(', ')} wait for each other.`,
        };
        for (const step of waitingSteps()) move(step, { state: 'skipped' });
      }
      settle();
    };
    const onAbort = () => release();

    signal.addEventListener('abort', onAbort, { once: true });
    release();
  });

  if (firstError === undefined && [...states.values()].includes('skipped')) {
    firstError = { code: 'internal', message: 'The plan names a step that it does not have.' };
  }
  if (signal.aborted && [...states.values()].some((state) => state === 'cancelled')) return { state: 'cancelled' };
  return firstError === undefined ? { state: 'done' } : { state: 'failed', error: firstError };
}

const hopeless = (state: StepState | undefined, passed: boolean): boolean =>
  !passed && (state === undefined || state === 'failed' || state === 'skipped' || state === 'cancelled');
