import { eventTime, expect, killMainProcess, recordChanges, smallService, test, upProject } from './fixture.ts';

test.describe('the open page', () => {
  test('shows a container whose main process was killed well under a second after the engine’s event', async ({
    app: { page },
    bench,
  }) => {
    const { name } = await upProject(bench, 'live', smallService(bench, 'web') + smallService(bench, 'db'));
    await page.getByTestId(`stack-${name}`).click();
    const web = page.getByTestId('service-web');
    await expect(web).toHaveAttribute('data-health', 'healthy');
    const loadedAt = await page.evaluate(() => performance.timeOrigin);
    const changes = await recordChanges(page);

    const [died] = await eventTime(bench, `${name}-web-1`, 'die');
    await killMainProcess(bench, `${name}-web-1`);
    const diedAt = (await died) ?? 0;
    const firstOfWeb = async () => (await changes()).find(({ testId }) => testId === 'service-web');
    await expect.poll(firstOfWeb).toBeDefined();
    const delay = ((await firstOfWeb())?.at ?? 0) - diedAt;
    test.info().annotations.push({ type: 'delay', description: `${delay.toFixed(0)} ms after the event` });
    expect(delay).toBeLessThan(700);

    // Its restart policy brings it back, and the page says so as well, without a reload.
    await expect(web).toHaveAttribute('data-health', 'healthy');
    expect(await page.evaluate(() => performance.timeOrigin)).toBe(loadedAt);
    // Nothing happened to the other one.
    expect((await changes()).filter(({ testId }) => testId === 'service-db')).toEqual([]);
  });

  test('follows what is done elsewhere: a stack appears, stops, starts and goes', async ({ app: { page }, bench }) => {
    const { name, file } = await upProject(bench, 'else', smallService(bench, 'web'));
    const stack = page.getByTestId(`stack-${name}`);
    await expect(stack).toHaveAttribute('data-aggregate', 'healthy');
    await bench.run(['-f', file, 'stop']);
    await expect(stack).toHaveAttribute('data-aggregate', /stopped|failed/);
    await bench.run(['-f', file, 'start']);
    await expect(stack).toHaveAttribute('data-aggregate', 'healthy');
    await bench.run(['-f', file, 'down', '--yes']);
    await expect(stack).toHaveCount(0);
  });

  test('says so where a defect of its own ends it, and goes on after a reload', async ({
    app: { page, expectError },
    bench,
  }) => {
    const { name } = await upProject(bench, 'defect', smallService(bench, 'web'));
    const stack = page.getByTestId(`stack-${name}`);
    await expect(stack).toBeVisible();
    expectError(/provoked/);
    await page.evaluate(() => {
      const set = () => {
        throw new Error('provoked');
      };
      Object.defineProperty(document, 'title', { set });
    });
    await stack.click();
    await expect(page.getByRole('alert')).toContainText('A defect in claude-env ended this page.');
    await page.getByRole('button', { name: 'Reload' }).click();
    await stack.click();
    await expect(page.getByTestId('service-web')).toBeVisible();
  });

  test('shows logs as they are written, of several services', async ({ app: { page }, bench }) => {
    const { name, file } = await upProject(bench, 'logs', smallService(bench, 'web') + smallService(bench, 'db'));
    await page.getByTestId(`stack-${name}`).click();
    await page.getByRole('tab', { name: 'Logs' }).click();
    await expect(page.getByText('web says hello')).toBeVisible();
    await expect(page.getByText('db says hello')).toBeVisible();
    const said = `written at ${Date.now()}`;
    const { code } = await bench.run(['-f', file, 'exec', 'web', 'sh', '-c', `echo ${said} > /proc/1/fd/1`]);
    expect(code).toBe(0);
    await expect(page.getByText(said)).toBeVisible();
  });

  test('keeps its session over a reload, and has no use for the same link again', async ({ app: { page, origin } }) => {
    await expect(page.getByTestId('engine-indicator')).toHaveAttribute('data-state', 'connected');
    expect(page.url()).toBe(`${origin}/`);
    await page.reload();
    await expect(page.getByTestId('engine-indicator')).toHaveAttribute('data-state', 'connected');
    expect(await page.context().cookies()).toEqual([]);
  });
});
