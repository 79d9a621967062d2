import { contextBridge, ipcRenderer } from 'electron';
import { ipcChannels } from './contract/channels.ts';
import type { Bridge, ClientMessage, ServerMessage } from './contract/wire.ts';

/*
 * The whole of what the page may touch: post a message, hear the answers. Both are data of the contract; main parses
 * every message and checks its sender. This file never grows a method per call.
 */
const bridge: Bridge = {
  post: (message: ClientMessage) => ipcRenderer.send(ipcChannels.toMain, message),
  listen: (listener) => {
    const onMessage = (_event: unknown, message: ServerMessage) => listener(message);
    ipcRenderer.on(ipcChannels.toPage, onMessage);
    return () => ipcRenderer.removeListener(ipcChannels.toPage, onMessage);
  },
  capabilities: ['dialogs', 'tray'],
};

contextBridge.exposeInMainWorld('claudeEnv', bridge);
