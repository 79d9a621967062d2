import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { node24 } from './dependencies.mjs';
import { inRoot } from './paths.mjs';
import { capture } from './run.mjs';
import { withProgress } from './terminal.mjs';

/**
 * Electron's program, or the reason why there is none. npm no longer runs its installer, so it is tried here: once, for
 * a machine that cannot reach GitHub would wait for it at each start.
 * @param {import('./platform.mjs').Platform} platform
 * @returns {Promise<{ path: string } | { why: string }>}
 */
export async function provideElectron(platform) {
  if (!platform.display) return { why: 'there is no display' };
  if (platform.os === 'linux' && platform.root) return { why: "Electron's sandbox does not work for root" };
  const have = electronPath();
  if (have !== undefined) return { path: have };
  const version = JSON.parse(readFileSync(inRoot('node_modules/electron/package.json'), 'utf8')).version;
  const triedFile = inRoot('node_modules', '.claude-env-electron');
  const again = `to try again: node ${inRoot('node_modules/electron/install.js')}`;
  if (existsSync(triedFile) && readFileSync(triedFile, 'utf8') === version) {
    return { why: `Electron ${version} could not be downloaded at an earlier start (${again})` };
  }
  const { code, output } = await withProgress(`Downloading Electron ${version}`, () =>
    capture(node24, [inRoot('node_modules/electron/install.js')]),
  );
  const path = electronPath();
  if (code === 0 && path !== undefined) return { path };
  writeFileSync(triedFile, version);
  const cause = output.split('\n').find((line) => line.includes('Error')) ?? output.trim().split('\n')[0];
  return { why: `Electron ${version} could not be downloaded: ${cause?.trim()} (${again})` };
}

/** install.js writes path.txt when it has unpacked the program. */
function electronPath() {
  const file = inRoot('node_modules/electron/path.txt');
  if (!existsSync(file)) return undefined;
  const path = inRoot('node_modules/electron/dist', readFileSync(file, 'utf8').trim());
  return existsSync(path) ? path : undefined;
}
