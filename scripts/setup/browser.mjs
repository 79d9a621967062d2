import { existsSync } from 'node:fs';
import { node24 } from './dependencies.mjs';
import { inRoot } from './paths.mjs';
import { capture, findCommand } from './run.mjs';
import { mayWe, SetupError, withProgress } from './terminal.mjs';

/**
 * A browser for the tests: the system's Chromium, or the one that Playwright downloads into the user's cache.
 * @param {import('./platform.mjs').Platform} platform
 * @param {{ yes: boolean }} options
 */
export async function provideBrowser(platform, { yes }) {
  if (findCommand('chromium') !== undefined || (await hasPlaywrightChromium())) return;
  const args = [
    'node_modules/playwright/cli.js',
    'install',
    ...(platform.canInstall ? ['--with-deps'] : []),
    'chromium',
  ];
  const hint = 'npx playwright install chromium';
  if (!(await mayWe("Download Playwright's Chromium for the tests", { ...platform, yes }))) {
    throw new SetupError('The tests need a browser.', { hint });
  }
  const { code, output } = await withProgress('Downloading Chromium', (note) =>
    capture(node24, args, { cwd: inRoot(), onLine: note }),
  );
  if (code !== 0) throw new SetupError(`Chromium could not be had:\n${output}`, { hint });
}

async function hasPlaywrightChromium() {
  const ask = "process.stdout.write(require('playwright').chromium.executablePath())";
  const { code, output } = await capture(node24, ['-e', ask], { cwd: inRoot() });
  return code === 0 && existsSync(output.trim());
}
