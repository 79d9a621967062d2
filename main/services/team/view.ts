import type { AppError } from '../../../preload/contract/errors.ts';
import { AppFailure } from '../../core/app-failure.ts';
import { hostOf, movedAway } from '../../core/swarm/addresses.ts';
import type { Heard } from '../../core/swarm/hearing.ts';
import { isDueForRotation, parseIssued } from '../../core/swarm/issued.ts';
import { parseJoinToken, toFingerprint } from '../../core/swarm/join-token.ts';
import { type SwarmNode, type SwarmSelf, teamLabels, toMachineRole } from '../../core/swarm/membership.ts';
import { leaderless, noQuorum, type Quorum } from '../../core/swarm/quorum.ts';
import type { SwarmMembership } from '../ports.ts';
import { quorumOf, type TeamContext, type TeamEngine } from './context.ts';
import { whoAnswers } from './heard.ts';
import { type ListedInvite, toListed } from './invites.ts';
import type { TeamRecord } from './records.ts';

export interface TeamNode extends Omit<SwarmNode, 'labels'> {
  readonly labels: Readonly<Record<string, string>>;
  readonly machine?: 'server' | 'laptop';
  /** This engine. */
  readonly here: boolean;
}

/** The team as far as this machine can know it; never empty for a member. */
export interface TeamView {
  readonly engine: string;
  readonly member: boolean;
  readonly self: SwarmSelf;
  readonly team?: string;
  readonly fingerprint?: string;
  readonly encrypted?: boolean;
  readonly autolock?: boolean;
  readonly quorum?: Quorum;
  readonly nodes: readonly TeamNode[];
  /** Where `nodes` comes from: a manager here, one through the invite's endpoint, or only this node's own knowledge. */
  readonly source: 'manager' | 'endpoint' | 'self';
  readonly invites: readonly ListedInvite[];
  /** Addresses of the machines that this engine hears, where it can tell. */
  readonly heard?: readonly string[];
  /** The Swarm knows this machine by an address that it no longer has; `now` is empty while it is on no network. */
  readonly moved?: { readonly known: string; readonly now: readonly string[]; readonly says: string };
  /** Why the Swarm could not be looked at. */
  readonly problem?: AppError;
  /** What is worth knowing or doing, in sentences. */
  readonly notes: readonly string[];
}

export async function viewTeam(context: TeamContext, { engine: wanted }: { engine?: string }): Promise<TeamView> {
  const engine = await context.engineOf(wanted);
  const record = await context.records.of(engine.id);
  const { self, problem } = await lookAtSelf(engine.swarm, record);
  const moved = await findMove(context, engine, self, record);
  const base = {
    engine: engine.id,
    member: self.state !== 'inactive',
    self,
    nodes: [],
    source: 'self' as const,
    invites: [],
    ...(record === undefined || self.state === 'inactive'
      ? {}
      : { team: record.team, fingerprint: toFingerprint(record.caDigest) }),
    ...(moved === undefined ? {} : { moved }),
  };
  if (self.state === 'inactive') return { ...base, notes: [] };
  if (self.state === 'locked') return { ...base, ...ownKnowledge(recalled(self, record), { problem: lockedError }) };
  if (problem !== undefined)
    return { ...base, ...ownKnowledge(self, { problem, heard: await whoAnswers(context, engine) }) };
  if (self.manager) {
    const seen = await askManager(context, engine, self);
    await rememberManagers(context, record, seen);
    return { ...base, ...seen };
  }
  return { ...base, ...(await askElsewhere(context, self, record, await engine.swarm.heard())) };
}

/** A manager without a leader does not even tell about itself; what is remembered of it stands in. */
async function lookAtSelf(
  swarm: SwarmMembership,
  record: TeamRecord | undefined,
): Promise<{ readonly self: SwarmSelf; readonly problem?: AppError }> {
  try {
    return { self: await swarm.self() };
  } catch (error) {
    if (!(error instanceof AppFailure) || error.error.code !== 'swarm.no-quorum' || record === undefined) throw error;
    const managers = record.managers.map((address) => ({ id: address, address }));
    const silent = {
      state: 'error',
      nodeId: '',
      address: '',
      manager: true,
      problem: '',
      managers,
      hostname: '',
      product: '',
      rootDir: '',
    } as const;
    return { self: recalled(silent, record), problem: error.error };
  }
}

/** For a day on which none of them can be asked. */
async function rememberManagers({ records }: TeamContext, record: TeamRecord | undefined, seen: Seen): Promise<void> {
  const managers = seen.nodes.flatMap(({ manager }) => (manager === undefined ? [] : [manager.address])).sort();
  const known = record?.managers.toSorted().join();
  if (record === undefined || managers.length === 0 || managers.join() === known || seen.source !== 'manager') return;
  await records.keep({ ...record, managers });
}

const lockedError: AppError = {
  code: 'swarm.locked',
  message: 'The Swarm’s keys on this manager are locked, as after every restart with autolock on.',
  hint: '`claude-env team unlock` takes the key from the keychain, or asks for it.',
};

const movedText = (team: string, known: string, now: readonly string[], program: string): string =>
  now.length === 0
    ? `${team} knows this machine as ${known}, and it has no address now: it is on no network.`
    : `${team} knows this machine as ${known}, now ${now.join(', ')}. \`${program} team rejoin\` joins again and keeps its labels.`;

/** Only for an address that was this machine's own when it joined: behind NAT, or in a virtual machine, it never is. */
async function findMove(
  { network, program }: TeamContext,
  engine: TeamEngine,
  self: SwarmSelf,
  record: TeamRecord | undefined,
): Promise<TeamView['moved']> {
  if (!engine.local || self.state === 'inactive' || record?.address === undefined) return undefined;
  if (record.nodeId !== self.nodeId || record.address !== self.address) return undefined;
  const now = movedAway(self.address, await network.addresses());
  return now === undefined
    ? undefined
    : { known: self.address, now, says: movedText(record.team, self.address, now, program) };
}

const toTeamNode =
  (hereId: string) =>
  (node: SwarmNode): TeamNode => {
    const machine = toMachineRole(node.labels);
    return { ...node, here: node.id === hereId, ...(machine === undefined ? {} : { machine }) };
  };

type Seen = Pick<TeamView, 'nodes' | 'source' | 'notes'> & Partial<TeamView>;

async function askManager(
  { clock, program, asHeard, network }: TeamContext,
  { id, swarm, local }: Pick<TeamEngine, 'id' | 'swarm' | 'local'>,
  self: SwarmSelf,
): Promise<Seen> {
  try {
    const [state, listed, heard] = await Promise.all([swarm.swarm(), swarm.nodes(), swarm.heard()]);
    const now = clock.now();
    const nodes = await asHeard(id, listed, heard);
    const issued = parseIssued(state.labels[teamLabels.invites]);
    const due = (['worker', 'manager'] as const).filter((role) => isDueForRotation(issued, role, now));
    const quorum = quorumOf(nodes);
    const team = state.labels[teamLabels.team];
    const encrypted = state.labels[teamLabels.encrypted];
    return {
      ...(team === undefined ? {} : { team }),
      ...(encrypted === undefined ? {} : { encrypted: encrypted === 'true' }),
      fingerprint: toFingerprint(parseJoinToken(state.tokens.worker)?.caDigest ?? ''),
      autolock: state.autolock,
      quorum,
      nodes: nodes.map(toTeamNode(self.nodeId)),
      source: 'manager',
      ...(heard === undefined ? {} : { heard }),
      ...(quorum.state === 'lost' ? { problem: noQuorum(quorum) } : {}),
      invites: issued.map((invite) => toListed(invite, now)),
      notes: [
        ...due.map(
          (role) =>
            `All invites for ${role}s have expired; \`${program} team rotate ${role}\` makes their token worthless, too.`,
        ),
        ...(quorum.state === 'at-risk'
          ? [
              `Of ${quorum.managers} managers ${quorum.reachable} answer and ${quorum.needed} are needed: one more that goes, and nothing can be changed.`,
            ]
          : []),
      ],
    };
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    return ownKnowledge(self, {
      problem: error.error,
      heard: await whoAnswers({ clock, network }, { local, swarm }),
    });
  }
}

/** A worker: through the endpoint that the invite named, otherwise what its own engine knows. */
async function askElsewhere(
  context: TeamContext,
  self: SwarmSelf,
  record: TeamRecord | undefined,
  heard: Heard,
): Promise<Seen> {
  const managers = self.managers.map(({ address }) => address).join(', ');
  const more =
    record?.see === undefined
      ? `This is a worker: only managers (${managers}) see the whole team. An operator with a login there sees it with --engine and a docker context, or gives an invite with --see.`
      : undefined;
  if (record?.see !== undefined) {
    try {
      const manager = await context.managerAt(record.see);
      const there = await manager.self();
      const seen = await askManager(context, { id: record.see, swarm: manager, local: false }, there);
      return {
        ...seen,
        source: seen.problem === undefined ? 'endpoint' : 'self',
        nodes: seen.nodes.map((node) => ({ ...node, here: node.id === self.nodeId })),
      };
    } catch (error) {
      if (!(error instanceof AppFailure)) throw error;
      return ownKnowledge(self, { problem: error.error, heard });
    }
  }
  const ill = self.problem === '' ? [] : [`The engine says: ${self.problem}`];
  return ownKnowledge(self, { notes: [...ill, ...(more === undefined ? [] : [more])], heard });
}

/** A locked manager tells nothing of the Swarm, not even who it is itself. */
const recalled = (self: SwarmSelf, record: TeamRecord | undefined): SwarmSelf =>
  record === undefined || self.nodeId !== ''
    ? self
    : { ...self, nodeId: record.nodeId, address: record.address ?? '', manager: record.role === 'manager' };

const unknown = {
  labels: {},
  changedAt: 0,
  engine: '',
  platform: '',
  cpus: 0,
  memoryBytes: 0,
  message: '',
  availability: 'active',
} as const;

interface OwnKnowledge {
  readonly problem?: AppError;
  readonly notes?: readonly string[];
  readonly heard?: Heard;
}

/** This node and the managers it knows: of those it can at most say whether it hears them. */
function ownKnowledge(self: SwarmSelf, { problem, notes = [], heard }: OwnKnowledge): Seen {
  const managers = self.managers.map(({ address }) => address);
  const found = problem?.code === 'swarm.no-quorum' ? leaderless(managers, heard) : problem;
  const stateOf = (host: string): TeamNode['state'] =>
    heard === undefined ? 'unknown' : heard.includes(host) ? 'ready' : 'disconnected';
  const others = self.managers.filter(({ id }) => id !== self.nodeId);
  const nodes: readonly TeamNode[] = [
    {
      ...unknown,
      id: self.nodeId,
      hostname: self.hostname,
      address: self.address,
      role: self.manager ? 'manager' : 'worker',
      state: self.state === 'active' ? 'ready' : 'unknown',
      here: true,
    },
    ...others.map(({ id, address }) => ({
      ...unknown,
      id,
      hostname: '',
      address: hostOf(address),
      role: 'manager' as const,
      state: stateOf(hostOf(address)),
      here: false,
    })),
  ];
  return {
    notes,
    nodes,
    source: 'self',
    ...(found === undefined ? {} : { problem: found }),
    ...(heard === undefined ? {} : { heard }),
  };
}
