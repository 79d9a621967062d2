import { expect, smallService, test, upProject } from './fixture.ts';

test.describe('an engine that goes away', () => {
  test('is said within 2 s, and all is healthy again without a reload within 30 s of its return', async ({
    app: { page },
    bench,
  }) => {
    test.skip(!bench.engine.canInjectFaults, 'the engine is the user’s');
    test.setTimeout(240_000);
    const { name } = await upProject(bench, 'lost', smallService(bench, 'web'));
    const stack = page.getByTestId(`stack-${name}`);
    const indicator = page.getByTestId('engine-indicator');
    await stack.click();
    await expect(stack).toHaveAttribute('data-aggregate', 'healthy');
    await expect(indicator).toHaveAttribute('data-state', 'connected');
    const loadedAt = await page.evaluate(() => performance.timeOrigin);

    // Our own connection breaks at the moment when the page's does: that is when the engine is gone.
    const events = await bench.engine.docker.getEvents();
    events.resume();
    const gone = new Promise<void>((resolve) => {
      events.once('close', () => resolve());
      events.once('end', () => resolve());
    });
    const stopped = bench.engine.stop();
    await gone;
    await expect(indicator).toHaveAttribute('data-state', 'unreachable', { timeout: 2000 });
    await expect(stack).toHaveAttribute('data-aggregate', 'unknown');
    await stopped;

    await bench.engine.start();
    await expect(indicator).toHaveAttribute('data-state', 'connected', { timeout: 30_000 });
    await expect(stack).toHaveAttribute('data-aggregate', 'healthy', { timeout: 30_000 });
    await expect(page.getByTestId('service-web')).toHaveAttribute('data-health', 'healthy');
    expect(await page.evaluate(() => performance.timeOrigin)).toBe(loadedAt);
  });

  test('and the page says so too when the web host itself ends', async ({ app: { page, stop } }) => {
    await expect(page.getByTestId('engine-indicator')).toHaveAttribute('data-state', 'connected');
    await stop();
    await expect(page.getByText(/claude-env open|connection|not answer|ended/i).first()).toBeVisible();
  });
});
