import type { LiveState } from './model.ts';
import type { Patch } from './patch.ts';

export const emptyLiveState: LiveState = { engines: {}, stacks: {}, services: {} };

/** Pure. Entities a patch does not name keep their identity, so a selector on them does not fire. */
export function applyPatch(state: LiveState, change: Patch): LiveState {
  switch (change.op) {
    case 'put-engine':
      return { ...state, engines: { ...state.engines, [change.value.id]: change.value } };
    case 'put-stack':
      return { ...state, stacks: { ...state.stacks, [change.value.id]: change.value } };
    case 'put-service':
      return { ...state, services: { ...state.services, [change.value.id]: change.value } };
    case 'drop': {
      const { [change.id]: _dropped, ...rest } = state[change.kind];
      return { ...state, [change.kind]: rest };
    }
  }
}
