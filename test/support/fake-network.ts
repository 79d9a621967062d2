import { AppFailure } from '../../main/core/app-failure.ts';
import type { InterfaceAddress } from '../../main/core/swarm/addresses.ts';
import type { MachineNetwork, SwarmFiles } from '../../main/services/ports.ts';

export interface FakeNetwork extends MachineNetwork {
  /** Changes the machine's addresses and tells whoever watches. */
  readonly move: (addresses: readonly InterfaceAddress[]) => void;
}

/** A machine with the addresses that a test gives it, from which nobody is reached. */
export function createFakeNetwork(first: readonly InterfaceAddress[] = []): FakeNetwork {
  let now = first;
  const listeners = new Set<() => void>();
  return {
    addresses: async () => now,
    tcp: async () => 'silent',
    rootCa: async (host) => {
      throw new AppFailure({ code: 'swarm.unreachable', message: `Nobody is at ${host}.` });
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    move: (addresses) => {
      now = addresses;
      for (const listener of [...listeners]) listener();
    },
  };
}

/** A machine without a manager's folder. */
export const noSwarmFiles: SwarmFiles = {
  backUp: async (root) => {
    throw new AppFailure({ code: 'file.not-found', message: `${root} holds no Swarm that can be read.` });
  },
  isBackup: async () => false,
  restore: async () => ({}),
};
