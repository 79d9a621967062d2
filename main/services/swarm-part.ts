import type { AppError } from '../../preload/contract/errors.ts';
import type { SwarmNode, SwarmPart } from '../../preload/contract/swarm.ts';
import { teamLabels } from '../core/swarm/membership.ts';
import type { TeamNode, TeamView } from './team/view.ts';

/** Pure. Which part an engine has in a Swarm, as the page is told. */
export function toSwarmPart({ self, source, notes, team, fingerprint, ...view }: TeamView): SwarmPart {
  if (self.state === 'inactive') return { kind: 'none' };
  const about = {
    ...(team === undefined ? {} : { team }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    address: self.address,
    hostname: self.hostname,
    managers: self.managers.map(({ address }) => address),
    source,
    notes: [...notes],
  };
  const problem = view.problem ?? (self.state === 'error' ? engineSays(self.problem) : undefined);
  if (problem !== undefined) return toTrouble(problem, about);
  if (self.state === 'pending') return { kind: 'joining', ...about };
  if (!self.manager || view.quorum === undefined) return { kind: 'worker', ...about };
  const { managers, reachable, needed } = view.quorum;
  return { kind: 'manager', ...about, autolock: view.autolock === true, quorum: { managers, reachable, needed } };
}

const engineSays = (problem: string): AppError => ({
  code: 'swarm.unreachable',
  message: problem === '' ? 'The engine is a member of a Swarm, and cannot take part in it.' : problem,
});

type About = Omit<Extract<SwarmPart, { kind: 'worker' }>, 'kind'>;

/** What stands in the way of looking, with what is known nevertheless. */
export function toTrouble(error: AppError, about: About): SwarmPart {
  const kind =
    error.code === 'swarm.locked' ? 'locked' : error.code === 'swarm.no-quorum' ? 'no-quorum' : ('failed' as const);
  return { kind, ...about, error };
}

/** What the part says besides its kind; of one that says nothing, nothing. */
export function aboutOf(part: SwarmPart): About {
  if (part.kind === 'looking' || part.kind === 'none') {
    return { address: '', hostname: '', managers: [], source: 'self', notes: [] };
  }
  const { team, fingerprint, address, hostname, managers, source, notes } = part;
  return {
    ...(team === undefined ? {} : { team }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...{ address, hostname, managers, source, notes },
  };
}

const ownLabels: ReadonlySet<string> = new Set(Object.values(teamLabels));

/** Pure. */
export const toSwarmNode = ({ manager, machine, ...node }: TeamNode): SwarmNode => ({
  id: node.id,
  hostname: node.hostname,
  address: node.address,
  role: node.role,
  availability: node.availability,
  state: node.state,
  message: node.message,
  leader: manager?.leader === true,
  ...(manager === undefined ? {} : { reachable: manager.reachable }),
  ...(machine === undefined ? {} : { machine }),
  engine: node.engine,
  platform: node.platform,
  labels: Object.fromEntries(Object.entries(node.labels).filter(([key]) => !ownLabels.has(key))),
  here: node.here,
});
