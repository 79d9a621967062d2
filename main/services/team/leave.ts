import { AppFailure } from '../../core/app-failure.ts';
import { adviseManagers } from '../../core/swarm/quorum.ts';
import { mustBeBackup } from './backup.ts';
import { mustHaveQuorum, notMember, refuse, type TeamContext, type TeamEngine } from './context.ts';
import { inviteAccount } from './records.ts';

export interface Leaving {
  readonly team: string;
  readonly role: 'manager' | 'worker';
  /** The Swarm ends with it. */
  readonly last: boolean;
  /** What breaks, in sentences. */
  readonly breaks: readonly string[];
}

/** What leaving would mean. Throws where it must not happen. */
export async function adviseLeaving(context: TeamContext, { engine: wanted }: { engine?: string }): Promise<Leaving> {
  const engine = await context.engineOf(wanted);
  const self = await engine.swarm.self();
  if (self.state === 'inactive') throw notMember();
  const team = (await context.records.of(engine.id))?.team ?? 'the Swarm';
  const tasks = await engine.swarm.tasksHere();
  const services = [...new Set(tasks)].sort();
  const breaks = [
    ...(tasks.length === 0
      ? []
      : [
          `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'} of ${services.join(', ')} end here; the Swarm starts them elsewhere where it may.`,
        ]),
    'Local volumes stay on this machine, and what starts elsewhere does not find them.',
    'Overlay networks go from this machine, and containers of its own in them lose them.',
  ];
  if (!self.manager) return { team, role: 'worker', last: false, breaks };
  const managers = await countManagers(engine);
  if (managers === undefined)
    return {
      team,
      role: 'manager',
      last: false,
      breaks: [...breaks, 'Too few managers answer: the others are not told.'],
    };
  if (managers.managers === 1) {
    return {
      team,
      role: 'manager',
      last: true,
      breaks: [
        'It is the only manager: the Swarm ends, with all its services, secrets and networks, on every machine.',
      ],
    };
  }
  const advice = adviseManagers(managers, { add: false, reachable: true });
  if (advice.kind === 'refused') throw refuse(`This manager must stay. ${advice.advice}`, 'Promote another one first.');
  return { team, role: 'manager', last: false, breaks: [...breaks, advice.advice] };
}

async function countManagers({ swarm }: TeamEngine) {
  try {
    return mustHaveQuorum(await swarm.nodes());
  } catch (error) {
    if (error instanceof AppFailure && error.error.code === 'swarm.no-quorum') return undefined;
    throw error;
  }
}

export interface LeaveOptions {
  readonly engine?: string;
  /** Of the Swarm's state; what the last manager is asked for. */
  readonly backup?: string;
  readonly withoutBackup: boolean;
}

/** Leaves in good order: a manager is demoted first, so that the others agree without it. */
export async function leaveTeam(
  context: TeamContext,
  options: LeaveOptions,
): Promise<{ readonly team: string; readonly ended: boolean }> {
  const { records, keychain, clock } = context;
  const leaving = await adviseLeaving(context, options);
  const engine = await context.engineOf(options.engine);
  if (leaving.last) await mustHaveBackup(context, options);
  const self = await engine.swarm.self();
  if (leaving.role === 'manager' && !leaving.last && (await countManagers(engine)) !== undefined) {
    await engine.swarm.changeNode(self.nodeId, { role: 'worker' });
    const until = clock.now() + 20_000;
    while ((await engine.swarm.self()).manager && clock.now() < until) await clock.sleep(200);
  }
  // The last manager, and one whose others are gone, can only be taken out by force.
  await engine.swarm.leave({ force: (await engine.swarm.self()).manager });
  await records.forget(engine.id);
  await keychain.delete(inviteAccount(engine.id)).catch(() => false);
  return { team: leaving.team, ended: leaving.last };
}

async function mustHaveBackup(context: TeamContext, { backup, withoutBackup }: LeaveOptions): Promise<void> {
  if (withoutBackup) return;
  const hint = `\`${context.program} team backup\` says how to make one; then \`team leave --backup FILE\`. Or end the Swarm for good: --without-backup.`;
  if (backup === undefined) throw refuse('It is the only manager, and there is no backup of the Swarm’s state.', hint);
  if ((await context.files.exists(backup)) !== 'file') throw refuse(`There is no backup at ${backup}.`, hint);
  await mustBeBackup(context, backup);
}
