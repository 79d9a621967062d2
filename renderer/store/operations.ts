import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Frame } from '../../preload/contract/api.ts';
import type { Operation } from '../../preload/contract/model.ts';
import type { Client } from '../client/client.ts';
import type { After } from '../client/live-stream.ts';
import type { Schedule } from './live.ts';

export interface Operations {
  readonly byId: Readonly<Record<string, Operation>>;
}
export type OperationsStore = StoreApi<Operations>;

/** Pure. */
function applyOperationFrame(byId: Operations['byId'], frame: Frame<'operations'>): Operations['byId'] {
  switch (frame.kind) {
    case 'operation':
      return { ...byId, [frame.operation.id]: frame.operation };
    case 'progress': {
      const operation = byId[frame.operation];
      if (operation === undefined) return byId;
      const progress = { ...operation.progress, [frame.progress.step]: frame.progress };
      return { ...byId, [frame.operation]: { ...operation, progress } };
    }
    case 'dismissed': {
      const { [frame.operation]: _dismissed, ...rest } = byId;
      return rest;
    }
  }
}

/** Follows `operations`; like the live store it lets the page hear of changes once a frame. */
export function createOperationsStore(client: Client, schedule: Schedule, after: After): OperationsStore {
  const store = createStore<Operations>(() => ({ byId: {} }));
  let queue: Frame<'operations'>[] = [];
  let scheduled = false;
  let fresh = false;

  const flush = () => {
    scheduled = false;
    const frames = queue;
    queue = [];
    // The list is sent whole after each opening, so what was known before is forgotten then.
    const start = fresh ? {} : store.getState().byId;
    fresh = false;
    store.setState({ byId: frames.reduce(applyOperationFrame, start) });
  };
  const later = () => {
    if (scheduled) return;
    scheduled = true;
    schedule(flush);
  };
  const subscribe = () => {
    client.subscribe(
      'operations',
      {},
      {
        onOpen: () => {
          queue = [];
          fresh = true;
          later();
        },
        onFrame: (frame) => {
          queue.push(frame);
          later();
        },
        onEnd: () => after(1000, subscribe),
      },
    );
  };
  subscribe();
  return store;
}

export const isActive = (operation: Operation): boolean =>
  operation.state === 'running' || operation.state === 'cancelling';

/** The operation to show for a stack: the one that runs, otherwise the latest. */
export function selectOperation({ byId }: Operations, stack: string): Operation | undefined {
  return Object.values(byId)
    .filter((operation) => operation.stack === stack)
    .sort((a, b) => Number(isActive(b)) - Number(isActive(a)) || b.startedAt.localeCompare(a.startedAt))[0];
}

export const selectRunning = ({ byId }: Operations): readonly Operation[] =>
  Object.values(byId)
    .filter(isActive)
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt));

export interface OperationSummary {
  readonly done: number;
  readonly total: number;
  /** 0..1 over all steps; a running step counts with the fraction that the engine tells. */
  readonly fraction: number;
  /** The step to name: the failed one, otherwise the one that runs since longest. */
  readonly current: string | undefined;
}

/** Pure. */
export function summarize(operation: Operation): OperationSummary {
  const total = operation.steps.length;
  const progress = operation.steps.map((step) => operation.progress[step.id]);
  const done = progress.filter((step) => step?.state === 'done').length;
  const partial = progress.reduce((sum, step) => sum + (step?.state === 'running' ? (step.fraction ?? 0) : 0), 0);
  const running = progress
    .filter((step) => step?.state === 'running')
    .sort((a, b) => (a?.startedAt ?? '').localeCompare(b?.startedAt ?? ''));
  const failed = progress.find((step) => step?.state === 'failed');
  const current = failed?.step ?? running[0]?.step;
  return { done, total, fraction: total === 0 ? 1 : Math.min(1, (done + partial) / total), current };
}
