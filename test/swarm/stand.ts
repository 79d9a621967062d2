import { afterAll, beforeAll } from 'vitest';
import { type SwarmLab, startSwarmLab } from '../support/swarm-lab.ts';
import { createSwarmStand, type SwarmStand } from '../support/swarm-stand.ts';

export interface LabStand {
  readonly lab: SwarmLab;
  /** At the first machine. */
  readonly stand: SwarmStand;
}

/** Machines that are one Swarm and a stand at the first of them, for all tests of the file that calls this at its top. */
export function standInSwarm(machines: { readonly nodes: number; readonly managers?: number }): LabStand {
  let lab: SwarmLab | undefined;
  let stand: SwarmStand | undefined;
  beforeAll(async () => {
    lab = await startSwarmLab({ nodes: machines.nodes });
    await lab.form(machines);
    stand = await createSwarmStand(lab.node(1));
  });
  afterAll(async () => {
    await stand?.close();
    await lab?.down();
  });
  const present = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('It is there only while tests run.');
    return part;
  };
  return {
    get lab() {
      return present(lab);
    },
    get stand() {
      return present(stand);
    },
  };
}
