import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSettings } from '../../support/local-stack.ts';
import { expect, test } from './fixture.ts';

test.describe('the first run in the page', () => {
  test('asks for the folder, shows the plan, brings the local stack up and takes it down again', async ({
    bench,
    app: { page },
  }) => {
    test.skip(!bench.engine.canInjectFaults, 'the ports of `local` may be the user’s');
    // Minutes when the images are not on the engine yet, seconds when they are.
    test.setTimeout(900_000);
    await writeSettings(bench);
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

    await page.getByRole('tab', { name: 'Plan' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('button', { name: 'Remove Local' }).click();
    await expect(page.getByTestId('stack-claude-env-local')).toHaveAttribute('data-aggregate', 'stopped', {
      timeout: 60_000,
    });
    await expect(page.getByTestId('service-mcp-bundle')).toHaveCount(0);
  });
});
