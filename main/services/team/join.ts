import { AppFailure } from '../../core/app-failure.ts';
import {
  decodeInvite,
  type Invite,
  type MachineRole,
  type SwarmInvite,
  type SwarmRole,
} from '../../core/swarm/invite.ts';
import { parseJoinToken, toFingerprint } from '../../core/swarm/join-token.ts';
import { type ProbeVerdict, type SwarmSelf, teamLabels } from '../../core/swarm/membership.ts';
import { checkServices } from '../team-services/check.ts';
import { chooseAdvertised } from './address.ts';
import type { TeamContext, TeamEngine } from './context.ts';
import { inviteAccount } from './records.ts';

/** What an invite says, for whoever is to decide; without what is secret in it. */
export interface InviteFacts {
  readonly team: string;
  readonly expires: string;
  /** Of an invite that lets a machine into the Swarm; `managers` is empty without. */
  readonly role?: SwarmRole;
  readonly machine?: MachineRole;
  readonly managers: readonly string[];
  readonly fingerprint?: string;
  readonly see?: string;
  /** Of an invite that lets a person into the team's services. */
  readonly services?: { readonly addresses: readonly string[]; readonly fingerprint: string };
  /** What joining means, in plain words. */
  readonly means: readonly string[];
}

export interface ReachCheck {
  readonly what: string;
  readonly status: 'ok' | 'problem' | 'unknown';
  readonly found: string;
}

export interface Joined {
  readonly team: string;
  readonly role: SwarmRole;
  readonly nodeId: string;
  readonly hostname: string;
  readonly address: string;
  readonly warnings: readonly string[];
  /** Whether overlay traffic flows, tried; `skipped` with a reason where it could not be tried. */
  readonly overlay: { readonly verdict: ProbeVerdict | 'skipped'; readonly says: string };
  readonly notes: readonly string[];
}

/** Reads what was pasted; throws with the reason. */
export function readInvite({ ids, clock, log }: TeamContext, text: string): Invite {
  const answer = decodeInvite(text, { sha256: ids.sha256, now: clock.now() });
  if ('error' in answer) throw new AppFailure(answer.error);
  // An engine that refuses a token may repeat it.
  for (const secret of [answer.invite.swarm?.token, answer.invite.services?.code]) {
    if (secret !== undefined) log.redactor?.know(secret);
  }
  return answer.invite;
}

/** What it has for the Swarm; throws where it is for a person alone. */
export function swarmPartOf({ team, swarm }: Invite): SwarmInvite {
  if (swarm !== undefined) return swarm;
  throw new AppFailure({
    code: 'swarm.invite-invalid',
    message: `This invite is for ${team}’s services alone: it lets no machine into the Swarm.`,
    hint: 'Ask an operator for one that does: `claude-env team invite`.',
  });
}

export function describeInvite({ team, expires, swarm, services }: Invite): InviteFacts {
  return {
    team,
    expires: new Date(expires * 1000).toISOString(),
    managers: [],
    ...(swarm === undefined ? {} : describeSwarm(swarm)),
    ...(services === undefined
      ? {}
      : { services: { addresses: services.addresses, fingerprint: toFingerprint(services.ca) } }),
    means: [
      ...(services === undefined
        ? []
        : [
            `You get a token of your own for ${team}’s services: its MCP servers and its configuration for Claude. It is kept in this machine’s keychain.`,
            'The team sees your name, that you are there, and of this machine its name and whether its environment runs and has the team’s configuration. Nothing of the configuration is applied before you have seen it.',
          ]),
      ...(swarm === undefined
        ? [
            'This machine does not join the Swarm: nobody of the team can run anything on it. `team leave` ends the link and the token.',
          ]
        : swarmMeans(team, swarm)),
    ],
  };
}

const describeSwarm = ({ role, machine, managers, token, see }: SwarmInvite) => ({
  role,
  machine,
  managers,
  fingerprint: toFingerprint(parseJoinToken(token)?.caDigest ?? ''),
  ...(see === undefined ? {} : { see }),
});

const swarmMeans = (team: string, { role }: SwarmInvite): readonly string[] => [
  `Whoever manages ${team} can run anything on this machine, as root: containers with its disk, its network, its devices.`,
  role === 'manager'
    ? 'As a manager this machine also holds all of the Swarm’s secrets, and decides with the others what runs.'
    : 'As a worker this machine runs what managers give it, and cannot look at the rest of the Swarm.',
  'An engine can belong to one Swarm only. `team leave` ends it; what managers did here stays done.',
];

const splitAddress = (address: string): { host: string; port: number } => {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
};

/**
 * What can be tried from here before anything is changed, and what cannot. A manager that answers with another certificate
 * than the invite's token means ends it: Swarm's own first step of joining, done before the engine is asked to.
 */
async function checkManagers(
  { network, ids }: TeamContext,
  { managers, token }: SwarmInvite,
): Promise<{ readonly checks: readonly ReachCheck[]; readonly answering: number }> {
  const expected = parseJoinToken(token)?.caDigest;
  const checks: ReachCheck[] = [];
  let answering = 0;
  await Promise.all(
    managers.map(async (address) => {
      const { host, port } = splitAddress(address);
      const what = `manager ${address}`;
      try {
        const certificate = await network.rootCa(host, port);
        if (ids.sha256(certificate) !== expected) throw otherCertificate(address);
        answering += 1;
        checks.push({ what, status: 'ok', found: 'answers, and shows the certificate that the invite names' });
      } catch (error) {
        if (!(error instanceof AppFailure) || error.error.code !== 'swarm.unreachable') throw error;
        checks.push({ what, status: 'problem', found: error.error.message });
      }
      const gossip = await network.tcp(host, 7946);
      checks.push({
        what: `7946/tcp of ${host}`,
        status: gossip === 'open' ? 'ok' : 'problem',
        found: gossip === 'open' ? 'open' : gossip === 'refused' ? 'nobody listens there' : 'no answer: a firewall?',
      });
    }),
  );
  checks.push({
    what: '7946/udp and 4789/udp',
    status: 'unknown',
    found: 'cannot be told from outside (UDP does not answer); the overlay test after joining tells',
  });
  return { checks, answering };
}

/** What can be tried of an invite's parts from here. */
export async function tryInvite(
  context: TeamContext,
  text: string,
): Promise<{ readonly checks: readonly ReachCheck[]; readonly answering: number }> {
  const { team, swarm, services } = readInvite(context, text);
  const tried = await Promise.all([
    ...(services === undefined ? [] : [checkServices(context, { team, services })]),
    ...(swarm === undefined ? [] : [checkManagers(context, swarm)]),
  ]);
  return {
    checks: tried.flatMap(({ checks }) => checks),
    answering: tried.reduce((sum, { answering }) => sum + answering, 0),
  };
}

const otherCertificate = (address: string): AppFailure =>
  new AppFailure({
    code: 'swarm.other-certificate',
    message: `Who answers at ${address} is not the Swarm that the invite means: its certificate is another one.`,
    hint: 'Do not go on. Compare the fingerprint with whoever sent the invite, and ask for a new one.',
  });

export interface JoinOptions {
  readonly engine?: string;
  readonly invite: string;
  readonly advertise?: string;
  readonly probe: boolean;
  readonly onProgress?: (says: string) => void;
  readonly onChecks?: (checks: readonly ReachCheck[]) => void;
}

/** Tests, joins, and proves that the overlay network carries traffic. Leaves nothing half done when joining fails. */
export async function joinTeam(context: TeamContext, options: JoinOptions, signal?: AbortSignal): Promise<Joined> {
  const { records, clock, keychain, log } = context;
  const say = options.onProgress ?? (() => undefined);
  const invite = readInvite(context, options.invite);
  const swarm = swarmPartOf(invite);
  const engine = await context.engineOf(options.engine);
  const before = await engine.swarm.self();
  if (before.state !== 'inactive') throw alreadyMember(before, context.program);
  const chosen = await chooseAdvertised(context.network, { engine, self: before, wanted: options.advertise });
  say(`Asking ${invite.team}’s managers who they are`);
  const { checks, answering } = await checkManagers(context, swarm);
  options.onChecks?.(checks);
  if (answering === 0 && engine.local) throw nobodyAnswers(invite.team, swarm.managers, checks);
  say(`Joining ${invite.team} as ${swarm.role} with ${chosen.address}`);
  await enter(engine, { managers: swarm.managers, token: swarm.token, advertise: chosen.address }, signal);
  const self = await engine.swarm.self();
  await records.keep({
    engine: engine.id,
    nodeId: self.nodeId,
    team: invite.team,
    caDigest: parseJoinToken(swarm.token)?.caDigest ?? '',
    role: swarm.role,
    machine: swarm.machine,
    managers: [...swarm.managers],
    ...(swarm.see === undefined ? {} : { see: swarm.see }),
    ...(chosen.own ? { address: chosen.address } : {}),
    joinedAt: clock.now(),
  });
  const notes: string[] = [];
  await keychain.set(inviteAccount(engine.id), options.invite).catch((error: unknown) => {
    log('info', 'the invite is not kept for joining again', { why: error instanceof Error ? error.message : '' });
    notes.push('There is no keychain to keep the invite in: joining again after a change of address will ask for one.');
  });
  notes.push(...(await labelMachine(context, engine, { nodeId: self.nodeId, invite: swarm })));
  say('Trying the overlay network');
  const overlay = options.probe ? await probe(context, engine, signal) : skipped('not asked for');
  return {
    team: invite.team,
    role: swarm.role,
    nodeId: self.nodeId,
    hostname: self.hostname,
    address: self.address,
    warnings: chosen.warnings,
    overlay,
    notes,
  };
}

const alreadyMember = (self: SwarmSelf, program: string): AppFailure =>
  new AppFailure({
    code: 'swarm.already-member',
    message: `${self.hostname} belongs to a Swarm already, and can belong to one only.`,
    hint: `\`${program} team nodes\` shows it, \`${program} team leave\` leaves it.`,
  });

const nobodyAnswers = (team: string, managers: readonly string[], checks: readonly ReachCheck[]): AppFailure =>
  new AppFailure({
    code: 'swarm.unreachable',
    message: `None of ${team}’s managers answers (${managers.join(', ')}).`,
    hint: 'Are you on the team’s network or VPN? Do firewalls let 2377/tcp through? Are the managers on?',
    detail: checks.map(({ what, found }) => `${what}: ${found}`).join('\n'),
    retry: true,
  });

/** Joining that fails half-way goes on in the engine's background, for ever: it is called off. */
export async function enter(
  engine: TeamEngine,
  join: Parameters<TeamEngine['swarm']['join']>[0],
  signal?: AbortSignal,
): Promise<void> {
  try {
    await engine.swarm.join(join, signal);
  } catch (error) {
    const { state } = await engine.swarm.self();
    if (state !== 'inactive' && state !== 'active') await engine.swarm.leave({ force: true });
    throw error;
  }
}

/** The label that says server or laptop is set by managers; this machine can do it only where it reaches one. */
async function labelMachine(
  context: TeamContext,
  engine: TeamEngine,
  { nodeId, invite }: { nodeId: string; invite: SwarmInvite },
): Promise<readonly string[]> {
  const labels = { [teamLabels.machine]: invite.machine };
  const operator = `An operator says what this machine is: ${context.program} team node role ${nodeId.slice(0, 12)} ${invite.machine}. Until then the team’s services stay away from it.`;
  try {
    if (invite.role === 'manager') await engine.swarm.changeNode(nodeId, { labels });
    else if (invite.see !== undefined) await (await context.managerAt(invite.see)).changeNode(nodeId, { labels });
    // Without the label it counts as a laptop already.
    else return invite.machine === 'server' ? [operator] : [];
    return [];
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    return [`${error.error.message} ${operator}`];
  }
}

const skipped = (why: string) => ({ verdict: 'skipped' as const, says: `The overlay network was not tried: ${why}.` });

const verdicts: Record<ProbeVerdict, string> = {
  both: 'Overlay traffic flows both ways (64 KiB each).',
  name: 'The overlay network does not know the other end: 7946/tcp and 7946/udp have to pass between the machines.',
  traffic:
    'The other end is known, and nothing comes back: 4789/udp has to pass between the machines; protocol 50 too where the team encrypts.',
  back: 'This machine reaches the team, and the team does not reach it: is the advertised address right, and open from there?',
  'no-network': 'The overlay network was not tried: no invite is open on the team’s side that has one ready.',
};

/** Tries it from this engine. */
export async function probe(
  context: TeamContext,
  { swarm }: TeamEngine,
  signal?: AbortSignal,
): Promise<Joined['overlay']> {
  const image = await context.probeImage(swarm);
  if (image === undefined)
    return skipped('this engine has no Debian image to do it with (docker pull debian:bookworm-slim)');
  // Engines tell each other all they know every 30 s: who comes at a bad moment is known by name only then.
  const verdict = await swarm.callResponder({ image, seconds: 45 }, signal);
  if (verdict === 'traffic' && (await swarm.encrypts(image)) === 'no') {
    return {
      verdict,
      says: 'Nothing comes back: this machine’s kernel cannot encrypt overlay networks (no ESP), and the team’s are encrypted.',
    };
  }
  return { verdict, says: verdicts[verdict] };
}
