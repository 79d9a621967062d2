import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { defineConfig } from '@playwright/test';
import { chromiumArgs, chromiumPath } from './test/support/chromium.ts';

/*
 * End-to-end tests: a real browser in front of the real product on a real engine.
 *   web             the web host in a browser
 *   electron-host   the built main and preload on a stand-in for Electron's API, a browser behind it
 *   electron        real Electron, where its binary could be had
 * A spec belongs to the projects whose folder it is in; test/e2e/desktop runs on the stand-in and on real Electron.
 */
/** Electron's package is installed without its binary; install.js writes path.txt once it has it. */
function hasElectron(): boolean {
  try {
    return existsSync(createRequire(import.meta.url).resolve('electron/path.txt'));
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

const project = (name: string, ...folders: string[]) => ({
  name,
  testMatch: folders.map((folder) => `**/${folder}/**/*.spec.ts`),
});

export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'test-results/e2e',
  workers: 1,
  fullyParallel: false,
  timeout: 120_000,
  // For machines that are busy; what is promised within a time says so where it is asked for.
  expect: { timeout: 30_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list'], ['json', { outputFile: process.env.CLAUDE_ENV_E2E_REPORT ?? 'test-results/e2e.json' }]],
  use: {
    headless: true,
    trace: 'retain-on-failure',
    launchOptions: {
      args: [...chromiumArgs],
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
    },
  },
  projects: [
    project('web', 'web'),
    project('electron-host', 'electron-host', 'desktop'),
    ...(hasElectron() ? [project('electron', 'desktop')] : []),
  ],
});
