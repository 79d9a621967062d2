import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { program } from '../../cli/support.ts';
import { createDesk } from '../../electron-host/desk.ts';
import { launchHost, type RunningApp } from '../../electron-host/launch.ts';
import { hasSecretService, type SecretService, startSecretService } from '../../support/secret-service.ts';

/* A value is shown in the window alone, after the system has asked, and for half a minute. */
test.skip(!hasSecretService, 'no dbus-daemon and gnome-keyring here');

const canary = 'c4nary~0451';
const desk = createDesk();
let keyring: SecretService;
let app: RunningApp;

test.beforeAll(async () => {
  await desk.start();
  keyring = await startSecretService();
  const env = { ...desk.env(), ...keyring.environment };
  const set = spawn(process.execPath, [program, 'secret', 'set', 'SHOWN'], {
    env,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  set.stdin.end(canary);
  expect(await once(set, 'exit')).toEqual([0, null]);
  app = await launchHost(env);
});

test.afterAll(async () => {
  expect(await app?.quit()).toBe(0);
  await keyring?.stop();
  await desk.end();
});

test('a value is shown when the user agrees outside of the page, and hides itself', async () => {
  const { page } = app;
  await page.clock.install();
  await page.getByRole('button', { name: 'Credentials' }).click();
  await page.getByTestId('credential-SHOWN').click();
  await page.keyboard.press('v');
  const ask = page.getByRole('button', { name: 'Show the value…' });
  const value = page.getByTestId('revealed');

  // The system's dialog is cancelled.
  await ask.click();
  await expect.poll(async () => (await app.state()).questions).toEqual(['Show the value of SHOWN of the user?']);
  await expect(ask).toBeEnabled();
  await expect(value).toHaveCount(0);

  await app.control('pressButton', 1);
  await ask.click();
  await expect(value).toHaveText(canary);
  await page.clock.fastForward(29_000);
  await expect(value).toHaveText(canary);
  await page.clock.fastForward(2_000);
  await expect(value).toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain(canary);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(kept).not.toContain(canary);
});

test('nothing of it is written', async () => {
  const entries = await readdir(desk.home(), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(files.map(async (path) => [path, await readFile(path, 'latin1')] as const));
  expect(texts.filter(([, text]) => text.includes(canary)).map(([path]) => path)).toEqual([]);
});
