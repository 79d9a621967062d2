import type { Frame } from '../../preload/contract/api.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import type { Drift } from '../../preload/contract/model.ts';
import { label } from '../core/plan/labels.ts';
import type { EngineEvent, EngineSignal } from '../core/seen.ts';
import type { Clock } from './ports.ts';

export interface FollowDrift {
  readonly project: string;
  readonly read: () => Promise<Drift>;
  /** A failure as data; what is a defect is logged there. */
  readonly encode: (error: unknown) => AppError;
  /** The engine's signals; returns how to stop. */
  readonly watch: (listener: (signal: EngineSignal) => void) => () => void;
  readonly clock: Clock;
  readonly onFrame: (frame: Frame<'drift'>) => void;
  readonly signal: AbortSignal;
}

/** An `up` makes events by the dozen: what it does is compared in one go after them, this often at most. */
const pause = 250;

/** Health, attempts to end something, and mounts as containers come and go change nothing that is compared. */
const silent = new Set(['health_status', 'kill', 'mount', 'unmount']);

/** Pure. Whether what differs can be another than before. Events of networks, volumes and images do not say whose they are. */
export function touches({ type, action, attributes }: EngineEvent, project: string): boolean {
  if (type === 'service' || type === 'node') return false;
  if (silent.has(action.split(':', 1)[0] ?? '')) return false;
  return type !== 'container' || attributes[label.project] === project;
}

/** Compares at once and after everything that happens on the engine to the project, until `signal` fires. */
export function followDrift({ project, read, encode, watch, clock, onFrame, signal }: FollowDrift): Promise<void> {
  return new Promise((resolve) => {
    let busy = false;
    let again = false;
    let callOff: (() => void) | undefined;

    const compare = async (): Promise<void> => {
      callOff = undefined;
      busy = true;
      again = false;
      const frame = await read().then(
        (drift): Frame<'drift'> => ({ kind: 'drift', drift }),
        (error: unknown): Frame<'drift'> => ({ kind: 'failed', error: encode(error) }),
      );
      busy = false;
      if (signal.aborted) return;
      onFrame(frame);
      if (again) later();
    };
    const later = (): void => {
      again = true;
      if (!busy && !signal.aborted) callOff ??= clock.after(pause, () => void compare());
    };
    const stop = watch((one) => {
      if (one.kind === 'gap' || touches(one.event, project)) later();
    });
    const end = (): void => {
      stop();
      callOff?.();
      resolve();
    };
    if (signal.aborted) return end();
    signal.addEventListener('abort', end, { once: true });
    void compare();
  });
}
