import { AppFailure } from '../../core/app-failure.ts';
import type { SwarmNode } from '../../core/swarm/membership.ts';
import type { SwarmMembership } from '../ports.ts';
import { chooseAdvertised } from './address.ts';
import { notMember, refuse, type TeamContext } from './context.ts';
import { enter, type Joined, probe, readInvite, swarmPartOf } from './join.ts';
import { inviteAccount, type TeamRecord } from './records.ts';

export interface RejoinOptions {
  readonly engine?: string;
  readonly advertise?: string;
  /** A new invite, where neither the keychain's nor a manager can be used. */
  readonly invite?: string;
  readonly probe: boolean;
}

export interface Rejoined {
  readonly team: string;
  readonly was: { readonly nodeId: string; readonly address: string };
  readonly nodeId: string;
  readonly address: string;
  /** Labels and availability are as before, and the old entry is gone. */
  readonly labelsKept: boolean;
  readonly overlay: Joined['overlay'];
  readonly notes: readonly string[];
}

interface Way {
  readonly token: string;
  readonly managers: readonly string[];
  /** With a manager's endpoint: labels are carried over, and the old node is taken off the list. */
  readonly manager?: SwarmMembership;
  readonly old?: SwarmNode;
}

/**
 * Leaves and joins with the address that this machine has now: a Swarm cannot be told a new one (moby#41043). Everything that is
 * needed for joining is in hand before the engine leaves.
 */
export async function rejoinTeam(
  context: TeamContext,
  options: RejoinOptions,
  signal?: AbortSignal,
): Promise<Rejoined> {
  const { records, program } = context;
  const engine = await context.engineOf(options.engine);
  const self = await engine.swarm.self();
  if (self.state === 'inactive') throw notMember();
  const record = await records.of(engine.id);
  if (self.manager || record?.role === 'manager') {
    throw refuse(
      'A manager cannot simply leave and join again: the others have to agree to it.',
      `On another manager: \`${program} team node demote ${self.hostname}\`; then \`team rejoin\` here, and promote it again. The only manager needs its old address back.`,
    );
  }
  const chosen = await chooseAdvertised(context.network, { engine, self, wanted: options.advertise });
  const way = await findWay(context, { engine: engine.id, record, nodeId: self.nodeId, invite: options.invite });
  await engine.swarm.leave({ force: true });
  await enter(engine, { managers: way.managers, token: way.token, advertise: chosen.address }, signal);
  const now = await engine.swarm.self();
  if (record !== undefined) {
    const { address: _old, ...kept } = record;
    await records.keep({ ...kept, nodeId: now.nodeId, ...(chosen.own ? { address: chosen.address } : {}) });
  }
  const notes = [...chosen.warnings];
  const labelsKept = await carryOver(way, now.nodeId);
  if (!labelsKept) {
    notes.push(
      `This machine is a new node now. An operator carries its labels over: ${program} team node replace ${self.nodeId.slice(0, 12)} ${now.nodeId.slice(0, 12)}`,
    );
  }
  return {
    team: record?.team ?? 'the Swarm',
    was: { nodeId: self.nodeId, address: self.address },
    nodeId: now.nodeId,
    address: now.address,
    labelsKept,
    overlay: options.probe
      ? await probe(context, engine, signal)
      : { verdict: 'skipped', says: 'The overlay network was not tried.' },
    notes,
  };
}

/** A given invite, then a manager through the invite's endpoint, then the invite that the keychain has. */
async function findWay(
  context: TeamContext,
  about: { engine: string; record: TeamRecord | undefined; nodeId: string; invite: string | undefined },
): Promise<Way> {
  const { record, nodeId } = about;
  const reasons: string[] = [];
  const manager = record?.see === undefined ? undefined : await reach(context, record.see, reasons);
  const nodes = manager === undefined ? [] : await manager.nodes();
  const old = nodes.find(({ id }) => id === nodeId);
  const through = manager === undefined ? {} : { manager, ...(old === undefined ? {} : { old }) };
  if (about.invite !== undefined) {
    const { token, managers } = swarmPartOf(readInvite(context, about.invite));
    return { token, managers, ...through };
  }
  if (manager !== undefined) {
    const { tokens } = await manager.swarm();
    const managers = nodes.flatMap((node) => (node.manager?.reachable === true ? [node.manager.address] : []));
    return { token: tokens.worker, managers, ...through };
  }
  const stored = await context.keychain.get(inviteAccount(about.engine)).catch((error: unknown) => {
    if (error instanceof AppFailure) reasons.push(error.error.message);
    else throw error;
    return undefined;
  });
  if (stored !== undefined) {
    try {
      const { token, managers } = swarmPartOf(readInvite(context, stored));
      return { token, managers };
    } catch (error) {
      if (!(error instanceof AppFailure)) throw error;
      reasons.push(error.error.message);
    }
  }
  throw new AppFailure({
    code: 'swarm.invite-invalid',
    message: 'There is nothing to join again with; this machine has not left.',
    hint: `Ask for a new invite, and give it: ${context.program} team rejoin --invite-stdin`,
    ...(reasons.length === 0 ? {} : { detail: reasons.join('\n') }),
  });
}

async function reach(context: TeamContext, see: string, reasons: string[]): Promise<SwarmMembership | undefined> {
  try {
    const manager = await context.managerAt(see);
    if ((await manager.self()).manager) return manager;
    reasons.push(`${see} is no manager.`);
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    reasons.push(`${see}: ${error.error.message}`);
  }
  return undefined;
}

async function carryOver({ manager, old }: Way, nodeId: string): Promise<boolean> {
  if (manager === undefined) return false;
  if (old !== undefined) {
    await manager.changeNode(nodeId, { labels: old.labels, availability: old.availability });
    await manager.removeNode(old.id, { force: true });
  }
  return true;
}
