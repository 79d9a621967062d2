import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from './fixture.ts';

/*
 * A thousand names, and the time from the click to painted rows. The promise is 300 ms; what is measured is
 * printed beside it. It is held with room for a machine that is busy with other tests.
 */
const count = 1000;
const promised = 300;
const patience = 1500;

test('a thousand credentials open at once', async ({ app, bench }) => {
  const { page } = app;
  const changedAt = Date.UTC(2026, 0, 1);
  const credentials = Array.from({ length: count }, (_, index) =>
    index % 3 === 0
      ? { scope: 'project', project: `project-${index % 40}`, name: `SECRET_${index}`, changedAt }
      : { scope: 'user', name: `SECRET_${index}`, changedAt },
  );
  await mkdir(bench.state, { recursive: true });
  const names = join(bench.state, 'credentials.json');
  await writeFile(names, JSON.stringify({ version: 1, credentials }));
  const times: number[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    // A fresh page each time: nothing is known to it.
    await page.reload();
    await expect(page.getByTestId('engine-indicator')).toHaveAttribute('data-state', 'connected');
    times.push(
      await page.evaluate(
        (title) =>
          new Promise<number>((resolve) => {
            const link = [...document.querySelectorAll<HTMLElement>('.side-row')].find((row) =>
              row.textContent?.includes(title),
            );
            const start = performance.now();
            const look = () => {
              if (document.querySelector('.credential-row') === null) requestAnimationFrame(look);
              // The frame after the one in which they are there: then that one has been painted.
              else requestAnimationFrame(() => resolve(performance.now() - start));
            };
            link?.click();
            requestAnimationFrame(look);
          }),
        'Credentials',
      ),
    );
    await expect(page.getByText(`${count} credentials`)).toBeVisible();
  }
  const sorted = [...times].sort((a, b) => a - b);
  const median = sorted[2] ?? 0;
  const text = `1,000 credentials: median ${median.toFixed(0)} ms of ${sorted.map((time) => time.toFixed(0)).join(', ')} (promised: ${promised} ms)`;
  test.info().annotations.push({ type: 'measured', description: text });
  console.log(text);
  expect(median).toBeLessThan(patience);

  // Only what is in sight exists, and the last one can be reached by a key.
  expect(await page.locator('.credential-row').count()).toBeLessThan(80);
  await page.getByRole('grid', { name: 'Credentials' }).focus();
  await page.keyboard.press('End');
  await expect(page.locator('.credential-row[aria-selected="true"]')).toBeInViewport();
  await page.getByLabel('Search credentials').fill('SECRET_777');
  await expect(page.locator('.credential-row')).toHaveCount(1);
  await rm(names);
});
