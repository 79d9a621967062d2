import { expect, smallService, test, upProject } from './fixture.ts';

/** By keyboard alone: another number, the plan that follows, and the containers that are there in the end. */
test('another number of containers is typed, planned and applied', async ({ app: { page }, bench }) => {
  const { name } = await upProject(bench, 'scale', smallService(bench, 'web'));
  const running = async () =>
    (await bench.engine.docker.listContainers({ filters: { label: [`com.docker.compose.project=${name}`] } })).length;
  await page.getByTestId(`stack-${name}`).click();
  const many = page.getByLabel('How many');
  await expect(many).toHaveValue('1');
  const scale = page.getByRole('button', { name: 'Scale…' });
  await expect(scale).toBeDisabled();
  await many.focus();
  await many.fill('3');
  await expect(scale).toBeEnabled();
  await many.press('Escape');
  await expect(many).toHaveValue('1');
  await many.fill('3');
  await many.press('Enter');
  await expect(page.getByTestId(`step-create-container ${name}-web-3`)).toBeVisible();
  expect(await running(), 'nothing was done yet').toBe(1);
  await page.getByRole('button', { name: /^Apply \d+ steps$/ }).press('Enter');
  await expect(page.getByTestId('operation')).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
  expect(await running()).toBe(3);
  await page.getByRole('tab', { name: 'Services' }).click();
  await expect(many).toHaveValue('3');
});
