import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright';
import { chromiumContext, navigationListeners, toAppUrl, toBrowserUrl } from './chromium.ts';
import { record } from './control.ts';

interface Options {
  readonly webPreferences?: { readonly preload?: string } & Record<string, unknown>;
}

/**
 * What surrounds the preload in a sandboxed, isolated renderer: a `require` that knows only `electron`, and values that
 * cross by copy. The hidden functions are taken off the page before any of its scripts run. A page that opens a window
 * gets none, as with the app's window-open handler: one that Chromium opens and the route refuses stays half made, and
 * later clients of the browser wait for it (seen with Chromium 156).
 */
const preloadFrame = (source: string) => `(() => {
  const send = window.__electronHostSend;
  const opened = window.__electronHostOpen;
  delete window.__electronHostSend;
  delete window.__electronHostOpen;
  window.open = (url) => { void opened(new URL(url, location.href).href); return null; };
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[target="_blank"]') : null;
    if (link === null) return;
    event.preventDefault();
    void opened(link.href);
  }, true);
  const listeners = new Map();
  Object.defineProperty(window, Symbol.for('electron-host.emit'), { value: (channel, message) => {
    for (const listener of [...(listeners.get(channel) ?? [])]) listener({}, message);
  } });
  const electron = {
    contextBridge: { exposeInMainWorld: (name, api) => Object.defineProperty(window, name, { value: Object.freeze({ ...api }) }) },
    ipcRenderer: {
      send: (channel, message) => { void send(channel, structuredClone(message)); },
      on: (channel, listener) => { listeners.set(channel, [...(listeners.get(channel) ?? []), listener]); },
      removeListener: (channel, listener) => { listeners.set(channel, (listeners.get(channel) ?? []).filter((l) => l !== listener)); },
    },
  };
  const require = (name) => {
    if (name === 'electron' || name === 'electron/renderer') return electron;
    throw new Error('module not found: ' + name);
  };
  const module = { exports: {} };
  ((require, module, exports) => {\n${source}\n})(require, module, module.exports);
})();`;

class WebContents extends EventEmitter {
  mainFrame: { url: string; parent: null } = { url: '', parent: null };
  openHandler: ((details: { url: string }) => { action: string }) | undefined;
  #page: Promise<Page>;
  #sent: Promise<unknown> = Promise.resolve();
  #destroyed = false;

  constructor(page: Promise<Page>) {
    super();
    this.#page = page;
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }
  destroy(): void {
    this.#destroyed = true;
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }
  /** In order, as IPC is; a page that is navigating or gone loses the message, as in Electron. */
  send(channel: string, message: unknown): void {
    const deliver = async () => {
      const page = await this.#page;
      await page.evaluate(
        ([name, value]) => {
          const emit = Reflect.get(window, Symbol.for('electron-host.emit')) as (c: unknown, m: unknown) => void;
          emit(name, value);
        },
        [channel, message] as const,
      );
    };
    this.#sent = this.#sent.then(deliver).catch(() => undefined);
  }
}

let nextId = 1;

export class BrowserWindow extends EventEmitter {
  static readonly ipcMain = new EventEmitter();
  readonly id = nextId++;
  readonly webContents: WebContents;
  #page: Promise<Page>;
  #visible = false;

  constructor(options: Options) {
    super();
    const { preload, ...webPreferences } = options.webPreferences ?? {};
    record.windows.push({ id: this.id, webPreferences });
    this.#page = this.#open(preload);
    this.webContents = new WebContents(this.#page);
  }

  async #open(preload: string | undefined): Promise<Page> {
    const { context } = await chromiumContext();
    // The blank page that the browser began with stays: closing the last page would end the browser, and so the tray.
    const page = await context.newPage();
    await page.exposeBinding('__electronHostSend', ({ frame }, channel: string, message: unknown) => {
      const parent = frame.parentFrame();
      BrowserWindow.ipcMain.emit(
        channel,
        { sender: this.webContents, senderFrame: { url: toAppUrl(frame.url()), parent: parent && {} } },
        message,
      );
    });
    await page.exposeBinding('__electronHostOpen', (_source, url: string) => this.webContents.openHandler?.({ url }));
    if (preload !== undefined) await page.addInitScript(preloadFrame(readFileSync(preload, 'utf8')));
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) this.webContents.emit('did-navigate', {}, toAppUrl(frame.url()));
    });
    page.once('load', () => this.emit('ready-to-show'));
    const onNavigation = (url: string, from: Page | undefined) => {
      if (from === page) this.webContents.emit('will-navigate', { url, preventDefault: () => undefined });
    };
    navigationListeners.add(onNavigation);
    page.on('close', () => {
      navigationListeners.delete(onNavigation);
      this.webContents.destroy();
      this.emit('closed');
    });
    return page;
  }

  async loadURL(url: string): Promise<void> {
    try {
      const page = await this.#page;
      await page.goto(toBrowserUrl(url));
    } catch (error) {
      const { context } = await chromiumContext();
      if (context.pages().length === 0) this.webContents.destroy();
      throw error;
    }
  }
  show(): void {
    this.#visible = true;
  }
  focus(): void {
    this.#visible = true;
  }
  isVisible(): boolean {
    return this.#visible;
  }
  isDestroyed(): boolean {
    return this.webContents.isDestroyed();
  }
  isMinimized(): boolean {
    return false;
  }
  restore(): void {
    this.#visible = true;
  }
}
