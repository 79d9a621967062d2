import type { Registrar } from './container-commands.ts';

/* `team config …`. As in program.ts nothing but commander is loaded before one of them runs. */

interface Parts {
  readonly team: ReturnType<Registrar['group']>;
  readonly run: Registrar['run'];
}
const actions = 'show, diff, apply, undo, sync, approve';

export function addConfigCommand({ team, run }: Parts): void {
  const load = () => import('./commands/team/config.ts');
  team
    .add(
      'config [action] [revision]',
      `the team’s configuration of Claude Code in your dev container: ${actions}`,
      (globals, [action = 'show', revision]) =>
        run(globals, async () => {
          const [commands, { usage }] = await Promise.all([load(), import('./run.ts')]);
          const isHex = revision === undefined || /^[0-9a-f]{4,40}$/.test(revision);
          if (!isHex) throw usage(`${revision} is no revision.`, 'It is a commit: 4 to 40 hexadecimal digits.');
          if (action === 'apply') return commands.applyConfig(revision);
          if (action === 'approve' && revision !== undefined) return commands.approveConfig(revision);
          const { showConfig: show, showDiff: diff, undoConfig: undo, syncConfig: sync } = commands;
          const others = { show, diff, undo, sync };
          const found = Object.hasOwn(others, action) ? others[action as keyof typeof others] : undefined;
          if (found === undefined || revision !== undefined) {
            throw usage(
              `team config ${action}${revision === undefined ? '' : ` ${revision}`} is not understood.`,
              `There are ${actions}; a revision goes with apply and approve.`,
            );
          }
          return found;
        }),
    )
    .addHelpText(
      'after',
      `
  show               what your dev container has of the team; what it lacks is brought (so without an action)
  diff               what applying the offered revision would change, and every command that it brings
  apply [revision]   show that, ask, and apply it; new containers then get it without asking
  undo               as it was before; what was changed since stays
  sync               has the team’s repository looked at now instead of at the next turn (members and operators)
  approve <revision> an operator’s: members are offered this commit from then on`,
    );
}
