import { type BrowserWindow, dialog, type MessageBoxOptions, type OpenDialogOptions, shell } from 'electron';
import { AppFailure } from '../../core/app-failure.ts';
import type { DesktopPort } from '../../rpc/handlers.ts';
import { type CredentialKey, titleOf } from '../../services/credentials.ts';
import { mayOpen } from './window.ts';

export interface DesktopOptions {
  readonly window: () => BrowserWindow | undefined;
  readonly reveal: (key: CredentialKey) => Promise<string>;
}

/** Native dialogs over the window, and links out of it. */
export function createDesktop({ window, reveal }: DesktopOptions): DesktopPort {
  const pick = async (options: OpenDialogOptions): Promise<string[]> => {
    const parent = window();
    const { filePaths } = await (parent === undefined
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(parent, options));
    return filePaths;
  };
  /** Asked outside of the page, so that nothing that got into the page can answer for the user. */
  const confirms = async (question: MessageBoxOptions): Promise<boolean> => {
    const parent = window();
    const { response } = await (parent === undefined
      ? dialog.showMessageBox(question)
      : dialog.showMessageBox(parent, question));
    return response === 1;
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
    revealCredential: async ({ key }) => {
      const agreed = await confirms({
        type: 'warning',
        message: `Show the value of ${titleOf(key)}?`,
        detail: 'It will be readable on this screen for 30 seconds.',
        buttons: ['Cancel', 'Show the value'],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
      });
      return agreed ? { value: await reveal(key) } : {};
    },
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
