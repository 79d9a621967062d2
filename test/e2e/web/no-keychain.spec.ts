import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { noKeychain } from '../../support/secret-service.ts';
import { expect, smallService, test, upProject } from './fixture.ts';

/* Nothing to keep values in, as on a server or in a container: every page works, and says so where it matters. */
test.use({ surroundings: noKeychain });

const canary = 'c4nary~for-this-run';

async function everythingBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return new Map(await Promise.all(files.map(async (path) => [path, await readFile(path, 'latin1')] as const)));
}

test('every page and dialog works', async ({ app, bench }) => {
  const { page } = app;
  const project = await upProject(bench, 'plain', smallService(bench, 'web'));
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const tab = (name: string) => page.getByRole('tab', { name });

  await page.getByTestId(`stack-${project.name}`).click();
  await expect(page.getByTestId('service-web')).toHaveAttribute('data-aggregate', 'healthy');
  await tab('Logs').click();
  await expect(page.getByText('web says hello')).toBeVisible();
  await tab('Plan').click();
  await expect(page.getByText('What runs is what the file says')).toBeVisible();
  await tab('File drift').click();
  await expect(page.getByText('What is there is what the file says')).toBeVisible();
  await tab('Compose file').click();
  await expect(page.getByText(bench.engine.base)).toBeVisible();

  await button('Add a stack').click();
  await page.getByRole('menuitem', { name: 'New local environment…' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await button('Add a stack').click();
  await page.getByRole('menuitem', { name: 'Open a compose file…' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await button('Settings').click();
  await expect(page.getByText('Extra CA certificates')).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('heading', { name: 'In Credentials' })).toBeVisible();
  await page.keyboard.press('Escape');
  await button('Doctor').click();
  await expect(page.locator('.checks li').filter({ hasText: 'Keychain' })).toContainText('for one run only');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('credentials');
  await page.keyboard.press('Enter');
  await expect(page.getByText('There is no session bus here')).toBeVisible();
  await button('Try again').click();
  await expect(page.getByText('There is no session bus here')).toBeVisible();
  await button('Registries').click();
  await expect(page.getByText('No logins')).toBeVisible();
  await button('Team').click();
  await expect(page.getByTestId('team')).toHaveAttribute('data-part', 'none');
});

test('a value is kept for this run alone: used, written nowhere, and gone afterwards', async ({ app, bench }) => {
  const { page } = app;
  const name = bench.engine.uniqueName('session');
  const service = smallService(bench, 'web', '    secrets: [tok]\n');
  const file = await bench.file(
    `${name}/compose.yaml`,
    `name: ${name}\nservices:\n${service}secrets: {tok: {environment: FOR_THIS_RUN}}\n`,
  );
  await page.getByRole('button', { name: 'Add a stack' }).click();
  await page.getByRole('menuitem', { name: 'Open a compose file…' }).click();
  await page.getByLabel('Files').fill(file);
  await page.getByRole('button', { name: 'Open', exact: true }).click();

  await page.getByRole('button', { name: 'Credentials' }).click();
  const row = page.getByTestId('credential-FOR_THIS_RUN');
  await expect(row).toHaveAttribute('data-state', 'missing');
  await row.click();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('in the system’s keychain')).toBeDisabled();
  await expect(page.getByLabel('for this run only')).toBeChecked();
  await page.getByLabel('Value').fill(canary);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(row).toHaveAttribute('data-state', 'session');

  // The stack takes it.
  await page.getByTestId(`stack-${name}`).click();
  await page.getByRole('tab', { name: 'Plan' }).click();
  await page.getByRole('button', { name: /^Apply \d+ step/ }).click({ timeout: 20_000 });
  await expect(page.getByTestId(`stack-${name}`)).toHaveAttribute('data-aggregate', 'healthy', { timeout: 60_000 });
  const inside = await bench.run(['--file', file, 'exec', '-T', 'web', 'cat', '/run/secrets/tok'], noKeychain);
  expect(inside.stdout.trim()).toBe(canary);

  const written = await everythingBelow(bench.folder);
  expect([...written].filter(([, text]) => text.includes(canary)).map(([path]) => path)).toEqual([]);
  expect([...written.keys()].filter((path) => path.endsWith('credentials.json'))).toEqual([]);
  await app.stop();
  expect((await bench.run(['secret', 'list', '--json'], noKeychain)).stdout).not.toContain('FOR_THIS_RUN');
});
