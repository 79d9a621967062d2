import { expect, test } from '@playwright/test';
import { createDesk } from '../../electron-host/desk.ts';
import { type Desktop, launchHost } from '../../electron-host/launch.ts';
import { launchElectron } from '../../electron-host/launch-electron.ts';

/* What must hold of the built window wherever it runs: on the stand-in, and on real Electron where its binary exists. */
const desk = createDesk();
let app: Desktop;

test.beforeAll(async ({ browserName: _ }, { project }) => {
  await desk.start();
  app = await (project.name === 'electron' ? launchElectron : launchHost)(desk.env());
});

test.afterAll(async () => {
  expect(await app?.quit()).toBe(0);
  await desk.end();
});

test('the preload exposes the bridge and nothing else', async () => {
  const exposed = await app.page.evaluate(() => {
    const bridge = Reflect.get(window, 'claudeEnv') as object;
    return { keys: Object.keys(bridge).sort(), require: typeof Reflect.get(window, 'require') };
  });
  expect(exposed).toEqual({ keys: ['capabilities', 'listen', 'post'], require: 'undefined' });
});

test('the page shows the engine and the stack that runs there, live', async () => {
  await expect(app.page.getByTestId('engine-indicator')).toHaveAttribute('data-state', 'connected');
  const stack = app.page.getByTestId(`stack-${desk.project}`);
  await expect(stack).toHaveAttribute('data-aggregate', 'healthy');
  await desk.container().kill();
  await expect(stack).not.toHaveAttribute('data-aggregate', 'healthy', { timeout: 2_000 });
  await desk.container().start();
  await expect(stack).toHaveAttribute('data-aggregate', 'healthy');
});
