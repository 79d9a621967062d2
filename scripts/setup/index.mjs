import { existsSync } from 'node:fs';
import { ownBase, provideBase, reachesHub } from './base-image.mjs';
import { provideBrowser } from './browser.mjs';
import { provideDependencies } from './dependencies.mjs';
import { findEngine } from './engine-probe.mjs';
import { provideEngine, refuseWithoutEngine } from './engine-start.mjs';
import { neededFor, providePackages, requirements } from './packages.mjs';
import { cacheDir, stateDir } from './paths.mjs';
import { detectPlatform } from './platform.mjs';
import { rootfsPath } from './rootfs.mjs';
import { addBuildSettings, extraCaFile, readBuildSettings } from './settings.mjs';
import { SetupError } from './terminal.mjs';

/*
 * What `npm start` and `npm test` need before anything of ours can run. Each step looks first and does nothing when
 * there is nothing to do.
 */

/** @param {string} version as `process.versions.node` */
export function checkNode(version = process.versions.node) {
  if (Number(version.split('.')[0]) >= 20) return;
  throw new SetupError(`Node ${version} is too old: claude-env needs 20 or newer.`, {
    hint: 'https://nodejs.org/en/download',
  });
}

/**
 * For `npm start`: system packages and npm's.
 * @param {{ yes: boolean }} options
 */
export async function setUpForStart({ yes }) {
  checkNode();
  const platform = detectPlatform();
  const state = stateDir();
  const search = await findEngine();
  refuseWithoutEngine(platform, search);
  const needed = neededFor('start', platform, {
    needsEngine: search.found === undefined,
    needsBase: platform.canInstall && (await needsBase(readBuildSettings(state).baseImage)),
  });
  await providePackages(needed, platform, { yes, optional: [requirements.keyring] });
  await provideDependencies();
  return { platform, state };
}

/**
 * For `npm start`, once it is built: a running engine, and an image to build on.
 * @param {{ platform: import('./platform.mjs').Platform, state: string, yes: boolean }} options
 */
export async function setUpEngine({ platform, state, yes }) {
  const address = await provideEngine(platform, state, { yes });
  const base = await provideBase(address, { setting: readBuildSettings(state).baseImage, cache: cacheDir(), platform });
  const ca = extraCaFile();
  addBuildSettings(state, {
    ...(base === undefined ? {} : { baseImage: base }),
    ...(ca === undefined ? {} : { extraCaFile: ca }),
  });
}

/**
 * For `npm test`: the same and a browser. `own`: the tests start an engine for themselves; `users`: they use one that runs.
 * @param {{ yes: boolean, engine: 'own' | 'users' | 'none', browser: boolean }} options
 */
export async function setUpForTest({ yes, engine, browser }) {
  checkNode();
  const platform = detectPlatform();
  const ownEngine = engine === 'own';
  if (engine === 'users') refuseWithoutEngine(platform, await findEngine());
  const needed = neededFor('test', platform, {
    needsEngine: ownEngine,
    needsBase: ownEngine && !existsSync(rootfsPath(cacheDir())),
  });
  await providePackages(needed, platform, {
    yes,
    optional: needed.filter((one) => !ownEngine || one !== requirements.engine),
  });
  await provideDependencies();
  if (browser) await provideBrowser(platform, { yes });
  return { platform };
}

/** @param {string | undefined} setting build.baseImage */
async function needsBase(setting) {
  if (setting !== undefined && setting !== ownBase) return false;
  return !existsSync(rootfsPath(cacheDir())) && !(await reachesHub());
}
