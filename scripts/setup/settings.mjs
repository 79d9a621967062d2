import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from './engine-start.mjs';
import { say } from './terminal.mjs';

/**
 * @typedef {{ baseImage?: string, extraCaFile?: string }} BuildDefaults
 */

/**
 * Build settings that the user (or an earlier set-up) made; {} when there are none.
 * @param {string} state
 * @returns {BuildDefaults}
 */
export function readBuildSettings(state) {
  return readSettings(state)?.build ?? {};
}

/**
 * Adds build settings that this machine needs, where the user has set none. The app owns the file: everything else in
 * it stays as it is, and a file that cannot be read as JSON is left for the app to deal with.
 * @param {string} state
 * @param {BuildDefaults} defaults
 */
export function addBuildSettings(state, defaults) {
  const current = readSettings(state);
  if (current === undefined) return;
  const build = { ...defaults, ...current.build };
  const added = Object.entries(defaults).filter(([key]) => current.build?.[key] === undefined);
  if (added.length === 0) return;
  mkdirSync(state, { recursive: true, mode: 0o700 });
  writeAtomically(join(state, 'settings.json'), `${JSON.stringify({ theme: 'system', ...current, build }, null, 2)}\n`);
  for (const [key, value] of added) say(`setting build.${key} = ${value} (in ${join(state, 'settings.json')})`);
}

/** @param {string} state @returns {any} {} when there is no file, undefined when it cannot be understood */
function readSettings(state) {
  const path = join(state, 'settings.json');
  if (!existsSync(path)) return {};
  try {
    const value = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A CA bundle that the user's tools were told to trust: where the network re-signs TLS, image builds need it as well.
 * npm hands its `cafile` to scripts as npm_config_cafile.
 * @param {NodeJS.ProcessEnv} env
 */
export function extraCaFile(env = process.env) {
  return [env.NODE_EXTRA_CA_CERTS, env.npm_config_cafile].find((path) => path && existsSync(path));
}
