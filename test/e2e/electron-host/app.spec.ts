import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { exitCodeOf, launchHost, type RunningApp, spawnHost } from '../../electron-host/launch.ts';
import { testEngine } from '../../support/engine.ts';

/*
 * The built main and preload, unmodified, on the stand-in for Electron's API. What the window shows is tested on the web
 * host too; here stands what only a desktop program has: window, preload, IPC, tray, dialogs, single instance.
 */
const engine = testEngine();
const project = engine.uniqueName('desk');
let home: string;
let app: RunningApp;
let env: NodeJS.ProcessEnv;

test.beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'claude-env-desk-'));
  env = {
    ...process.env,
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    CLAUDE_ENV_STATE: join(home, 'state'),
    DOCKER_HOST: engine.address,
  };
  const container = await engine.docker.createContainer({
    name: `${project}-web-1`,
    Image: engine.base,
    Cmd: ['sleep', 'infinity'],
    Labels: {
      'com.docker.compose.project': project,
      'com.docker.compose.service': 'web',
      'com.docker.compose.container-number': '1',
      'com.docker.compose.oneoff': 'False',
      'com.docker.compose.config-hash': '0'.repeat(64),
    },
    HostConfig: { Init: true },
  });
  await container.start();
  app = await launchHost(env);
});

test.afterAll(async () => {
  expect(await app?.quit()).toBe(0);
  await engine.cleanUp();
  await rm(home, { recursive: true, force: true });
});

let nextCall = 900_001;
/** A call that a script in the page makes through the preload's bridge, past the typed client. */
const callFromPage = (method: string, input: unknown) =>
  app.page.evaluate(
    ([id, name, value]) =>
      new Promise<{ t: string }>((resolve) => {
        const bridge = Reflect.get(window, 'claudeEnv') as {
          post: (message: unknown) => void;
          listen: (listener: (message: { t: string; id: number }) => void) => () => void;
        };
        const stop = bridge.listen((message) => {
          if (message.id !== id) return;
          stop();
          resolve(message);
        });
        bridge.post({ t: 'call', id, method: name, input: value });
      }),
    [nextCall++, method, input] as const,
  );

test('the window is sandboxed, isolated and without Node', async () => {
  const { windows, sandboxed, permissionHandler } = await app.state();
  expect(sandboxed).toBe(true);
  expect(permissionHandler).toBe(true);
  expect(windows.map(({ webPreferences }) => webPreferences)).toEqual([
    { sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true },
  ]);
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
  const stack = app.page.getByTestId(`stack-${project}`);
  await expect(stack).toHaveAttribute('data-aggregate', 'healthy');
  await engine.docker.getContainer(`${project}-web-1`).kill();
  await expect(stack).not.toHaveAttribute('data-aggregate', 'healthy', { timeout: 2_000 });
  await engine.docker.getContainer(`${project}-web-1`).start();
  await expect(stack).toHaveAttribute('data-aggregate', 'healthy');
});

test('the page asks nobody but the app for anything', async () => {
  await app.page.evaluate(() => fetch('https://example.invalid/').catch(() => undefined));
  expect((await app.state()).foreignRequests).toEqual([]);
});

test('the tray follows the state, and stops and starts a stack', async () => {
  // Other stacks may run on the same engine, so the entry is looked at rather than the whole tray's face.
  const entry = async () => (await app.state()).tray?.menu.find((item) => item.label.startsWith(project));
  await expect.poll(entry).toMatchObject({ label: `${project}: healthy` });
  expect((await app.state()).tray?.image).not.toMatch(/^off/);
  await app.control('clickTrayItem', [project, 'Stop']);
  await expect.poll(entry, { timeout: 30_000 }).toMatchObject({ label: `${project}: stopped` });
  expect((await engine.docker.getContainer(`${project}-web-1`).inspect()).State.Running).toBe(false);
  await app.control('clickTrayItem', [project, 'Start']);
  await expect.poll(entry, { timeout: 30_000 }).toMatchObject({ label: `${project}: healthy` });
  expect((await app.state()).errorBoxes).toEqual([]);
});

test('a native dialog answers the page', async () => {
  await app.control('answerDialog', [home]);
  const answer = await callFromPage('desktop.pickFolder', { title: 'Folder' });
  expect(answer).toMatchObject({ t: 'result', output: { path: home } });
});

test('only web and VS Code addresses leave the app', async () => {
  expect((await callFromPage('desktop.openExternal', { url: 'file:///etc/passwd' })).t).toBe('error');
  expect((await callFromPage('desktop.openExternal', { url: 'vscode://vscode-remote/x' })).t).toBe('result');
  expect((await app.state()).opened).toEqual(['vscode://vscode-remote/x']);
});

test('a page that opens a window gets none; a web address goes to the system', async () => {
  await app.page.evaluate(() => {
    window.open('https://example.invalid/docs');
    window.open('file:///etc/passwd');
  });
  await expect.poll(async () => (await app.state()).opened).toContain('https://example.invalid/docs');
  expect((await app.state()).opened).not.toContain('file:///etc/passwd');
  expect(
    app.page
      .context()
      .pages()
      .filter((page) => page.url().includes('example')),
  ).toEqual([]);
});

test('the page cannot be taken elsewhere', async () => {
  const before = app.page.url();
  await app.page.evaluate(() => {
    window.location.href = 'https://example.invalid/elsewhere';
  });
  await expect.poll(async () => (await app.state()).foreignRequests).toContain('https://example.invalid/elsewhere');
  expect(app.page.url()).toBe(before);
});

test('a second start shows the first window and ends', async () => {
  const second = spawnHost(env);
  expect(await exitCodeOf(second)).toBe(0);
  await expect(app.page.getByTestId(`stack-${project}`)).toBeVisible();
});

test('closing the window leaves the tray, which opens it again', async () => {
  await app.page.close();
  await expect.poll(async () => (await app.state()).windows.length).toBe(1);
  const opened = app.page.context().waitForEvent('page');
  await app.control('clickTray');
  await expect((await opened).getByTestId(`stack-${project}`)).toBeVisible();
  expect((await app.state()).windows.length).toBe(2);
});
