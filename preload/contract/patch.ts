import * as z from 'zod';
import { engine, type LiveState, service, stack } from './model.ts';

/** One change of the live state: a whole entity put, or one dropped. Entities are small; finer patches did not pay. */
export const patch = z.discriminatedUnion('op', [
  z.object({ op: z.literal('put-engine'), value: engine }),
  z.object({ op: z.literal('put-stack'), value: stack }),
  z.object({ op: z.literal('put-service'), value: service }),
  z.object({ op: z.literal('drop'), kind: z.enum(['engines', 'stacks', 'services']), id: z.string() }),
]);
export type Patch = z.infer<typeof patch>;

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
