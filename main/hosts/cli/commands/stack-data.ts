import type { VolumeBackup } from '../../../core/swarm/volume-data.ts';
import type { RestorePlan } from '../../../services/volume-backups.ts';
import { exitCodes } from '../exit-codes.ts';
import { columns, count } from '../present/table.ts';
import { confirm } from '../prompt.ts';
import { type Command, cancelled, usage } from '../run.ts';

/* Copies of volumes on this machine: what there is, and back with one. */

const size = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;

const row = (one: VolumeBackup): readonly string[] => [
  one.id,
  `${one.stack}.${one.service}`,
  `${one.volume} on ${one.node}`,
  size(one.bytes),
  one.image,
  `${one.reason}${one.inUse ? ', while it ran' : ''}`,
];

/** Of one stack, or of all. */
export const listBackups =
  (stack: string | undefined): Command =>
  async ({ io, services, target }) => {
    const wanted = stack ?? target.project;
    const backups = (await services.swarm.backups.list()).filter((one) => wanted === undefined || one.stack === wanted);
    io.data({ backups });
    const none = `This machine has no backups of volumes${wanted === undefined ? '' : ` of ${wanted}`}.`;
    io.say(backups.length === 0 ? none : columns(backups.map(row)).join('\n'));
    if (backups.length > 0) {
      const bytes = backups.reduce((sum, one) => sum + one.bytes, 0);
      io.say(io.paint('dim', `${count(backups.length, 'backup')}, ${size(bytes)}, in ${folderOf(backups)}`));
    }
    return exitCodes.done;
  };

const folderOf = ([first]: readonly VolumeBackup[]): string => (first?.file ?? '').replace(/[\\/][^\\/]*$/, '');

export const removeBackup =
  (id: string): Command =>
  async ({ io, services }) => {
    await services.swarm.backups.remove(id);
    io.data({ removed: id });
    io.say(`Removed ${id}.`);
    return exitCodes.done;
  };

const restoreText = ({ backup, replaces, forgets }: RestorePlan): string =>
  [
    `${backup.volume} on ${backup.node} becomes what it was at ${backup.at.slice(0, 16).replace('T', ' ')} UTC (${backup.image}).`,
    ...(replaces ? ['What it holds now is copied to this machine first, then the volume is made anew.'] : []),
    ...(forgets.length === 0
      ? []
      : [
          `${count(forgets.length, 'container')} of ended tasks, which hold it, ${forgets.length === 1 ? 'goes' : 'go'}, with their logs.`,
        ]),
  ].join('\n');

/** Shown, agreed to, done; refused while a task uses the volume. */
export const restoreVolume =
  (id: string): Command =>
  async ({ io, globals, services, target, signal }) => {
    const plan = await services.swarm.backups.planRestore(target, id);
    io.data({ type: 'plan', ...plan });
    io.say(restoreText(plan));
    if (!globals.yes) {
      if (!io.canAsk) throw usage('This replaces what the volume holds.', 'Agree with --yes.');
      if (!(await confirm('Go on?', false, signal))) throw cancelled();
    }
    const report = (message: string): void => {
      io.data({ type: 'progress', message });
      io.say(io.paint('dim', message));
    };
    const { before } = await services.swarm.backups.restore(target, id, report, signal);
    io.data({ type: 'result', state: 'done', ...(before === undefined ? {} : { before }) });
    io.say(
      `${plan.backup.volume} on ${plan.backup.node} is as it was.${before === undefined ? '' : ` What it held before is ${before.id}.`}`,
    );
    return exitCodes.done;
  };
