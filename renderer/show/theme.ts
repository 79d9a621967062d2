import type { Settings } from '../../preload/contract/model.ts';

type Theme = Settings['theme'];
const storageKey = 'claude-env.theme';

/** Without the attribute the page follows the system. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Kept by the page as well, so that the first picture is right before the settings have come. */
export const keepTheme = (storage: Pick<Storage, 'setItem'>, theme: Theme): void => storage.setItem(storageKey, theme);

export function keptTheme(storage: Pick<Storage, 'getItem'>): Theme {
  const kept = storage.getItem(storageKey);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}
