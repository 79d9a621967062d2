import { type swarmDataMethods, triedPort } from '../../preload/contract/swarm-data.ts';
import { volumeBackup } from '../../preload/contract/volume-backup.ts';
import { locateProblems } from '../core/plan/problem.ts';
import type { Services } from '../services/services.ts';
import type { ServiceHandlers } from './handlers.ts';

type SwarmDataHandlers = Pick<ServiceHandlers, keyof typeof swarmDataMethods>;

/** Copies of a stack's volumes, and its ports. What the contract does not name stays here. */
export const createSwarmDataHandlers = ({ swarm }: Services): SwarmDataHandlers => ({
  'swarm.backups': async ({ stack }) => {
    const all = await swarm.backups.list();
    return { backups: volumeBackup.array().parse(all.filter((one) => one.stack === stack)) };
  },
  'swarm.removeBackup': async ({ backup }) => {
    await swarm.backups.remove(backup);
    return {};
  },
  'swarm.tryPorts': async ({ engine, stack }) => {
    const { ports, findings } = await swarm.tryPorts({ engine, project: stack });
    return { ports: triedPort.array().parse(ports), findings: [...locateProblems(findings, undefined)] };
  },
});
