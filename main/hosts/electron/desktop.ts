import { type BrowserWindow, dialog, type OpenDialogOptions, shell } from 'electron';
import { AppFailure } from '../../core/app-failure.ts';
import type { DesktopPort } from '../../rpc/handlers.ts';
import { mayOpen } from './window.ts';

/** Native dialogs over the window, and links out of it. */
export function createDesktop(window: () => BrowserWindow | undefined): DesktopPort {
  const pick = async (options: OpenDialogOptions): Promise<string[]> => {
    const parent = window();
    const { filePaths } = await (parent === undefined
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(parent, options));
    return filePaths;
  };
  const startAt = (start: string | undefined) => (start === undefined ? {} : { defaultPath: start });
  return {
    pickFolder: async ({ title, start }) => {
      const [path] = await pick({ title, ...startAt(start), properties: ['openDirectory', 'createDirectory'] });
      return path === undefined ? {} : { path };
    },
    pickFiles: async ({ title, start }) => ({
      paths: await pick({
        title,
        ...startAt(start),
        properties: ['openFile', 'multiSelections'],
        filters: [{ name: 'Compose files', extensions: ['yaml', 'yml'] }],
      }),
    }),
    openExternal: async ({ url }) => {
      if (!mayOpen(url)) {
        throw new AppFailure({
          code: 'input.invalid',
          message: 'This address is not opened',
          hint: 'Only http, https and vscode addresses leave the app.',
        });
      }
      await shell.openExternal(url);
      return {};
    },
  };
}
