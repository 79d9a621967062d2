import { expect, test } from '@playwright/test';
import { createDesk } from '../../electron-host/desk.ts';
import { exitCodeOf, launchHost, type RunningApp, spawnHost } from '../../electron-host/launch.ts';

/*
 * The built main and preload, unmodified, on the stand-in for Electron's API. What the window shows is tested on the web
 * host too; here stands what only a desktop program has: window, preload, IPC, tray, dialogs, single instance.
 */
const desk = createDesk();
let app: RunningApp;

test.beforeAll(async () => {
  await desk.start();
  app = await launchHost(desk.env());
});

test.afterAll(async () => {
  expect(await app?.quit()).toBe(0);
  await desk.end();
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

test('the page asks nobody but the app for anything', async () => {
  await app.page.evaluate(() => fetch('https://example.invalid/').catch(() => undefined));
  expect((await app.state()).foreignRequests).toEqual([]);
});

test('the tray follows the state, and stops and starts a stack', async () => {
  // Other stacks may run on the same engine, so the entry is looked at rather than the whole tray's face.
  const entry = async () => (await app.state()).tray?.menu.find((item) => item.label.startsWith(desk.project));
  await expect.poll(entry).toMatchObject({ label: `${desk.project}: healthy` });
  expect((await app.state()).tray?.image).not.toMatch(/^off/);
  await app.control('clickTrayItem', [desk.project, 'Stop']);
  await expect.poll(entry, { timeout: 30_000 }).toMatchObject({ label: `${desk.project}: stopped` });
  expect((await desk.container().inspect()).State.Running).toBe(false);
  await app.control('clickTrayItem', [desk.project, 'Start']);
  await expect.poll(entry, { timeout: 30_000 }).toMatchObject({ label: `${desk.project}: healthy` });
  expect((await app.state()).errorBoxes).toEqual([]);
});

test('a native dialog answers the page', async () => {
  await app.control('answerDialog', [desk.home()]);
  const answer = await callFromPage('desktop.pickFolder', { title: 'Folder' });
  expect(answer).toMatchObject({ t: 'result', output: { path: desk.home() } });
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
  const second = spawnHost(desk.env());
  expect(await exitCodeOf(second)).toBe(0);
  await expect(app.page.getByTestId(`stack-${desk.project}`)).toBeVisible();
});

test('a link opens the dialog that asks for an invite, and one that carries something opens nothing', async () => {
  const { page } = app;
  const dialog = page.getByRole('dialog');
  expect(await exitCodeOf(spawnHost(desk.env(), 0, ['claude-env://join?invite=claude-env-team-1-x']))).toBe(0);
  expect(await exitCodeOf(spawnHost(desk.env(), 0, ['claude-env://join']))).toBe(0);
  await expect(dialog.getByLabel('Invite', { exact: true })).toBeVisible();
  await expect(dialog.getByLabel('Invite', { exact: true })).toHaveValue('');
  expect(new URL(page.url()).hash).toBe('');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await page.getByTestId(`stack-${desk.project}`).click();
});

test('closing the window leaves the tray, which opens it again', async () => {
  await app.closeWindow();
  await expect.poll(async () => (await app.state()).windows.length).toBe(1);
  await app.control('clickTray');
  await expect((await app.currentPage()).getByTestId(`stack-${desk.project}`)).toBeVisible();
  expect((await app.state()).windows.length).toBe(2);
});
