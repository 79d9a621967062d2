import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeLocalStack, killMcpServer, type LocalStack, writeSettings } from '../../support/local-stack.ts';
import { eventTime, expect, killMainProcess, recordChanges, test } from './fixture.ts';

/*
 * The local stack in the page, from the first run to its removal. One story, for it takes its time to become healthy; its images
 * are on the engine when the terminal's tests ran before, otherwise this builds them.
 */
test.describe.configure({ mode: 'serial', timeout: 900_000 });

let local: LocalStack;
test.beforeAll(async ({ bench }) => {
  await writeSettings(bench);
  local = await describeLocalStack(bench);
  // Of a user's engine the ports may be taken: there the terminal makes it, on others.
  if (bench.engine.canInjectFaults) return;
  const { code, stdout, stderr } = await bench.run([...local.up, '--yes']);
  if (code !== 0) throw new Error(`up ended with ${code}:\n${stdout}${stderr}`);
});
test.afterAll(async ({ bench }) => {
  await bench.run([...local.args, 'down', '--volumes', '--yes']);
});

test('the first run asks for the folder, shows the plan, and brings the local stack up', async ({
  bench,
  app: { page },
}) => {
  test.skip(!bench.engine.canInjectFaults, 'the ports of `local` may be the user’s');
  const code = join(bench.folder, 'first-code');
  await mkdir(code);

  await expect(page.getByRole('heading', { name: 'Set up your local environment' })).toBeVisible();
  await page.getByLabel('Folder with your code').fill(join(bench.folder, 'not-there'));
  await page.getByRole('button', { name: 'Save and show the plan' }).click();
  await expect(page.getByText(/no folder/i).first()).toBeVisible();

  await page.getByLabel('Folder with your code').fill(code);
  await page.getByRole('button', { name: 'Save and show the plan' }).click();
  await expect(page.getByTestId('step-create-container mcp-servers-local')).toBeVisible();
  await page.getByRole('button', { name: /^Apply \d+ steps$/ }).click();
  const operation = page.getByTestId('operation');
  await expect(operation).toHaveAttribute('data-state', 'done', { timeout: 840_000 });

  await page.getByRole('tab', { name: 'Services' }).click();
  await expect(page.getByTestId('stack-claude-env-local')).toHaveAttribute('data-aggregate', 'healthy', {
    timeout: 60_000,
  });
  await page.getByTestId('service-mcp-bundle').click();
  await expect(page.getByTestId('mcp-context7')).toHaveAttribute('data-state', 'ready');
  await expect(page.getByTestId('mcp-sequential')).toHaveAttribute('data-state', 'ready');
  await expect(page.getByTestId('mcp-magic')).toHaveAttribute('data-state', 'needs-setup');
  await expect(page.getByTestId('service-claude-env')).toHaveAttribute('data-health', 'healthy');
});

test('a killed MCP server shows as exactly that one change, and so does its recovery', async ({
  app: { page },
  bench,
}) => {
  await page.getByTestId(`stack-claude-env-${local.name}`).click();
  await page.getByTestId('service-mcp-bundle').click();
  const server = page.getByTestId('mcp-sequential');
  await expect(server).toHaveAttribute('data-state', 'ready');
  const changes = await recordChanges(page);
  expect(await bench.run([...local.args, ...killMcpServer('sequential')])).toMatchObject({ code: 0 });
  await expect.poll(async () => (await changes()).length).toBeGreaterThanOrEqual(2);
  await expect(server).toHaveAttribute('data-state', 'ready');
  const seen = await changes();
  const touched = new Set(seen.map(({ testId }) => testId));
  expect([...touched], JSON.stringify(seen, undefined, 1)).toEqual(['mcp-sequential']);
});

test('a killed main process of mcp-bundle shows well under a second after the event, and its return', async ({
  app: { page },
  bench,
}) => {
  await page.getByTestId(`stack-claude-env-${local.name}`).click();
  const bundle = page.getByTestId('service-mcp-bundle');
  await expect(bundle).toHaveAttribute('data-health', 'healthy');
  const changes = await recordChanges(page);
  const container = `mcp-servers-${local.name}`;
  const [died] = await eventTime(bench, container, 'die');
  await killMainProcess(bench, container);
  const diedAt = (await died) ?? 0;
  const first = async () => (await changes()).find(({ testId }) => testId === 'service-mcp-bundle');
  await expect.poll(first).toBeDefined();
  expect(((await first())?.at ?? 0) - diedAt).toBeLessThan(700);
  await expect(bundle).toHaveAttribute('data-health', 'healthy', { timeout: 60_000 });
});

test('it is removed in the page', async ({ app: { page }, bench }) => {
  test.skip(!bench.engine.canInjectFaults, 'its name there is another one');
  const stack = page.getByTestId(`stack-claude-env-${local.name}`);
  await stack.click();
  await page.getByRole('tab', { name: 'Plan' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('button', { name: 'Remove Local' }).click();
  await expect(stack).toHaveAttribute('data-aggregate', 'stopped', { timeout: 60_000 });
  await expect(page.getByTestId('service-mcp-bundle')).toHaveCount(0);
});
