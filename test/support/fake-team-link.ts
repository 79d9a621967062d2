import type { TeamLink } from '../../main/services/ports.ts';

/** Nobody answers, wherever it is asked. */
export const nobodyThere: TeamLink = {
  fetchCa: async () => ({ kind: 'unreachable', why: 'nobody is there' }),
  request: async () => ({ kind: 'unreachable', why: 'nobody is there' }),
  open: async () => ({ kind: 'unreachable', why: 'nobody is there' }),
};
