import type { EventEmitter } from 'node:events';
import type { MenuItemConstructorOptions } from 'electron';
import { expect, it, vi } from 'vitest';

const shown = vi.hoisted(() => ({
  tray: undefined as EventEmitter | undefined,
  menu: [] as readonly MenuItemConstructorOptions[],
}));
vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  class Tray extends Emitter {
    constructor() {
      super();
      shown.tray = this;
    }
    setImage = () => undefined;
    setToolTip = () => undefined;
    setContextMenu = (menu: readonly MenuItemConstructorOptions[]) => {
      shown.menu = menu;
    };
  }
  return {
    Tray,
    Menu: { buildFromTemplate: (items: unknown) => items },
    nativeImage: { createFromPath: () => ({ setTemplateImage: () => undefined }) },
    nativeTheme: new Emitter(),
  };
});
const { createTray } = await import('../../main/hosts/electron/tray.ts');

it('opens the window as it is: what Electron hands over with a click says nothing of it', () => {
  const open = vi.fn();
  const { show } = createTray('icons', { open, start: () => undefined, stop: () => undefined, quit: () => undefined });
  show({ face: 'off', tooltip: '', entries: [] });
  shown.tray?.emit('click', { altKey: false });
  const item = shown.menu.find(({ label }) => label === 'Open claude-env');
  (item?.click as ((item: unknown) => void) | undefined)?.(item);
  expect(open.mock.calls).toEqual([[], []]);
});
