import { AppFailure } from '../../core/app-failure.ts';
import { chooseEngine } from '../engine-choice.ts';
import { mustBeManager, refuse, type TeamContext } from './context.ts';

/** What to do by hand, since no engine stops itself: the commands, with this engine's own folder. */
export interface BackupGuide {
  readonly root: string;
  readonly steps: readonly string[];
}

/** For an engine that runs. */
export async function guideBackup(context: TeamContext, { engine: wanted }: { engine?: string }): Promise<BackupGuide> {
  const { swarm } = await context.engineOf(wanted);
  const self = await swarm.self();
  mustBeManager(self);
  const { autolock } = await swarm.swarm();
  const root = self.rootDir;
  return {
    root,
    steps: [
      'On this manager’s machine, as root (containers stop with the engine, unless live-restore is on):',
      '  systemctl stop docker docker.socket      # or however this engine is stopped',
      `  ${context.program} team backup --root ${root} --to swarm-backup.tar.gz`,
      '  systemctl start docker',
      ...(autolock ? ['The unlock key of today belongs to it: write it down apart (`docker swarm unlock-key`).'] : []),
      'The file opens the whole Swarm: keep it as you keep keys.',
    ],
  };
}

const mustBeStopped = async ({ engines, program }: TeamContext, root: string): Promise<void> => {
  const id = await chooseEngine(engines).catch((error: unknown) => {
    if (error instanceof AppFailure && error.error.code === 'engine.unreachable') return undefined;
    throw error;
  });
  const state = engines.list().find((engine) => engine.id === id)?.state;
  if (id === undefined || state?.kind !== 'connected') return;
  const { rootDir } = await engines.get(id).membership.self();
  if (rootDir === root) {
    throw refuse(
      'The engine runs, and writes to what is to be copied.',
      `Stop it first: \`${program} team backup\` says how.`,
    );
  }
};

/** Copies what a stopped manager knows into a file that only its owner reads. */
export async function backUpTeam(
  context: TeamContext,
  { root, file }: { readonly root: string; readonly file: string },
): Promise<{ readonly file: string; readonly bytes: number }> {
  await mustBeStopped(context, root);
  return { file, ...(await context.swarmFiles.backUp(root, file)) };
}

/** Puts it back, under a stopped engine. What was there is kept beside it. */
export async function restoreTeam(
  context: TeamContext,
  { root, file }: { readonly root: string; readonly file: string },
): Promise<{ readonly kept?: string; readonly steps: readonly string[] }> {
  await mustBeStopped(context, root);
  await mustBeBackup(context, file);
  const aside = `swarm.before-${new Date(context.clock.now()).toISOString().replaceAll(/[:.]/g, '-')}`;
  const { kept } = await context.swarmFiles.restore(root, file, aside);
  return {
    ...(kept === undefined ? {} : { kept }),
    steps: [
      'Start the engine. With autolock on: `team unlock`, with the key of the day of the backup.',
      'It waits for the managers of that day. Where they are gone for good:',
      `  ${context.program} team recover`,
      'Its address has to be the one of that day.',
    ],
  };
}

/** Throws for a file that is none. */
export async function mustBeBackup({ swarmFiles, program }: TeamContext, file: string): Promise<void> {
  if (await swarmFiles.isBackup(file)) return;
  throw refuse(`${file} is no backup of a Swarm’s state.`, `\`${program} team backup\` says how to make one.`);
}
