import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppError } from '../../preload/contract/errors.ts';
import { applyPatch, emptyLiveState } from '../../preload/contract/live-state.ts';
import type { Engine, LiveState, Service, Stack } from '../../preload/contract/model.ts';
import type { Patch } from '../../preload/contract/patch.ts';
import type { Client } from '../client/client.ts';
import { type After, followPatches } from '../client/live-stream.ts';

export interface Live extends LiveState {
  /** A snapshot has come at least once. */
  readonly ready: boolean;
  /** Why nothing new arrives, while the last known state stays on the screen. */
  readonly trouble: AppError | undefined;
}
export type LiveStore = StoreApi<Live>;
/** Runs once, at the next animation frame. */
export type Schedule = (run: () => void) => void;

/** Applies everything that arrived since the last frame in one go, so that subscribers hear one change. */
export function createLiveStore(client: Client, schedule: Schedule, after: After): LiveStore {
  const store = createStore<Live>(() => ({ ...emptyLiveState, ready: false, trouble: undefined }));
  let queue: Patch[] = [];
  let scheduled = false;

  const flush = () => {
    scheduled = false;
    const patches = queue;
    queue = [];
    if (patches.length === 0) return;
    const { engines, stacks, services } = store.getState();
    store.setState(patches.reduce(applyPatch, { engines, stacks, services }));
  };
  followPatches<LiveState, Patch>(
    (on) => client.subscribe('live', {}, on),
    {
      onSnapshot: (state) => {
        queue = [];
        store.setState({ ...state, ready: true });
      },
      onPatches: (patches) => {
        queue.push(...patches);
        if (scheduled) return;
        scheduled = true;
        schedule(flush);
      },
      onTrouble: (trouble) => store.setState({ trouble }),
    },
    after,
  );
  return store;
}

const byTitle = (a: Stack, b: Stack) =>
  Number(b.kind === 'local') - Number(a.kind === 'local') || a.title.localeCompare(b.title) || a.id.localeCompare(b.id);

/** Engines as people expect them: the preferred one first, then by title. */
export const selectEngines = (live: LiveState): readonly Engine[] =>
  Object.values(live.engines).sort(
    (a, b) => Number(b.preferred) - Number(a.preferred) || a.title.localeCompare(b.title) || a.id.localeCompare(b.id),
  );

/** Stack ids in the order of the sidebar: engine by engine, ours first, then by title; never by state. */
export function selectStackOrder(live: LiveState): readonly string[] {
  const stacks = Object.values(live.stacks);
  const known = selectEngines(live).map((engine) => engine.id);
  const engines = [...known, ...new Set(stacks.map((stack) => stack.engine).filter((id) => !known.includes(id)))];
  return engines.flatMap((engine) =>
    stacks
      .filter((stack) => stack.engine === engine)
      .sort(byTitle)
      .map((stack) => stack.id),
  );
}

/** The services of a stack that are known, in the stack's own order. */
export const selectServices = (live: LiveState, stack: string): readonly Service[] =>
  (live.stacks[stack]?.services ?? []).flatMap((id) => live.services[id] ?? []);

/** The engine to speak of when no stack is selected. */
export const selectPreferredEngine = (live: LiveState): Engine | undefined => selectEngines(live)[0];
