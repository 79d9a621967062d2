import { describeLocalStack, killMcpServer, type LocalStack, writeSettings } from '../../support/local-stack.ts';
import { eventTime, expect, killMainProcess, recordChanges, test } from './fixture.ts';

let local: LocalStack;

test.describe('the local stack in the page', () => {
  // Its images are on the engine when the terminal's tests ran before; otherwise this builds them.
  test.beforeAll(async ({ bench }) => {
    test.setTimeout(900_000);
    await writeSettings(bench);
    local = await describeLocalStack(bench);
    const { code, stdout, stderr } = await bench.run([...local.up, '--yes']);
    if (code !== 0) throw new Error(`up ended with ${code}:\n${stdout}${stderr}`);
  });
  test.afterAll(async ({ bench }) => {
    await bench.run([...local.args, 'down', '--volumes', '--yes']);
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
});
