import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppError } from '../../preload/contract/errors.ts';
import {
  applyServicesPatch,
  type ServicesPatch,
  type TeamServicesState,
  unseenServices,
} from '../../preload/contract/team-services.ts';
import type { Client } from '../client/client.ts';
import { type After, followPatches } from '../client/live-stream.ts';

/** The team's services, through this user's link to them. */
export interface TeamServices extends TeamServicesState {
  /** Why nothing new arrives, while the last known state stays on the screen. */
  readonly trouble: AppError | undefined;
}
export interface TeamServicesActions {
  /** As long as somebody looks at it; returns how to stop. What is known stays. */
  readonly follow: () => () => void;
}
export type TeamServicesStore = StoreApi<TeamServices> & { readonly actions: TeamServicesActions };

export function createTeamServicesStore(client: Client, after: After): TeamServicesStore {
  const store = createStore<TeamServices>(() => ({ ...unseenServices, trouble: undefined }));
  return Object.assign(store, {
    actions: {
      follow: () => {
        let state = unseenServices;
        const take = (next: TeamServicesState) => {
          state = next;
          // Nothing has been read yet: what was known before stays on the screen until it has.
          if (state.link.kind !== 'looking') store.setState({ ...state, trouble: store.getState().trouble }, true);
        };
        return followPatches<TeamServicesState, ServicesPatch>(
          (on) => client.subscribe('teamServices', {}, on),
          {
            onSnapshot: take,
            onPatches: (patches) => take(patches.reduce(applyServicesPatch, state)),
            onTrouble: (trouble) => store.setState({ trouble }),
          },
          after,
        );
      },
    } satisfies TeamServicesActions,
  });
}
