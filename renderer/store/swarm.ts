import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppError } from '../../preload/contract/errors.ts';
import type { EngineId } from '../../preload/contract/model.ts';
import type { SwarmPatch, SwarmState } from '../../preload/contract/swarm.ts';
import { applySwarmPatch, unseenSwarm } from '../../preload/contract/swarm-state.ts';
import type { Client } from '../client/client.ts';
import { type After, followPatches } from '../client/live-stream.ts';

/** The Swarm of the engine that the Team page is about. */
export interface Swarm extends SwarmState {
  readonly engine: EngineId | undefined;
  /** Why nothing new arrives, while the last known state stays on the screen. */
  readonly trouble: AppError | undefined;
}
export interface SwarmActions {
  /** As long as somebody looks at it; returns how to stop. What is known of this engine stays. */
  readonly follow: (engine: EngineId) => () => void;
}
export type SwarmStore = StoreApi<Swarm> & { readonly actions: SwarmActions };

export function createSwarmStore(client: Client, after: After): SwarmStore {
  const store = createStore<Swarm>(() => ({ ...unseenSwarm, engine: undefined, trouble: undefined }));
  return Object.assign(store, {
    actions: {
      follow: (engine) => {
        if (store.getState().engine !== engine) store.setState({ ...unseenSwarm, engine, trouble: undefined });
        let state = unseenSwarm;
        const take = (next: SwarmState) => {
          state = next;
          // Looked at anew, the engine has not answered yet: what is known of it stays on the screen until it has.
          if (state.part.kind !== 'looking') store.setState(state);
        };
        return followPatches<SwarmState, SwarmPatch>(
          (on) => client.subscribe('swarm', { engine }, on),
          {
            onSnapshot: take,
            onPatches: (patches) => take(patches.reduce(applySwarmPatch, state)),
            onTrouble: (trouble) => store.setState({ trouble }),
          },
          after,
        );
      },
    } satisfies SwarmActions,
  });
}
