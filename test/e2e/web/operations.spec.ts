import type { Locator, Page } from '@playwright/test';
import { expect, smallService, test } from './fixture.ts';

async function openFile(page: Page, file: string, name: string): Promise<Locator> {
  await expect(page.getByTestId('engine-indicator')).toHaveAttribute('data-state', 'connected');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('open a compose');
  await page.getByRole('combobox').press('Enter');
  await page.getByLabel('Files').fill(file);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  const stack = page.getByTestId(`stack-${name}`);
  await expect(stack).toBeVisible();
  return stack;
}

const operation = (page: Page) => page.getByTestId('operation');

test.describe('changes from the page', () => {
  test('a compose file is opened, planned, applied and becomes healthy', async ({ app: { page }, bench }) => {
    const name = bench.engine.uniqueName('apply');
    const services = smallService(bench, 'web', '    depends_on: {db: {condition: service_healthy}}\n');
    const file = await bench.file(
      `${name}/compose.yaml`,
      `name: ${name}\nservices:\n${services}${smallService(bench, 'db')}`,
    );
    const stack = await openFile(page, file, name);
    await expect(stack).toHaveAttribute('data-aggregate', 'stopped');
    await page.getByRole('tab', { name: 'Plan' }).click();
    await expect(page.getByTestId(`step-create-container ${name}-web-1`)).toBeVisible();
    await page.getByRole('button', { name: /^Apply \d+ steps$/ }).click();
    await expect(operation(page)).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
    await page.getByRole('tab', { name: 'Services' }).click();
    for (const service of ['web', 'db']) {
      await expect(page.getByTestId(`service-${service}`)).toHaveAttribute('data-health', 'healthy');
    }
    await expect(stack).toHaveAttribute('data-aggregate', 'healthy');
    const plan = await bench.json<{ steps: readonly object[] }>(['-f', file, 'plan']);
    expect(plan.steps).toEqual([]);
  });

  test('cancelling a build ends it on the engine', async ({ app: { page }, bench }) => {
    const name = bench.engine.uniqueName('cancel');
    await bench.file(`${name}/Dockerfile`, `FROM ${bench.engine.base}\nRUN echo begin$((40 + 2)) && sleep 600\n`);
    const file = await bench.file(`${name}/compose.yaml`, `name: ${name}\nservices: {web: {build: .}}\n`);
    const running = async () => (await bench.engine.docker.listContainers()).map(({ Id }) => Id).sort();
    const before = await running();
    await openFile(page, file, name);
    await page.getByRole('tab', { name: 'Plan' }).click();
    await page.getByRole('button', { name: /^Apply \d+ steps$/ }).click();
    const step = operation(page).getByTestId(`step-build-image ${name}-web`);
    await expect(step).toHaveAttribute('data-state', 'running');
    await expect(step).toContainText('begin42', { timeout: 30_000 });
    await expect.poll(async () => (await running()).length).toBe(before.length + 1);

    await operation(page).getByRole('button', { name: 'Cancel' }).click();
    await expect(operation(page)).toHaveAttribute('data-state', 'cancelled');
    await expect.poll(running).toEqual(before);
    expect(await bench.engine.docker.listImages({ filters: { reference: [`${name}*`] } })).toEqual([]);
  });

  test('a build that fails says where, with its last output', async ({ app: { page }, bench }) => {
    const name = bench.engine.uniqueName('fail');
    await bench.file(`${name}/Dockerfile`, `FROM ${bench.engine.base}\nRUN echo the reason is 6$((3 * 9)) && exit 3\n`);
    const file = await bench.file(`${name}/compose.yaml`, `name: ${name}\nservices: {web: {build: .}}\n`);
    await openFile(page, file, name);
    await page.getByRole('tab', { name: 'Plan' }).click();
    await page.getByRole('button', { name: /^Apply \d+ steps$/ }).click();
    await expect(operation(page)).toHaveAttribute('data-state', 'failed', { timeout: 30_000 });
    await expect(operation(page)).toContainText('the reason is 627');
    await expect(operation(page).getByTestId(`step-create-container ${name}-web-1`)).toHaveAttribute(
      'data-state',
      'skipped',
    );
  });

  test('a file with mistakes shows each with its place, and nothing is created', async ({ app: { page }, bench }) => {
    const name = bench.engine.uniqueName('broken');
    const file = await bench.file(
      `${name}/compose.yaml`,
      `name: ${name}\nservices:\n  web:\n    image: ${bench.engine.base}\n    imagge: x\n    ports: ['99999:80']\n`,
    );
    await openFile(page, file, name);
    await page.getByRole('tab', { name: 'Plan' }).click();
    await expect(page.getByText(/imagge/).first()).toBeVisible();
    await expect(page.getByText(/99999/).first()).toBeVisible();
    await expect(page.getByRole('button', { name: /^Apply/ })).toHaveCount(0);
  });
});
