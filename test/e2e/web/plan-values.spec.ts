import { writeFile } from 'node:fs/promises';
import { expect, recordFrames, smallService, test, upProject } from './fixture.ts';
import { withKeyring } from './keyring.ts';

/* A plan that lacks a value and gives one, on a real Secret Service and a real engine. */

const canary = 'c4nary~1733';
withKeyring();

test('what is missing is asked for in the plan, and applying it gives the value for the first time', async ({
  app,
  bench,
}) => {
  const { page } = app;
  const { name, file } = await upProject(bench, 'values', smallService(bench, 'web'));
  const needs = smallService(bench, 'web', `    environment: {PASSWORD: "\${PASSWORD:?of the shop}"}\n`);
  await writeFile(file, `name: ${name}\nservices:\n${needs}`);
  const frames = await recordFrames(page);
  await page.getByText(name, { exact: true }).first().click();
  await page.getByRole('tab', { name: 'Plan' }).click();
  await expect(page.getByText('1 value is missing')).toBeVisible();
  await expect(page.getByText('of the shop').first()).toBeVisible();
  await expect(page.getByRole('button', { name: /in the way/ })).toBeDisabled();

  await page.getByLabel('PASSWORD', { exact: true }).fill(canary);
  await page.getByRole('button', { name: 'Save and plan again' }).click();
  await expect(page.getByText('asks for 1 credential of yours for the first time')).toBeVisible();
  await expect(page.getByText('1 value is missing')).toHaveCount(0);
  await page.getByRole('button', { name: /^Apply/ }).click();

  const container = bench.engine.docker.getContainer(`${name}-web-1`);
  const environment = async () => (await container.inspect().catch(() => undefined))?.Config.Env ?? [];
  await expect.poll(environment).toContain(`PASSWORD=${canary}`);
  await expect(page.getByText('Nothing to do').first()).toBeVisible();
  expect(frames.sent.filter((text) => text.includes(canary))).toHaveLength(1);
  expect(frames.received.filter((text) => text.includes(canary))).toEqual([]);
});
