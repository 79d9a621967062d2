import { build } from './build.mjs';
import { node24 } from './setup/dependencies.mjs';
import { setUpForTest } from './setup/index.mjs';
import { inRoot } from './setup/paths.mjs';
import { runInTerminal } from './setup/run.mjs';
import { runScript } from './setup/terminal.mjs';

/*
 * `npm run screenshots`: every screen and error state in both themes and both sizes, into docs/screenshots, from the
 * built page with made-up data behind its bridge (test/support/scenarios.ts). No engine is needed.
 * It fails when the page logs an error, when axe finds a serious violation, or when a screen does not come up.
 *
 *   npm run screenshots -- [--out DIR] [--page DIR] [--only name,name] [--theme dark] [--size 1280x800]
 */
await runScript(async () => {
  await setUpForTest({ yes: false, engine: 'none', browser: true });
  await build();
  return runInTerminal(node24, [inRoot('scripts/screenshots/shoot.mjs'), ...process.argv.slice(2)]);
});
