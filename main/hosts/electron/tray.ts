import { join } from 'node:path';
import { Menu, type MenuItemConstructorOptions, nativeImage, nativeTheme, Tray } from 'electron';
import type { StackId } from '../../../preload/contract/model.ts';
import type { TrayFace, TrayModel } from './tray-model.ts';

export interface TrayActions {
  readonly open: () => void;
  readonly start: (stack: StackId) => void;
  readonly stop: (stack: StackId) => void;
  readonly quit: () => void;
}

/**
 * Monochrome shapes, one a face. macOS colours an image whose name ends in `Template` for its menu bar; Windows' task bar
 * follows the theme; Linux panels are dark far more often than not and cannot be asked.
 */
function iconOf(directory: string, face: TrayFace): Electron.NativeImage {
  const light = process.platform === 'linux' || (process.platform === 'win32' && nativeTheme.shouldUseDarkColors);
  const image = nativeImage.createFromPath(join(directory, 'tray', `${face}${light ? '-light' : 'Template'}.png`));
  if (!light) image.setTemplateImage(true);
  return image;
}

function toMenu(model: TrayModel, actions: TrayActions): MenuItemConstructorOptions[] {
  const stacks = model.entries.map(
    (entry): MenuItemConstructorOptions => ({
      label: entry.label,
      submenu: [
        { label: 'Start', enabled: entry.canStart, click: () => actions.start(entry.stack) },
        { label: 'Stop', enabled: entry.canStop, click: () => actions.stop(entry.stack) },
      ],
    }),
  );
  const listed: MenuItemConstructorOptions[] = stacks.length > 0 ? stacks : [{ label: 'No stacks', enabled: false }];
  return [
    { label: 'Open claude-env', click: () => actions.open() },
    { type: 'separator' },
    ...listed,
    { type: 'separator' },
    { label: 'Quit claude-env', click: () => actions.quit() },
  ];
}

/**
 * The tray icon. `show` may be called at every live frame: it touches the system only when something it shows changed,
 * because Linux desktops flicker when a menu is set again.
 */
export function createTray(
  icons: string,
  actions: TrayActions,
): { show: (model: TrayModel) => void; destroy: () => void } {
  const tray = new Tray(iconOf(icons, 'off'));
  // Electron hands over the event, which `open` would take for a word on what to show.
  tray.on('click', () => actions.open());
  let shown = '';
  return {
    show: (model) => {
      const key = JSON.stringify(model);
      if (key === shown) return;
      shown = key;
      tray.setImage(iconOf(icons, model.face));
      tray.setToolTip(model.tooltip);
      tray.setContextMenu(Menu.buildFromTemplate(toMenu(model, actions)));
    },
    destroy: () => tray.destroy(),
  };
}
