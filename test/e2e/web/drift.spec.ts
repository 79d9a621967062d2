import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, smallService, test, upProject } from './fixture.ts';

test.describe('file drift', () => {
  test('shows what is changed on the engine as it happens, and leads to the line in the file', async ({
    app: { page },
    bench,
  }) => {
    const { name } = await upProject(bench, 'drift', smallService(bench, 'web', '    mem_limit: 64m\n'));
    await page.getByTestId(`stack-${name}`).click();
    await page.getByRole('tab', { name: 'File drift' }).click();
    await expect(page.getByText('What is there is what the file says')).toBeVisible();

    // Nothing of the live state changes by this.
    const container = bench.engine.docker.getContainer(`${name}-web-1`);
    await container.update({ Memory: 96 * 1024 * 1024, MemorySwap: 192 * 1024 * 1024 });
    const row = page.getByRole('row', { name: /mem_limit/ });
    await expect(row).toContainText('64m');
    await expect(row).toContainText('96m');
    await row.getByRole('button', { name: /^compose\.yaml:\d+$/ }).click();
    await expect(page.locator('.file-line.current')).toContainText('mem_limit: 64m');
  });

  test('a file that was moved is asked for and found again', async ({ app: { page }, bench }) => {
    const { name, file } = await upProject(bench, 'moved', smallService(bench, 'web'));
    const moved = join(bench.folder, `${name}.yaml`);
    await page.getByTestId(`stack-${name}`).click();
    await rename(file, moved);
    await page.getByRole('tab', { name: 'File drift' }).click();
    await page.getByRole('button', { name: 'Where is it now?…' }).click();
    await page.getByLabel('Files').fill(moved);
    await page.getByRole('button', { name: 'Use this file' }).click();
    await expect(page.getByRole('row', { name: /made from another file/ })).toContainText(moved);
  });
});
