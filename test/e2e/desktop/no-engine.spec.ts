import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { type Desktop, launchHost } from '../../electron-host/launch.ts';
import { launchElectron } from '../../electron-host/launch-electron.ts';

/* The one window test that needs no engine: real Electron runs it on every system, also where CI has no Docker. */
let home: string;
let app: Desktop;

test.beforeAll(async ({ browserName: _ }, { project }) => {
  home = await mkdtemp(join(tmpdir(), 'claude-env-alone-'));
  const nobody = process.platform === 'win32' ? 'npipe:////./pipe/nobody' : `unix://${home}/nobody.sock`;
  const env = { ...process.env, HOME: home, CLAUDE_ENV_STATE: join(home, 'state'), DOCKER_HOST: nobody };
  app = await (project.name === 'electron' ? launchElectron : launchHost)(env);
});

test.afterAll(async () => {
  expect(await app?.quit()).toBe(0);
  await rm(home, { recursive: true, force: true });
});

test('without an engine the window opens and says what it looked for', async () => {
  await expect(app.page.getByTestId('engine-indicator')).toHaveAttribute('data-state', 'unreachable');
  await expect(app.page.getByText('DOCKER_HOST').first()).toBeVisible();
});
