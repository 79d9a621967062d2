import { chmodSync } from 'node:fs';
import { digestSources, isBuilt, stampBuild } from './setup/build-stamp.mjs';
import { node24 } from './setup/dependencies.mjs';
import { inRoot } from './setup/paths.mjs';
import { capture } from './setup/run.mjs';
import { runScript, SetupError, say, withProgress } from './setup/terminal.mjs';

/*
 * `npm run build`: Electron's main, the preload and the renderer by electron-vite, then the CLI.
 * Imported by start.mjs and test.mjs, which build only when a source changed.
 */

/**
 * @param {{ force?: boolean }} [options]
 * @returns {Promise<boolean>} whether anything was built
 */
export async function build({ force = false } = {}) {
  const digest = digestSources();
  if (!force && isBuilt(digest)) {
    say('build: up to date');
    return false;
  }
  await withProgress('Building', async (note) => {
    note('window and browser');
    await tool(['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn']);
    note('terminal');
    await tool(['node_modules/vite/bin/vite.js', 'build', '--config', 'scripts/build/vite.cli.config.mjs']);
  });
  chmodSync(inRoot('out', 'cli', 'index.cjs'), 0o755);
  stampBuild(digest);
  return true;
}

/** @param {string[]} args a script of a package and its arguments, run on Node 24: electron-vite needs it */
async function tool(args) {
  const { code, output } = await capture(node24, args, { cwd: inRoot() });
  if (code !== 0) throw new SetupError(`The build failed: ${args.join(' ')}\n${output}`);
}

if (process.argv[1] === inRoot('scripts', 'build.mjs')) {
  await runScript(async () => {
    await build({ force: true });
    return 0;
  });
}
