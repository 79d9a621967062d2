import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';
import { freePort } from '../support/ports.ts';
import type { ControlRequest } from './control.ts';

const main = fileURLToPath(new URL('../../out/main/index.cjs', import.meta.url));
const register = fileURLToPath(new URL('./register.ts', import.meta.url));

type TrayItem = { label: string; enabled: boolean; submenu: TrayItem[] };
export interface HostState {
  readonly sandboxed: boolean;
  readonly permissionHandler: boolean;
  readonly opened: string[];
  readonly questions: string[];
  readonly errorBoxes: { title: string; content: string }[];
  readonly foreignRequests: string[];
  readonly windows: { id: number; webPreferences: Record<string, unknown> }[];
  readonly tray?: { image: string; tooltip: string; menu: TrayItem[] };
}

/** What a test has of the app wherever it runs: on the stand-in or on real Electron. */
export interface Desktop {
  readonly page: Page;
  /** Quits as the user would; resolves with the exit code. */
  readonly quit: () => Promise<number | null>;
}

export interface RunningApp extends Desktop {
  /** Closes the window, and with it the test's connection: a client that stays may hold the next page back for good (seen). */
  readonly closeWindow: () => Promise<void>;
  /** The page of the window that is open now, which is another one after closing and opening. */
  readonly currentPage: () => Promise<Page>;
  readonly process: ChildProcess;
  readonly state: () => Promise<HostState>;
  readonly control: (method: ControlRequest['method'], argument?: unknown) => Promise<unknown>;
}

/** Starts a second copy with the same HOME; resolves with its exit code. */
export const exitCodeOf = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null ? Promise.resolve(child.exitCode) : new Promise((resolve) => child.once('exit', resolve));

export const spawnHost = (env: NodeJS.ProcessEnv, debugPort = 0, words: readonly string[] = []): ChildProcess =>
  spawn(process.execPath, ['--import', register, main, ...words], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...env, ELECTRON_HOST_DEBUG_PORT: String(debugPort), NODE_NO_WARNINGS: '1' },
  });

/** Runs the built app on the stand-in and waits for its page. */
export async function launchHost(env: NodeJS.ProcessEnv): Promise<RunningApp> {
  const port = await freePort();
  const child = spawnHost(env, port);
  let nextId = 1;
  const control = (method: ControlRequest['method'], argument?: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const id = nextId++;
      const onMessage = (message: { id: number; result?: unknown; error?: string }) => {
        if (message.id !== id) return;
        child.off('message', onMessage);
        if (message.error === undefined) resolve(message.result);
        else reject(new Error(message.error));
      };
      child.on('message', onMessage);
      child.send({ id, method, argument } satisfies ControlRequest);
    });
  const page = await findPage(port, child);
  return {
    page,
    closeWindow: async () => {
      await page.close();
      await page.context().browser()?.close();
    },
    currentPage: () => findPage(port, child),
    process: child,
    control,
    state: async () => (await control('state')) as HostState,
    quit: async () => {
      child.kill('SIGTERM');
      return exitCodeOf(child);
    },
  };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
const patience = 30_000;

/** Chromium's debugging port answers some time after its start, and tells nobody when. */
async function connect(port: number, child: ChildProcess): Promise<Browser> {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      return await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { timeout: 5_000 });
    } catch (error) {
      if (child.exitCode !== null || Date.now() > deadline) throw error;
      await pause();
    }
  }
}

/** Looked for by a client of its own each time: one that is there already is not reliably told of new pages (seen). */
async function findPage(port: number, child: ChildProcess): Promise<Page> {
  const deadline = Date.now() + patience;
  while (Date.now() < deadline) {
    const browser = await connect(port, child);
    const pages = browser.contexts().flatMap((context) => context.pages());
    const page = pages.find((candidate) => candidate.url().includes('//app.claude-env.test/'));
    if (page !== undefined) return page;
    // Over the debugging port this ends the connection, not the browser.
    await browser.close();
    await pause();
  }
  throw new Error('the app did not show its page');
}
