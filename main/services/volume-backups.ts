import { AppFailure } from '../core/app-failure.ts';
import type { CorePlan } from '../core/plan/plan.ts';
import { withDataCare } from '../core/swarm/data-care.ts';
import { toKey } from '../core/swarm/names.ts';
import type { ObservedStack } from '../core/swarm/observed.ts';
import { planRestoreVolume } from '../core/swarm/restore-volume.ts';
import { mountedVolumes, type VolumeBackup, volumePlaces } from '../core/swarm/volume-data.ts';
import { connectTo } from './engine-choice.ts';
import { knownNodes } from './node-engines.ts';
import type { BackupStore, Clock, EngineConnection, Engines, Ids, StepContext, VolumeAccess } from './ports.ts';

/* Copies of volumes: before an update, and back. */

export interface VolumeBackupsOptions {
  readonly engines: Engines;
  readonly store: BackupStore;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'random'>;
}

interface Stack {
  readonly connection: EngineConnection;
  readonly observed: ObservedStack;
}

export function createVolumeBackups({ engines, store, clock, ids }: VolumeBackupsOptions) {
  const newId = (): string => {
    const time = new Date(clock.now()).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
    const random = ids
      .random()
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '');
    return `${time}-${random.padEnd(6, '0').slice(0, 6)}`;
  };
  const keep = (
    about: Omit<VolumeBackup, 'id' | 'at' | 'bytes' | 'contentBytes' | 'sha256' | 'file'>,
    archive: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<VolumeBackup> =>
    store.keep({ ...about, id: newId(), at: new Date(clock.now()).toISOString() }, archive, signal);

  const nodesOf = ({ connection, observed }: Stack) => knownNodes(engines, connection, observed);

  /** Throws `usage` for one that is not there. */
  const find = async (id: string): Promise<VolumeBackup> => {
    const all = await store.list();
    const found = all.find((one) => one.id === id);
    if (found !== undefined) return found;
    throw new AppFailure({
      code: 'usage',
      message: `There is no backup ${id} on this machine.`,
      hint: all.length === 0 ? '`stack deploy --backup` makes some.' : '`claude-env stack backups` lists them.',
    });
  };

  /** The volume's engine, and what stands in the way. Throws `engine.unreachable`, `usage`, `engine.conflict`. */
  const prepare = async (id: string, stack: Stack) => {
    const backup = await find(id);
    const { volume, node, nodeId } = backup;
    const engine = (await nodesOf(stack)).find((one) => one.node === nodeId)?.engine;
    if (engine === undefined) {
      throw new AppFailure({
        code: 'engine.unreachable',
        message: `${volume} belongs to ${node}, and this machine has no connection to that engine.`,
        hint: `Add a docker context for it (docker context create ${node} --docker host=ssh://user@${node}); the copy itself is ${backup.file}.`,
      });
    }
    const { volumes } = await connectTo(engines, engine);
    const [facts, users] = await Promise.all([volumes.find(volume), volumes.users(volume)]);
    const foreign = facts !== undefined && (facts.driver !== 'local' || facts.hasOptions);
    if (foreign) {
      throw new AppFailure({
        code: 'unsupported',
        message: `${volume} on ${node} is kept by a driver (or with options) of its own: making it anew would not empty it.`,
        hint: `Unpack ${backup.file} into it by hand.`,
      });
    }
    requireUnused(backup, stack.observed, users);
    return { backup, volumes, facts, users };
  };

  const keepVolume: NonNullable<StepContext['keepVolume']> = (
    { stack, service = '', volume, node, nodeId, image, inUse, reason },
    archive,
    signal,
  ) => keep({ stack, service, volume, node, nodeId, image, inUse, reason }, archive, signal);

  return {
    /** The plan with what it does to data: backups first where they are asked for, and words where not. */
    guard: async (plan: CorePlan, stack: Stack, backUp: boolean): Promise<CorePlan> => {
      const backups = (await store.list()).filter((one) => one.stack === stack.observed.stack);
      const care = { observed: stack.observed, backups };
      if (!backUp) return withDataCare(plan, { ...care, backUp, engines: [] });
      return withDataCare(plan, { ...care, backUp, engines: await nodesOf(stack) });
    },
    keepVolume,
    list: store.list,
    find,
    remove: async (id: string): Promise<void> => store.remove(await find(id)),
    /** Throws as `restore` does where something stands in the way now. */
    planRestore: async (id: string, stack: Stack): Promise<CorePlan> => {
      const { backup, facts, users } = await prepare(id, stack);
      const forgets = users.map(({ name }) => name);
      return planRestoreVolume(stack.observed, { backup, replaces: facts !== undefined, forgets });
    },
    /**
     * Makes the volume what the backup says: read and compared first; what it holds now is kept as a backup of its own; then
     * the volume is made anew.
     */
    restore: async (
      id: string,
      stack: Stack,
      report: (message: string) => void,
      signal: AbortSignal,
    ): Promise<void> => {
      const { backup, volumes, facts, users } = await prepare(id, stack);
      const { volume, node } = backup;
      report('Reading the backup …');
      await store.verify(backup, signal);
      const stopping = users.filter(({ running }) => running).map((one) => one.id);
      if (stopping.length > 0) report('Waiting for tasks that stop …');
      await volumes.ended(stopping, signal);
      let before: VolumeBackup | undefined;
      if (facts !== undefined) {
        report(`Keeping what ${volume} holds now …`);
        const { id: _id, at: _at, ...about } = backup;
        const now = { ...about, inUse: false, reason: `before ${id} was put back` };
        before = await volumes.read(volume, (archive) => keep(now, archive, signal), signal);
        const held = users.map((one) => one.id);
        signal.throwIfAborted();
        // Waited for, whoever cancels: whether the volume is there is known then.
        await volumes.remove(volume, held, new AbortController().signal);
      }
      report(`Filling ${volume} on ${node} …`);
      try {
        await volumes.create(facts ?? { name: volume, driver: 'local', labels: {}, hasOptions: false }, signal);
        await volumes.fill(volume, store.open(backup, signal), signal);
      } catch (error) {
        throw unfinished(error, backup, before);
      }
      if (before !== undefined) report(`What it held before is ${before.id}`);
    },
  };
}
export type VolumeBackups = ReturnType<typeof createVolumeBackups>;

/** Nobody may write to it meanwhile, and Swarm may start nothing over it; a task that it wants no more is about to end. */
function requireUnused(
  { volume, node, nodeId, stack }: VolumeBackup,
  observed: ObservedStack,
  users: Awaited<ReturnType<VolumeAccess['users']>>,
): void {
  const wanted = observed.tasks.filter(({ desired }) => desired === 'running' || desired === 'ready');
  const wanting = observed.services.filter(
    (service) =>
      wanted.some((task) => task.service === service.id) &&
      volumePlaces(observed, service, mountedVolumes(service.spec)).some(
        (place) => place.volume === volume && place.nodeId === nodeId,
      ),
  );
  if (wanting.length > 0) {
    const names = wanting.map(({ name }) => toKey(stack, name));
    throw new AppFailure({
      code: 'engine.conflict',
      message: `${volume} is in use: ${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} tasks.`,
      hint: `First: claude-env stack scale -p ${stack} ${names.map((name) => `${name}=0`).join(' ')} (a global service has no replicas: claude-env stack rm -p ${stack}, and deploy afterwards).`,
    });
  }
  const isEnding = ({ task, running }: (typeof users)[number]): boolean =>
    task !== undefined &&
    (!running || observed.tasks.some(({ id }) => id === task && !wanted.some((one) => one.id === id)));
  const others = users.filter((user) => !isEnding(user));
  if (others.length === 0) return;
  const names = others.map(({ name }) => name).join(', ');
  const running = others.some((one) => one.running);
  throw new AppFailure({
    code: 'engine.conflict',
    message: `${volume} on ${node} is held by ${running ? '' : 'stopped '}containers: ${names}.`,
    hint: running ? 'Stop them first.' : 'Remove them first: a volume that a container holds cannot be made anew.',
  });
}

function unfinished(error: unknown, { id, volume, node }: VolumeBackup, before: VolumeBackup | undefined): AppFailure {
  const why = error instanceof Error ? error.message : String(error);
  return new AppFailure(
    {
      code: 'volume.unfinished',
      message: `${volume} on ${node} was emptied and is not whole: ${why}`,
      hint: `Try again: claude-env stack restore-volume ${id}${before === undefined ? '' : `; what it held before is ${before.id}`}. Start nothing over it until then.`,
    },
    { cause: error },
  );
}
