import { type BrowserWindow, ipcMain } from 'electron';
import { ipcChannels } from '../../../preload/contract/channels.ts';
import type { ServerMessage } from '../../../preload/contract/wire.ts';
import type { Dispatcher } from '../../rpc/dispatch.ts';
import { isOwnPage } from './window.ts';

/**
 * Joins one window to the dispatcher. A message counts only when it comes from the window's own top frame showing our
 * page; anything else is dropped without an answer. A reload ends the old page's subscriptions.
 */
export function connectWindow(window: BrowserWindow, dispatcher: Dispatcher, development: string | undefined): void {
  const { webContents } = window;
  const open = () =>
    dispatcher.connect((message: ServerMessage) => {
      if (!webContents.isDestroyed()) webContents.send(ipcChannels.toPage, message);
    });
  let connection = open();

  const onMessage = (event: Electron.IpcMainEvent, message: unknown) => {
    const { senderFrame } = event;
    if (event.sender !== webContents || senderFrame === null || senderFrame.parent !== null) return;
    if (!isOwnPage(senderFrame.url, development)) return;
    connection.receive(message);
  };
  const onNavigation = () => {
    connection.close();
    connection = open();
  };

  ipcMain.on(ipcChannels.toMain, onMessage);
  webContents.on('did-navigate', onNavigation);
  window.once('closed', () => {
    ipcMain.off(ipcChannels.toMain, onMessage);
    connection.close();
  });
}
