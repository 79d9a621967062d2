import type { SwarmPatch, SwarmState } from './swarm.ts';

export const unseenSwarm: SwarmState = { part: { kind: 'looking' }, nodes: {}, services: {} };

/** Pure. Entities a patch does not name keep their identity. */
export function applySwarmPatch(state: SwarmState, change: SwarmPatch): SwarmState {
  switch (change.op) {
    case 'put-part':
      return { ...state, part: change.value };
    case 'put-node':
      return { ...state, nodes: { ...state.nodes, [change.value.id]: change.value } };
    case 'put-service':
      return { ...state, services: { ...state.services, [change.value.id]: change.value } };
    case 'drop': {
      const { [change.id]: _dropped, ...rest } = state[change.kind];
      return { ...state, [change.kind]: rest };
    }
  }
}
