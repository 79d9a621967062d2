import { join } from 'node:path';
import { app, type BrowserWindow, dialog, Menu } from 'electron';
import { applyPatch, emptyLiveState } from '../../../preload/contract/live-state.ts';
import type { PlanAction, StackId } from '../../../preload/contract/model.ts';
import { createDispatcher } from '../../rpc/dispatch.ts';
import { encodeError } from '../../rpc/encode-error.ts';
import type { Log } from '../../services/ports.ts';
import type { Services } from '../../services/services.ts';
import { watchCrashes } from '../shared/crash.ts';
import { createApp } from '../shared/create-app.ts';
import { registerScheme, servePage } from './app-protocol.ts';
import { createDesktop } from './desktop.ts';
import { connectWindow } from './ipc.ts';
import { asksToJoin, linkScheme } from './join-link.ts';
import { startKeychainProcess } from './keychain-process.ts';
import { createTray } from './tray.ts';
import { toTrayModel } from './tray-model.ts';
import { createWindow, refusePermissions, showJoin } from './window.ts';

/** Set by `npm run dev` only; a packaged app never loads anything but its own files. */
const development = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL;
const built = join(import.meta.dirname, '..');
const icons = join(app.isPackaged ? process.resourcesPath : join(built, '../resources'), 'icons');

/** Plans and runs in one go, for actions that lose nothing. What fails is shown by the window's operation panel. */
async function act(services: Services, log: Log, stack: StackId, action: PlanAction): Promise<void> {
  try {
    const { fingerprint } = await services.stacks.plan({ stack }, action, {});
    await services.stacks.run({ stack }, action, { fingerprint });
  } catch (error) {
    dialog.showErrorBox(`Could not ${action}`, encodeError(error, action, log).message);
  }
}

async function run(): Promise<void> {
  await app.whenReady();
  const { services, log, close } = await createApp({
    host: 'electron',
    version: app.getVersion(),
    startKeychain: startKeychainProcess(join(built, 'cli/keychain-worker.cjs')),
    ...(app.isPackaged ? { packaged: true, resourcesIn: process.resourcesPath } : {}),
  });
  watchCrashes(log, (text) => dialog.showErrorBox('Something went wrong inside claude-env', text));
  servePage(join(built, 'renderer'));
  refusePermissions();
  Menu.setApplicationMenu(
    process.platform === 'darwin' ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }]) : null,
  );

  let window: BrowserWindow | undefined;
  const desktop = createDesktop({ window: () => window, reveal: services.credentials.reveal });
  const dispatcher = createDispatcher({ services, log, desktop });
  const open = (toJoin = false) => {
    if (window !== undefined) {
      if (toJoin) showJoin(window, development);
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
      return;
    }
    window = createWindow({
      preload: join(built, 'preload/index.cjs'),
      icon: join(icons, 'icon.png'),
      development,
      toJoin,
    });
    connectWindow(window, dispatcher, development);
    window.once('closed', () => {
      window = undefined;
    });
  };

  const tray = createTray(icons, {
    open,
    start: (stack) => void act(services, log, stack, 'start'),
    stop: (stack) => void act(services, log, stack, 'stop'),
    quit: () => app.quit(),
  });
  let live = emptyLiveState;
  const unsubscribe = services.live.subscribe((frame) => {
    live = frame.kind === 'snapshot' ? frame.state : frame.patches.reduce(applyPatch, live);
    tray.show(toTrayModel(live));
  });

  app.on('second-instance', (_event, words) => open(asksToJoin(words)));
  app.on('activate', () => open());
  // The tray keeps the app alive when its window is closed; quitting is said in the tray or by the system.
  app.on('window-all-closed', () => undefined);
  let closing: Promise<void> | undefined;
  app.on('before-quit', (event) => {
    if (closing !== undefined) return;
    event.preventDefault();
    unsubscribe();
    closing = close().finally(() => {
      tray.destroy();
      app.exit(0);
    });
  });
  onLink = () => open(true);
  open(linkCame);
}

/** macOS tells of links, one of which may be what the app is started by; elsewhere they are words of the command line. */
let linkCame = asksToJoin(process.argv);
let onLink = () => {
  linkCame = true;
};
app.on('open-url', (event, url) => {
  event.preventDefault();
  if (asksToJoin([url])) onLink();
});

registerScheme();
if (app.isPackaged) app.setAsDefaultProtocolClient(linkScheme);
app.enableSandbox();
if (app.requestSingleInstanceLock()) {
  run().catch((error: unknown) => {
    dialog.showErrorBox('claude-env could not start', error instanceof Error ? error.message : String(error));
    app.exit(1);
  });
} else {
  app.quit();
}
