import { AppFailure } from '../../core/app-failure.ts';
import type { SwarmNode, SwarmSelf } from '../../core/swarm/membership.ts';
import { noQuorum, type Quorum, toQuorum } from '../../core/swarm/quorum.ts';
import { chooseEngine, connectTo } from '../engine-choice.ts';
import type {
  Clock,
  EngineConnection,
  Engines,
  Files,
  Ids,
  Keychain,
  Log,
  MachineNetwork,
  StateStore,
  SwarmFiles,
  SwarmMembership,
  TeamLink,
} from '../ports.ts';
import { findProbeImage } from '../probe-image.ts';
import type { SettingsService } from '../settings.ts';
import { createHearings } from './heard.ts';
import { createTeamRecords, type TeamRecords } from './records.ts';

export interface TeamOptions {
  readonly engines: Engines;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly files: Files;
  readonly log: Log;
  readonly keychain: Keychain;
  readonly network: MachineNetwork;
  readonly teamLink: TeamLink;
  readonly swarmFiles: SwarmFiles;
  readonly settings: Pick<SettingsService, 'get'>;
  /** How this program is called in a terminal. */
  readonly program: string;
}

export interface TeamContext extends TeamOptions {
  readonly records: TeamRecords;
  /** The engine that is meant, connected. */
  readonly engineOf: (engine: string | undefined) => Promise<TeamEngine>;
  /** A manager's engine as an invite names it; throws when it does not answer. */
  readonly managerAt: (see: string) => Promise<SwarmMembership>;
  /** An engine's nodes as they are by whom it hears. */
  readonly asHeard: ReturnType<typeof createHearings>;
  /** An image with perl in it, which every Debian has, for tests of the overlay network. */
  readonly probeImage: (swarm: SwarmMembership) => Promise<string | undefined>;
}

export interface TeamEngine {
  readonly id: string;
  /** Runs on this machine, as far as its address tells. */
  readonly local: boolean;
  readonly connection: EngineConnection;
  readonly swarm: SwarmMembership;
}

export function createTeamContext(options: TeamOptions): TeamContext {
  const { engines, settings } = options;
  return {
    ...options,
    records: createTeamRecords(options),
    engineOf: async (wanted) => {
      const id = wanted ?? (await chooseEngine(engines));
      const connection = await connectTo(engines, id);
      const local = engines.list().find((engine) => engine.id === id)?.local !== false;
      return { id, local, connection, swarm: connection.membership };
    },
    managerAt: async (see) => {
      const id = see.startsWith('context:') ? contextId(see) : engines.reach(see);
      return (await connectTo(engines, id)).membership;
    },
    asHeard: createHearings(options),
    probeImage: (swarm) => findProbeImage(swarm, settings),
  };
}

/** Engine ids have no `+`, which names of contexts may have. */
const contextId = (see: string): string =>
  `context:${see.slice('context:'.length).replaceAll(/[^A-Za-z0-9._-]/g, '_')}`;

export const refuse = (message: string, hint: string): AppFailure =>
  new AppFailure({ code: 'swarm.refused', message, hint });

/** Throws what stands in the way of asking this engine about its Swarm. */
export function mustBeManager(self: SwarmSelf): void {
  if (self.state === 'locked') {
    throw new AppFailure({
      code: 'swarm.locked',
      message: 'The Swarm’s keys on this manager are locked, as after every restart with autolock on.',
      hint: '`claude-env team unlock` takes the key from the keychain, or asks for it.',
    });
  }
  if (self.state === 'inactive') throw notMember();
  if (!self.manager) {
    throw new AppFailure({
      code: 'swarm.not-manager',
      message: `${self.hostname} is a worker: only managers can do this.`,
      hint: `Run it on a manager (${self.managers.map(({ address }) => address).join(', ')}), or choose its engine with --engine.`,
    });
  }
}

export const notMember = (): AppFailure =>
  new AppFailure({
    code: 'swarm.not-member',
    message: 'This engine belongs to no Swarm.',
    hint: 'Join one with an invite (`claude-env team join`), or make one (`claude-env team create`).',
  });

/**
 * Before every change: a leader that has just lost its followers still answers questions for some seconds, but a change makes
 * it wait, and its engine with it. Seen on 20.10: GET /info hung for ten seconds behind such a change.
 */
export function mustHaveQuorum(nodes: readonly SwarmNode[]): Quorum {
  const quorum = quorumOf(nodes);
  if (quorum.state === 'lost') throw new AppFailure(noQuorum(quorum));
  return quorum;
}

export const quorumOf = (nodes: readonly SwarmNode[]): Quorum =>
  toQuorum(nodes.flatMap(({ manager }) => (manager === undefined ? [] : [manager])));

/** By host name, or by the beginning of an id. */
export function findNode(nodes: readonly SwarmNode[], wanted: string): SwarmNode {
  const named = nodes.filter(({ hostname }) => hostname === wanted);
  const found = named.length > 0 ? named : wanted === '' ? [] : nodes.filter(({ id }) => id.startsWith(wanted));
  const [first, ...others] = found;
  if (first === undefined) {
    throw new AppFailure({
      code: 'swarm.node-not-found',
      message: `There is no node “${wanted}”.`,
      hint: `There are ${nodes.map(({ hostname }) => hostname).join(', ')}.`,
    });
  }
  if (others.length > 0) {
    throw new AppFailure({
      code: 'swarm.node-not-found',
      message: `${found.length} nodes are called ${wanted}.`,
      hint: `Name one by its id: ${found.map(({ id, state }) => `${id.slice(0, 12)} (${state})`).join(', ')}.`,
    });
  }
  return first;
}
