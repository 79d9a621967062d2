import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import type { EngineSignal } from '../../main/core/seen.ts';
import type { SwarmNode, SwarmSelf } from '../../main/core/swarm/membership.ts';
import { teamLabels } from '../../main/core/swarm/membership.ts';
import type { SwarmMembership } from '../../main/services/ports.ts';
import { createTeamService } from '../../main/services/team/index.ts';
import type { MoveNotice } from '../../main/services/team/watch.ts';
import { memberNode, memberSelf } from '../support/builders-swarm.ts';
import { realEngineOnly } from '../support/fake-conversations.ts';
import { createFakeEngine } from '../support/fake-engine.ts';
import {
  createFakeClock,
  createFakeFiles,
  createFakeIds,
  createFakeKeychain,
  createFakeLog,
  createFakeState,
} from '../support/fake-engine-world.ts';
import { createFakeNetwork, noSwarmFiles } from '../support/fake-network.ts';
import { nobodyThere } from '../support/fake-team-link.ts';

/* Decisions of the team's services that no lab can be brought to make on demand; everything else is tried in test/swarm. */

const self = memberSelf({ product: 'Debian', rootDir: '/var/lib/docker' });
const manager = (id: string, reachable: boolean): SwarmNode =>
  memberNode({ id, hostname: id, role: 'manager', manager: { leader: false, reachable, address: `${id}:2377` } });
const home = [{ name: 'eth0', address: '10.77.0.3', family: 4 as const }];
const cafe = [{ name: 'wlan0', address: '192.168.1.20', family: 4 as const }];

function prepare(options: {
  readonly membership?: Partial<SwarmMembership>;
  readonly record?: Readonly<Record<string, unknown>>;
  readonly self?: Partial<SwarmSelf>;
}) {
  const fake = createFakeEngine();
  const clock = createFakeClock();
  const network = createFakeNetwork(home);
  const changes: string[] = [];
  const listeners = new Set<(signal: EngineSignal) => void>();
  let seen = { ...self, ...options.self };
  const membership: SwarmMembership = {
    ...realEngineOnly.membership,
    self: async () => seen,
    changeNode: async (id) => void changes.push(`change ${id}`),
    leave: async () => void changes.push('leave'),
    ...options.membership,
  };
  const record = {
    engine: fake.id,
    nodeId: 'me',
    team: 'Falcon',
    caDigest: 'ab'.repeat(32),
    role: 'worker',
    machine: 'laptop',
    managers: ['10.77.0.2:2377'],
    address: '10.77.0.3',
    joinedAt: 0,
    ...options.record,
  };
  const watch = (listener: (signal: EngineSignal) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const team = createTeamService({
    engines: { ...fake.engines, get: () => ({ ...fake.connection, membership, watch }) },
    state: createFakeState({ teams: { version: 1, teams: [record] } }),
    clock,
    ids: createFakeIds(),
    files: createFakeFiles({}),
    log: createFakeLog().log,
    keychain: createFakeKeychain(),
    network,
    teamLink: nobodyThere,
    swarmFiles: noSwarmFiles,
    settings: { get: async () => ({ theme: 'system', build: {} }) },
    program: 'claude-env',
  });
  return {
    team,
    clock,
    network,
    changes,
    /** The engine says that something of this type happened. */
    signal: (type: 'container' | 'network') => {
      for (const listener of listeners)
        listener({ kind: 'event', event: { type, action: 'create', id: 'x', attributes: {}, timeNano: '1' } });
    },
    /** What the engine says of itself from now on. */
    move: (change: Partial<SwarmSelf>) => {
      seen = { ...seen, ...change };
    },
  };
}

const refusal = async (asked: Promise<unknown>): Promise<string> => {
  try {
    await asked;
    return 'accepted';
  } catch (error) {
    return error instanceof AppFailure ? error.error.code : String(error);
  }
};

describe('a machine that moves', () => {
  const watch = async (options: Parameters<typeof prepare>[0]) => {
    const world = prepare(options);
    const notices: (Pick<NonNullable<MoveNotice['moved']>, 'known' | 'now'> | undefined)[] = [];
    const onNotice = ({ moved }: MoveNotice) =>
      void notices.push(moved === undefined ? undefined : { known: moved.known, now: moved.now });
    const stop = new AbortController();
    const watching = world.team.watchMoves({ onNotice }, stop.signal);
    await world.clock.advance(0);
    const end = () => {
      stop.abort();
      return watching;
    };
    return { ...world, notices, end };
  };

  it('is told once a move, however many addresses come and go', async () => {
    const { network, clock, notices, end } = await watch({});
    for (let burst = 0; burst < 20; burst += 1) {
      network.move(burst % 2 === 0 ? [] : cafe);
      await clock.advance(100);
    }
    await clock.advance(5000);
    network.move([...cafe, { name: 'wlan0', address: 'fe80::1', family: 6 }]);
    await clock.advance(5000);
    network.move(home);
    await clock.advance(5000);
    expect(notices).toEqual([undefined, { known: '10.77.0.3', now: ['192.168.1.20'] }, undefined]);
    await end();
  });

  it('is told where it is when it has an address again, and nothing while it has none', async () => {
    const { network, clock, notices, end } = await watch({});
    for (const addresses of [[], home, [], cafe, [], cafe]) {
      network.move(addresses);
      await clock.advance(5000);
    }
    expect(notices).toEqual([undefined, { known: '10.77.0.3', now: ['192.168.1.20'] }]);
    await end();
  });

  it('is told that it is over when the engine has joined again by other means, which changes no address', async () => {
    const { network, clock, notices, end, signal, move } = await watch({});
    network.move(cafe);
    await clock.advance(5000);
    signal('container');
    move({ nodeId: 'another', address: '192.168.1.20' });
    await clock.advance(5000);
    expect(notices).toHaveLength(2);
    signal('network');
    await clock.advance(5000);
    expect(notices).toEqual([undefined, { known: '10.77.0.3', now: ['192.168.1.20'] }, undefined]);
    await end();
  });

  it.each([
    ['whose address was never its own, as behind NAT', { record: { address: undefined } }],
    ['that left and joined by other means meanwhile', { record: { nodeId: 'another' } }],
  ])('is not alarmed: one %s', async (_what, options) => {
    const { network, clock, notices, end } = await watch(options);
    network.move(cafe);
    await clock.advance(5000);
    expect(notices).toEqual([undefined]);
    await end();
  });

  it('does not leave before it has what it needs to join again', async () => {
    const { team, changes } = prepare({});
    expect(await refusal(team.rejoin({ probe: false }))).toBe('swarm.invite-invalid');
    expect(changes).toEqual([]);
  });

  it('does not leave as a manager: the others would have to agree', async () => {
    const { team, changes } = prepare({ self: { manager: true } });
    expect(await refusal(team.rejoin({ probe: false }))).toBe('swarm.refused');
    expect(changes).toEqual([]);
  });
});

describe('without quorum', () => {
  const nodes = async () => [manager('a', true), manager('b', false), manager('c', false)];
  const lost = { self: { manager: true }, membership: { nodes } };

  it('changes are refused before the engine is made to wait', async () => {
    const { team, changes } = prepare(lost);
    const which = { node: 'b' };
    expect(await refusal(team.changeNode(which, { kind: 'drain' }))).toBe('swarm.no-quorum');
    expect(await refusal(team.removeNode({ ...which, force: true }))).toBe('swarm.no-quorum');
    expect(await refusal(team.invite({ role: 'worker', machine: 'laptop', lasts: 60 }))).toBe('swarm.no-quorum');
    expect(changes).toEqual([]);
  });

  it('the view says so, and still shows the nodes', async () => {
    const swarm = async () => ({
      id: 's',
      labels: { [teamLabels.team]: 'Falcon' },
      autolock: false,
      rootCa: '',
      tokens: { worker: '', manager: '' },
      dataPathPort: 4789,
      addressPools: [],
    });
    const { team } = prepare({ self: { manager: true }, membership: { nodes, swarm } });
    const view = await team.view({});
    expect(view.problem?.code).toBe('swarm.no-quorum');
    expect(view.nodes).toHaveLength(3);
  });
});

describe('a worker', () => {
  it('sees itself and the managers it knows, and how to see more', async () => {
    const view = await prepare({}).team.view({});
    expect(view).toMatchObject({ member: true, team: 'Falcon', source: 'self' });
    expect(view.nodes.map(({ id, state }) => [id, state])).toEqual([
      ['me', 'ready'],
      ['boss', 'unknown'],
    ]);
    expect(view.notes.join()).toContain('10.77.0.2:2377');
  });

  it('is never promoted by looking', async () => {
    const { team, changes } = prepare({ record: { see: 'context:nowhere' } });
    await team.view({});
    expect(changes).toEqual([]);
  });
});
