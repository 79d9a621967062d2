import { existsSync, readFileSync } from 'node:fs';
import { findCommand } from './run.mjs';
import { hasTerminal } from './terminal.mjs';

/**
 * @typedef {object} Platform
 * @property {'linux' | 'darwin' | 'win32' | 'other'} os
 * @property {string} arch as `process.arch`
 * @property {string} distribution `debian`, `ubuntu`, …; empty outside Linux
 * @property {boolean} root
 * @property {boolean} terminal someone can be asked
 * @property {boolean} systemd it runs, not only is installed
 * @property {boolean} display a window can be shown
 * @property {boolean} canInstall root on Debian or its children: the only place where set-up installs packages itself
 */

/** @returns {Platform} */
export function detectPlatform(env = process.env) {
  const os = /** @type {const} */ (['linux', 'darwin', 'win32']).find((name) => name === process.platform) ?? 'other';
  const linux = os === 'linux';
  const root = process.getuid?.() === 0;
  return {
    os,
    arch: process.arch,
    distribution:
      linux && existsSync('/etc/os-release') ? parseDistribution(readFileSync('/etc/os-release', 'utf8')) : '',
    root,
    terminal: hasTerminal(),
    systemd: linux && existsSync('/run/systemd/system'),
    display: !linux || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY),
    canInstall: linux && root && findCommand('apt-get') !== undefined,
  };
}

/** @param {string} osRelease text of /etc/os-release */
export function parseDistribution(osRelease) {
  return /^ID="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? '';
}
