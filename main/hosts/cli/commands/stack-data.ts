import { sizeText } from '../../../../preload/contract/size-text.ts';
import type { VolumeBackup } from '../../../core/swarm/volume-data.ts';
import { exitCodes } from '../exit-codes.ts';
import { columns, count } from '../present/table.ts';
import type { Command } from '../run.ts';
import { changeStack } from './stack.ts';

/* Copies of volumes on this machine: what there is, and back with one. */

const row = (one: VolumeBackup): readonly string[] => [
  one.id,
  `${one.stack}.${one.service}`,
  `${one.volume} on ${one.node}`,
  sizeText(one.bytes),
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
      io.say(io.paint('dim', `${count(backups.length, 'backup')}, ${sizeText(bytes)}, in ${folderOf(backups)}`));
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

/** Its plan is shown and agreed to; refused while a task uses the volume. */
export const restoreVolume = (id: string): Command =>
  changeStack({ request: { kind: 'restore-volume', from: id }, asks: 'This replaces what the volume holds.' });
