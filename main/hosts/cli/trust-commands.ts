import type { Registrar } from './container-commands.ts';
import type { Globals } from './globals.ts';

/** `trust add|list|rm`: compose files whose commands for secrets may be run. Nothing but commander is loaded before. */
export function addTrustCommands({ group, run }: Pick<Registrar, 'group' | 'run'>): void {
  const trusted = group(
    'trust',
    'compose files whose secrets may come from a command, `x-claude-env: {command: [op, read, …]}`',
  );
  const load = () => import('./commands/trust.ts');
  trusted.add(
    'add <files...>',
    'let the commands of these files be run, as long as the files stay as they are; shows them and asks',
    (globals: Globals, files) => run(globals, async () => (await load()).addTrust(files)),
  );
  trusted.add('list', 'trusted files, and what may be run because of them', (globals) =>
    run(globals, async () => (await load()).listTrust),
  );
  trusted.add('rm <files...>', 'trust these files no longer', (globals, files) =>
    run(globals, async () => (await load()).removeTrust(files)),
  );
}
