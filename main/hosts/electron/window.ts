import { BrowserWindow, session, shell } from 'electron';
import { pageOrigin, pageUrl } from './app-protocol.ts';

/** Addresses that may leave the app: web pages and VS Code's own links. Everything else (file:, javascript:, …) is refused. */
export function mayOpen(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol } = new URL(address);
  return protocol === 'https:' || protocol === 'http:' || protocol === 'vscode:';
}

/** No page of ours asks for camera, clipboard reads, notifications and the like: every permission is refused. */
export function refusePermissions(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, permission, callback) =>
    callback(permission === 'clipboard-sanitized-write'),
  );
  session.defaultSession.setPermissionCheckHandler(
    (_contents, permission) => permission === 'clipboard-sanitized-write',
  );
}

export interface WindowOptions {
  /** Absolute paths. */
  readonly preload: string;
  readonly icon: string;
  /** Address of the development server; undefined: the built page. */
  readonly development: string | undefined;
  /** The page begins with “Join a team”. */
  readonly toJoin: boolean;
}

/**
 * The one window. Sandboxed, isolated, without Node; it cannot navigate away nor open windows of its own, links go to
 * the system's browser. https://www.electronjs.org/docs/latest/tutorial/security
 */
export function createWindow({ preload, icon, development, toJoin }: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 720,
    minHeight: 480,
    show: false,
    title: 'claude-env',
    autoHideMenuBar: true,
    backgroundColor: '#17191c',
    icon,
    webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true },
  });
  window.once('ready-to-show', () => window.show());
  window.webContents.setWindowOpenHandler(({ url }) => {
    if (mayOpen(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
  window.webContents.on('will-navigate', (event) => {
    if (!isOwnPage(event.url, development)) event.preventDefault();
  });
  load(window, `${development ?? pageUrl}${toJoin ? joinHash : ''}`);
  return window;
}

/** What the page is told by; it takes it out of its address again. */
const joinHash = '#join';

/** In a window that is open: its page stays, and hears that its address has another end. */
export const showJoin = (window: BrowserWindow, development: string | undefined): void =>
  load(window, `${development ?? pageUrl}${joinHash}`);

function load(window: BrowserWindow, url: string): void {
  window.loadURL(url).catch((error: unknown) => {
    // Closed before it had loaded: nobody waits for it any more.
    if (!window.isDestroyed()) throw error;
  });
}

/** True for our page only, by origin: the packaged scheme, or the development server's when one was given at start. */
export function isOwnPage(address: string, development: string | undefined): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  // Node gives custom schemes the origin "null", so scheme and host are compared by hand.
  if (`${url.protocol}//${url.host}` === pageOrigin) return true;
  return development !== undefined && url.origin === new URL(development).origin;
}
