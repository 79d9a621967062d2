import { forTests } from '../support/for-tests.ts';
import { type SwarmLab, startSwarmLab } from '../support/swarm-lab.ts';
import { createSwarmStand, type SwarmStand } from '../support/swarm-stand.ts';

export interface LabStand {
  readonly lab: SwarmLab;
  /** At the first machine. */
  readonly stand: SwarmStand;
}

/** Machines that are one Swarm and a stand at the first of them, for all tests of the file that calls this at its top. */
export function standInSwarm(machines: { readonly nodes: number; readonly managers?: number }): LabStand {
  const lab = forTests(
    () => startSwarmLab({ nodes: machines.nodes }),
    (started) => started.down(),
  );
  const stand = forTests(
    async () => {
      await lab().form(machines);
      return createSwarmStand(lab().node(1));
    },
    (made) => made.close(),
  );
  return {
    get lab() {
      return lab();
    },
    get stand() {
      return stand();
    },
  };
}
