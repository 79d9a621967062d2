/** Channels of Electron's IPC; nothing else is registered. Apart from wire.ts so that the preload carries no parser. */
export const ipcChannels = { toMain: 'claude-env:to-main', toPage: 'claude-env:to-page' } as const;
