import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { hasDockerRegistry, startDockerRegistry } from '../../support/docker-registry.ts';
import { expect, recordFrames, smallService, test } from './fixture.ts';
import { withKeyring } from './keyring.ts';

/* The Credentials screen on a real Secret Service. */

const canary = 'c4nary~0451';
const service = withKeyring();

/** Enter in a field, twice before the page has had the time to say that it is busy. */
const enterTwice = (page: Page) =>
  page.locator('dialog form').evaluate((form: HTMLFormElement) => {
    form.requestSubmit();
    form.requestSubmit();
  });

test('a value goes from the field to the keychain, is seen nowhere, and is replaced and deleted', async ({
  app,
  bench,
}) => {
  const { page } = app;
  const frames = await recordFrames(page);

  // By the keyboard alone.
  await page.getByRole('button', { name: 'Credentials' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('No credentials yet')).toBeVisible();
  await page.keyboard.press('a');
  await page.keyboard.type('API_TOKEN');
  // Past the choice of whose it is.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type(canary);
  await page.keyboard.press('Enter');
  const row = page.getByTestId('credential-API_TOKEN');
  await expect(row).toHaveAttribute('data-state', 'kept');
  const { environment } = await service();
  const listed = await bench.run(['secret', 'list', '--json'], environment);
  expect(JSON.parse(listed.stdout)).toMatchObject({ secrets: [{ scope: 'user', name: 'API_TOKEN' }] });

  // It was sent once, came back never, and is kept nowhere in the page.
  expect(frames.sent.filter((text) => text.includes(canary))).toHaveLength(1);
  expect(frames.received.filter((text) => text.includes(canary))).toEqual([]);
  const kept = await page.evaluate(() =>
    [document.documentElement.outerHTML, JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join('\n'),
  );
  expect(kept).not.toContain(canary);
  // The web host shows no value, whatever asks it to.
  await row.click();
  await page.keyboard.press('v');
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Replace API_TOKEN' })).toBeVisible();
  await page.getByLabel('Value').fill('an0ther~0451');
  await enterTwice(page);
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(frames.sent.filter((text) => text.includes('an0ther~0451'))).toHaveLength(1);

  await page.keyboard.press('j');
  await page.keyboard.press('Delete');
  await expect(page.getByRole('dialog')).toContainText('No stack that is known here takes it');
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('No credentials yet')).toBeVisible();
  expect((await bench.run(['secret', 'list', '--json'], environment)).stdout).not.toContain('API_TOKEN');
});

test('a key of several lines keeps its lines', async ({ app, bench }) => {
  const { page } = app;
  const { environment } = await service();
  await page.getByRole('button', { name: 'Credentials' }).click();
  await page.keyboard.press('a');
  await page.getByLabel('Name').fill('PEM');
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'first\nsecond\n');
    const field = document.querySelector('input[type="password"]');
    field?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByTestId('credential-PEM')).toBeVisible();
  const name = bench.engine.uniqueName('pem');
  const file = await bench.file(
    `${name}/compose.yaml`,
    `name: ${name}\nservices:\n${smallService(bench, 'web', '    secrets: [pem]\n')}secrets: {pem: {environment: PEM}}\n`,
  );
  const up = await bench.run(['-f', file, 'up', '--yes'], environment);
  expect(up, up.stderr).toMatchObject({ code: 0 });
  const seen = await bench.run(['--file', file, 'exec', '-T', 'web', 'cat', '/run/secrets/pem'], environment);
  expect(seen.stdout).toBe('first\nsecond\n');

  // Brought up in the terminal, from a file that the app never opened: who uses the name is known all the same.
  await expect(page.getByTestId('credential-PEM')).toContainText(`${name}: web`);
  await page.getByTestId('credential-PEM').click();
  await page.keyboard.press('Delete');
  await expect(page.getByRole('dialog')).toContainText(`${name}: web`);
  await page.keyboard.press('Escape');
});

test('what a terminal sets and removes is seen at once, and what stacks need and nobody has is named', async ({
  app,
  bench,
}) => {
  const { page } = app;
  const { environment } = await service();
  const name = bench.engine.uniqueName('needy');
  const file = await bench.file(
    `${name}/compose.yaml`,
    `name: ${name}\nservices:\n${smallService(bench, 'web', '    secrets: [tok]\n')}secrets: {tok: {environment: NEEDED}}\n`,
  );
  await page.getByRole('button', { name: 'Add a stack' }).click();
  await page.getByRole('menuitem', { name: 'Open a compose file…' }).click();
  await page.getByLabel('Files').fill(file);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByRole('button', { name: 'Credentials' }).click();
  const row = page.getByTestId('credential-NEEDED');
  await expect(row).toHaveAttribute('data-state', 'missing');
  await expect(row).toContainText(`${name}: web`);

  const set = bench.start(['secret', 'set', 'NEEDED'], environment);
  set.child.stdin?.end(canary);
  expect((await set.finished).code).toBe(0);
  await expect(row).toHaveAttribute('data-state', 'kept');
  expect((await bench.run(['secret', 'rm', 'NEEDED'], environment)).code).toBe(0);
  await expect(row).toHaveAttribute('data-state', 'missing');
});

test('secrets of a .env are moved after they were looked at, and come back', async ({ app, bench }) => {
  const { page } = app;
  const text = `PORT=8080\nDB_PASSWORD=${canary}\n`;
  const file = await bench.file('imported/.env', text);
  const { received } = await recordFrames(page);
  await page.getByRole('button', { name: 'Credentials' }).click();
  await page.getByRole('button', { name: 'Import…' }).click();
  await page.keyboard.type(file);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('checkbox', { name: 'DB_PASSWORD' })).toBeChecked();
  await page.getByText('1 other entry').click();
  await expect(page.getByRole('checkbox', { name: 'PORT' })).not.toBeChecked();
  expect(await readFile(file, 'utf8')).toBe(text);
  await page.getByRole('button', { name: 'Move 1 to the keychain' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'In the keychain: DB_PASSWORD' })).toBeVisible();
  const moved = await readFile(file, 'utf8');
  expect(moved).toContain('PORT=8080');
  expect(moved).not.toContain(canary);
  await expect(page.getByTestId('credential-DB_PASSWORD')).toHaveAttribute('data-state', 'kept');
  await page.getByRole('button', { name: 'Put the lines back' }).click();
  await expect(page.getByText('The file holds values again: DB_PASSWORD')).toBeVisible();
  expect(await readFile(file, 'utf8')).toBe(text);
  expect(received.filter((frame) => frame.includes(canary))).toEqual([]);
});

test('a login of a registry is kept once the engine was let in with it', async ({ app, bench }) => {
  test.skip(!hasDockerRegistry, 'no docker-registry here');
  const { page } = app;
  const { environment } = await service();
  const registry = await startDockerRegistry('ann', canary);
  const { sent } = await recordFrames(page);
  try {
    await page.getByRole('button', { name: 'Credentials' }).click();
    await page.getByRole('button', { name: 'Registries' }).click();
    await expect(page.getByText('No logins')).toBeVisible();
    await page.getByRole('button', { name: 'Log in to a registry…' }).click();
    await page.keyboard.type(registry.host);
    await page.getByLabel('User').fill('ann');
    await page.getByLabel('Password or token').fill('wr0ng~0451');
    await enterTwice(page);
    await expect(page.getByText('It was not kept')).toBeVisible();
    expect(sent.filter((text) => text.includes('wr0ng~0451'))).toHaveLength(1);
    expect((await bench.run(['registry', 'list', '--json'], environment)).stdout).not.toContain(registry.host);
    await page.getByLabel('Password or token').fill(canary);
    await page.keyboard.press('Enter');
    const row = page.getByTestId(`registry-${registry.host}`);
    await expect(row).toContainText('the keychain');
    expect((await bench.run(['registry', 'list', '--json'], environment)).stdout).toContain(registry.host);
    await row.getByRole('button', { name: 'Log out…' }).click();
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await expect(page.getByText('No logins')).toBeVisible();
  } finally {
    await registry.stop();
  }
});

test('a keyring that is locked says so, and offers this run', async ({ app }) => {
  const { page } = app;
  await (await service()).lock();
  await page.getByRole('button', { name: 'Credentials' }).click();
  await expect(page.getByText('The keychain', { exact: false }).first()).toContainText('locked');
  await page.keyboard.press('a');
  await expect(page.getByLabel('for this run only')).toBeChecked();
  await page.getByLabel('Name').fill('FOR_NOW');
  await page.getByLabel('Value').fill(canary);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByTestId('credential-FOR_NOW')).toHaveAttribute('data-state', 'session');
});
