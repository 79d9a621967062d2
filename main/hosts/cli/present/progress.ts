import type { Frame } from '../../../../preload/contract/api.ts';
import type { Operation, PlanStep, StepProgress, StepState } from '../../../../preload/contract/model.ts';
import { type Io, oneLine, type Paint } from '../io.ts';
import { verbs } from './plan.ts';
import { duration } from './table.ts';

/** Shows one operation while it runs. */
export interface ProgressView {
  readonly update: (operation: Operation, change: StepProgress) => void;
  /** Takes the last moving part off the screen; nothing is shown after it. */
  readonly end: () => void;
}

/** Pure: the operation after a frame of the stream, and what changed; undefined for frames of other operations. */
export function reduceOperation(
  operation: Operation | undefined,
  id: string,
  frame: Frame<'operations'>,
): { readonly operation: Operation; readonly changes: readonly StepProgress[] } | undefined {
  if (frame.kind === 'operation' && frame.operation.id === id) {
    const before = operation?.progress ?? {};
    const changes = Object.values(frame.operation.progress).filter(
      ({ step, state }) => state !== (before[step]?.state ?? 'waiting'),
    );
    return { operation: frame.operation, changes };
  }
  if (frame.kind === 'progress' && frame.operation === id && operation !== undefined) {
    const { progress } = frame;
    return {
      operation: { ...operation, progress: { ...operation.progress, [progress.step]: progress } },
      changes: [progress],
    };
  }
  return undefined;
}

const slowKinds: ReadonlySet<PlanStep['kind']> = new Set([
  'pull-image',
  'build-image',
  'wait-healthy',
  'wait-completed',
  'run-hook',
  'wait-converged',
  'send-image',
  'push-image',
  'check-image',
  'backup-volume',
  'restore-volume',
  'run-job',
  'wait-removed',
]);

const took = ({ startedAt, endedAt }: StepProgress): string =>
  startedAt === undefined || endedAt === undefined ? '' : duration(Date.parse(endedAt) - Date.parse(startedAt));

/** Skipped, or cancelled before its turn came. */
export const wasNotBegun = ({ state, startedAt }: StepProgress): boolean =>
  state === 'skipped' || (state === 'cancelled' && startedAt === undefined);

/** The one line that stays when a step has ended; undefined while it has not, and for what was never begun. */
export function endLine(step: PlanStep, progress: StepProgress, paint: Paint): string | undefined {
  if (wasNotBegun(progress)) return undefined;
  const { doing, did } = verbs[step.kind];
  const time = took(progress);
  const after = time === '' ? '' : `  ${paint('dim', time)}`;
  const line: Readonly<Partial<Record<StepState, string>>> = {
    done: `${paint('green', '✓')} ${did} ${step.target}${after}`,
    failed: `${paint('red', '■')} ${doing} ${step.target} failed${after}`,
    cancelled: `${paint('yellow', '○')} ${doing} ${step.target} cancelled${after}`,
  };
  return line[progress.state];
}

/** `building image  step 3 of 9` and so on: what a running step does now. */
export function runningLine(step: PlanStep, progress: StepProgress, now: number, paint: Paint, width: number): string {
  const { doing } = verbs[step.kind];
  const time = progress.startedAt === undefined ? '' : duration(now - Date.parse(progress.startedAt));
  const percent = progress.fraction === undefined ? '' : ` ${Math.floor(progress.fraction * 100)} %`;
  // A line that wraps would be two lines to take back.
  const head = oneLine(`${doing} ${step.target}${percent}`, width - time.length - 6);
  const room = width - head.length - time.length - 8;
  const message = progress.message === undefined || room < 8 ? '' : oneLine(progress.message, room);
  const rest = [time, message].filter((part) => part !== '').map((part) => `  ${paint('dim', part)}`);
  return `${paint('blue', '◐')} ${head}${rest.join('')}`;
}

const interval = 5000;

/** For files and pipes: a line when a slow step begins, at most one every 5 s for what it is doing, one when it ends. */
export function plainProgress(io: Io, now: () => number = Date.now): ProgressView {
  const spoken = new Map<string, { state: StepState; at: number; message: string | undefined }>();
  return {
    update: (operation, change) => {
      const step = operation.steps.find(({ id }) => id === change.step);
      if (step === undefined) return;
      const last = spoken.get(step.id);
      const said = { state: change.state, at: now(), message: change.message };
      if (last?.state !== change.state) {
        const line =
          change.state === 'running'
            ? slowKinds.has(step.kind)
              ? `${io.paint('blue', '◐')} ${verbs[step.kind].doing} ${step.target}  ${io.paint('dim', oneLine(step.cause))}`
              : undefined
            : endLine(step, change, io.paint);
        if (line !== undefined) io.say(line);
        spoken.set(step.id, said);
        return;
      }
      if (change.state !== 'running' || change.message === undefined || change.message === last.message) return;
      if (said.at - last.at < interval) return;
      spoken.set(step.id, said);
      io.say(`  ${step.target}: ${io.paint('dim', oneLine(change.message, 160))}`);
    },
    end: () => undefined,
  };
}

/** For a terminal: what has ended scrolls up, what runs is drawn below it, ten times a second at most. */
export function liveProgress(io: Io, write: (text: string) => void, now: () => number = Date.now): ProgressView {
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;
  let latest: Operation | undefined;
  let pending: string[] = [];
  const ended = new Set<string>();

  const erase = () => (drawn === 0 ? '' : `\u001b[${drawn}A\u001b[0J`);
  const draw = () => {
    timer = undefined;
    if (latest === undefined) return;
    const width = io.columns();
    const running = latest.steps.flatMap((step) => {
      const progress = latest?.progress[step.id];
      return progress?.state === 'running' ? [runningLine(step, progress, now(), io.paint, width)] : [];
    });
    const waiting = latest.steps.filter(({ id }) => latest?.progress[id]?.state === 'waiting').length;
    const room = Math.max(1, io.rows() - 3);
    const shown = running.slice(0, room);
    const more = running.length - shown.length + waiting;
    const foot = more === 0 ? [] : [io.paint('dim', `  ${more} more to do`)];
    const lines = [...shown, ...foot];
    write(`${erase()}${[...pending, ...lines].map((line) => `${line}\n`).join('')}`);
    pending = [];
    drawn = lines.length;
    // The clock of a step that is silent for long goes on.
    if (shown.length > 0) timer = setTimeout(draw, 1000);
  };

  let lastDraw = 0;
  const soon = () => {
    const wait = Math.max(0, lastDraw + 100 - now());
    clearTimeout(timer);
    timer = setTimeout(() => {
      lastDraw = now();
      draw();
    }, wait);
  };

  return {
    update: (operation, change) => {
      latest = operation;
      const step = operation.steps.find(({ id }) => id === change.step);
      const line = step === undefined ? undefined : endLine(step, change, io.paint);
      if (line !== undefined && !ended.has(change.step)) {
        ended.add(change.step);
        pending.push(line);
      }
      soon();
    },
    end: () => {
      clearTimeout(timer);
      write(`${erase()}${pending.map((line) => `${line}\n`).join('')}`);
      pending = [];
      drawn = 0;
      latest = undefined;
    },
  };
}
