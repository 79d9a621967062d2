import { useEffect } from 'react';
import { type Command, commandFor } from '../show/keymap.ts';
import { isMac } from '../show/platform.ts';
import { shownService } from '../store/actions.ts';
import { type AppStores, useApp } from '../store/context.ts';
import { moveCredential, openSelected } from '../store/credential-actions.ts';
import { selectServices, selectStackOrder } from '../store/live.ts';
import type { Place, Tab } from '../store/ui.ts';
import { focusTable } from './credential-table.tsx';
import { moveInTeam } from './team-services.tsx';

const fields = 'input, textarea, select, [contenteditable="true"]';
const controls = 'button, a, [role="tab"], [role="menuitem"], [role="separator"], summary, [tabindex="0"]:not(tr)';

/** One listener for the whole page; it obeys show/keymap.ts. Dialogs and menus have their keys to themselves. */
export function useKeyboard(collapsed: boolean): void {
  const app = useApp();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || !(event.target instanceof Element)) return;
      const { target } = event;
      const command = commandFor(event, {
        mac: isMac,
        inField: target.matches(fields),
        onControl: target.matches(controls),
      });
      if (command === undefined) return;
      // A click beside its controls, or one that took its button away, leaves the focus with the page behind the dialog.
      const inDialog = target.closest('dialog, [popover]') !== null || document.querySelector('dialog[open]') !== null;
      if (inDialog && command !== 'palette') return;
      if (run(app, command, target, collapsed)) event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [app, collapsed]);
}

const tabOf: Readonly<Partial<Record<Command, Tab>>> = {
  'tab-services': 'services',
  'tab-logs': 'logs',
  'tab-plan': 'plan',
  'tab-drift': 'drift',
  'tab-file': 'file',
};

/** True when the command did something, so that the key's own meaning is taken from it. */
function run(app: AppStores, command: Command, target: Element, collapsed: boolean): boolean {
  const { ui, live } = app;
  const { place, overlay } = ui.getState();
  if (command.startsWith('stack-')) {
    const id = selectStackOrder(live.getState())[Number(command.slice(6)) - 1];
    if (id !== undefined) ui.actions.goStack(id);
    return id !== undefined;
  }
  const stack = place.view === 'stack' ? place.stack : undefined;
  const tab = tabOf[command];
  if (place.view === 'team' && tab === 'logs') return openTeamLogs(app, place, target);
  if (tab !== undefined) {
    if (stack !== undefined) ui.actions.setTab(stack, tab);
    return stack !== undefined;
  }
  if (place.view === 'credentials') {
    const done = runInCredentials(app, command);
    if (done !== undefined) return done;
  }
  if (place.view === 'team' && (command === 'next-row' || command === 'previous-row')) {
    return moveInTeam(command === 'next-row' ? 1 : -1);
  }
  switch (command) {
    case 'palette':
      ui.actions.show(overlay === 'palette' ? undefined : 'palette');
      return true;
    case 'keys':
      ui.actions.show('keys');
      return true;
    case 'sidebar':
      ui.actions.toggleSidebar(!collapsed);
      return true;
    case 'search':
      return search(app);
    case 'back':
      return back(app, target);
    case 'next-row':
      return stack !== undefined && moveRow(app, stack, 1);
    case 'previous-row':
      return stack !== undefined && moveRow(app, stack, -1);
    case 'open-row': {
      if (stack === undefined || (ui.getState().tabs[stack] ?? 'services') !== 'services') return false;
      const service = shownService(app, stack);
      if (service !== undefined) ui.actions.showLogs(stack, service.id);
      return service !== undefined;
    }
    default:
      return false;
  }
}

/** undefined: the command means here what it means everywhere. */
function runInCredentials(app: AppStores, command: Command): boolean | undefined {
  switch (command) {
    case 'next-row':
    case 'previous-row':
      focusTable();
      return moveCredential(app, command === 'next-row' ? 1 : -1);
    case 'open-row':
      return openSelected(app, 'set');
    case 'remove-credential':
      return openSelected(app, 'remove');
    case 'reveal-credential':
      return openSelected(app, 'reveal');
    case 'add-credential':
      app.ui.actions.showCredential('credential-set', {});
      return true;
    default:
      return undefined;
  }
}

function search({ ui }: AppStores): boolean {
  const field = document.querySelector<HTMLInputElement>('[data-search]');
  if (field === null) ui.actions.show('palette');
  else field.select();
  return true;
}

/** Out of a field first; from another page to the stacks; from another tab to the services. */
function back({ ui }: AppStores, target: Element): boolean {
  if (target.matches(fields) && target instanceof HTMLElement) {
    target.blur();
    return true;
  }
  const { place, tabs } = ui.getState();
  if (place.view === 'team' && place.logs !== undefined) {
    const { logs: _closed, ...page } = place;
    ui.actions.go(page);
    return true;
  }
  if (place.view !== 'stack') {
    ui.actions.go({ view: 'home' });
    return true;
  }
  const open = tabs[place.stack] ?? 'services';
  if (open !== 'services') ui.actions.setTab(place.stack, 'services');
  return open !== 'services';
}

/** Of the service that has the focus. */
function openTeamLogs({ ui }: AppStores, place: Extract<Place, { view: 'team' }>, target: Element): boolean {
  const { stack, service } = target.closest<HTMLElement>('[data-team-row]')?.dataset ?? {};
  if (stack === undefined || service === undefined) return false;
  ui.actions.go({ ...place, logs: { stack, service } });
  return true;
}

function moveRow(app: AppStores, stack: string, by: number): boolean {
  const { ui, live } = app;
  if ((ui.getState().tabs[stack] ?? 'services') !== 'services') return false;
  const services = selectServices(live.getState(), stack);
  const at = services.findIndex(({ id }) => id === shownService(app, stack)?.id);
  const next = services[Math.min(services.length - 1, Math.max(0, at + by))];
  if (next === undefined) return false;
  ui.actions.selectService(stack, next.id);
  document.querySelector<HTMLElement>(`[data-row="${CSS.escape(next.id)}"]`)?.focus();
  return true;
}
