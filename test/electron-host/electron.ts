/** The part of Electron's main-process API that the app uses, with Electron's names and meanings. */
import { type ChildProcess, fork, type Serializable } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { BrowserWindow } from './browser-window.ts';
import { chromiumContext, protocolHandlers } from './chromium.ts';
import { type HostMenuItem, record, serveControl } from './control.ts';

export { BrowserWindow };

class App extends EventEmitter {
  readonly isPackaged = false;
  #ready = chromiumContext();

  async whenReady(): Promise<void> {
    await this.#ready;
  }
  getVersion(): string {
    return '0.0.0-host';
  }
  getPath(name: string): string {
    const folder = join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'claude-env');
    return name === 'userData' ? folder : homedir();
  }
  enableSandbox(): void {
    record.sandboxed = true;
  }
  /** A pid file decides, as Electron's lock in userData does; the holder hears SIGUSR2 for `second-instance`. */
  requestSingleInstanceLock(): boolean {
    const folder = this.getPath('userData');
    mkdirSync(folder, { recursive: true });
    const lock = join(folder, 'instance.pid');
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
    } catch {
      const holder = Number(readFileSync(lock, 'utf8'));
      if (isAlive(holder)) {
        writeFileSync(`${lock}.words`, JSON.stringify(process.argv));
        process.kill(holder, 'SIGUSR2');
        return false;
      }
      writeFileSync(lock, String(process.pid));
    }
    process.on('SIGUSR2', () => this.emit('second-instance', {}, JSON.parse(readFileSync(`${lock}.words`, 'utf8'))));
    process.on('exit', () => rmSync(lock, { force: true }));
    return true;
  }
  quit(): void {
    let prevented = false;
    this.emit('before-quit', {
      preventDefault: () => {
        prevented = true;
      },
    });
    if (!prevented) this.exit(0);
  }
  exit(code = 0): void {
    void this.#ready.then(({ context }) => context.close()).finally(() => process.exit(code));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export const app = new App();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit());

export const ipcMain = BrowserWindow.ipcMain;

export const protocol = {
  registerSchemesAsPrivileged: (schemes: readonly { scheme: string }[]): void => {
    record.schemes = schemes.map(({ scheme }) => scheme);
  },
  handle: (scheme: string, handler: (request: Request) => Promise<Response> | Response): void => {
    protocolHandlers.set(scheme, handler);
  },
};

export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler: unknown): void => {
      record.permissionHandler = typeof handler === 'function';
    },
    setPermissionCheckHandler: (): void => undefined,
  },
};

export const shell = {
  openExternal: async (url: string): Promise<void> => {
    record.opened.push(url);
  },
};

export const dialog = {
  showOpenDialog: async (): Promise<{ canceled: boolean; filePaths: string[] }> => {
    const filePaths = record.dialogAnswers.shift() ?? [];
    return { canceled: filePaths.length === 0, filePaths };
  },
  /** The first button, which cancels, unless the test has pressed another. */
  showMessageBox: async (...args: unknown[]): Promise<{ response: number }> => {
    const { message } = args.at(-1) as { readonly message: string };
    record.questions.push(message);
    return { response: record.pressedButtons.shift() ?? 0 };
  },
  showErrorBox: (title: string, content: string): void => {
    record.errorBoxes.push({ title, content });
  },
};

export const nativeTheme = Object.assign(new EventEmitter(), { shouldUseDarkColors: true });

export const nativeImage = {
  createFromPath: (path: string) => {
    readFileSync(path); // Electron gives an empty picture for a missing file; a test shall fail instead.
    return { path: basename(path), setTemplateImage: (): void => undefined };
  },
};

export const Menu = {
  buildFromTemplate: (template: HostMenuItem[]) => template,
  setApplicationMenu: (): void => undefined,
};

export class Tray extends EventEmitter {
  constructor(image: { path: string }) {
    super();
    record.tray = { image: image.path, tooltip: '', menu: [], click: () => this.emit('click', { altKey: false }) };
  }
  setImage(image: { path: string }): void {
    if (record.tray) record.tray.image = image.path;
  }
  setToolTip(tooltip: string): void {
    if (record.tray) record.tray.tooltip = tooltip;
  }
  setContextMenu(menu: HostMenuItem[]): void {
    if (record.tray) record.tray.menu = menu;
  }
  destroy(): void {
    record.tray = undefined;
  }
}

serveControl(app);

class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess;
  constructor(file: string, args: readonly string[]) {
    super();
    this.#child = fork(file, args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    this.#child.on('message', (message) => this.emit('message', message));
    this.#child.once('exit', (code) => this.emit('exit', code));
  }
  postMessage(message: Serializable): void {
    this.#child.send(message);
  }
  kill(): boolean {
    return this.#child.kill();
  }
}

/** A child of Node; what differs from Electron's is the port, which main/platform/keychain/worker.ts knows both of. */
export const utilityProcess = {
  fork: (file: string, args: readonly string[] = []): UtilityProcess => new UtilityProcess(file, args),
};
