import type { Stack } from '../../preload/contract/model.ts';
import type { IconName } from '../components/icon.tsx';
import { aggregateLook } from '../show/aggregate.ts';
import { act, editorService, openEditor, possibleActions } from '../store/actions.ts';
import type { AppStores } from '../store/context.ts';
import { selectServices, selectStackOrder } from '../store/live.ts';

export interface PaletteEntry {
  readonly key: string;
  readonly label: string;
  readonly detail: string;
  readonly icon: IconName;
  readonly run: () => void;
}

function stackActions(app: AppStores, stack: Stack): readonly PaletteEntry[] {
  const services = selectServices(app.live.getState(), stack.id);
  const possible = possibleActions(stack, services);
  const editor = editorService(stack, services, app.ui.getState().services[stack.id]);
  const entry = (key: string, label: string, icon: IconName, run: () => void): PaletteEntry => ({
    key: `${stack.id} ${key}`,
    label: `${label} ${stack.title}`,
    detail: 'action',
    icon,
    run,
  });
  return [
    ...(possible.start ? [entry('start', 'Start', 'play', () => void act(app, stack.id, 'start'))] : []),
    ...(possible.stop
      ? [
          entry('stop', 'Stop', 'stop', () => void act(app, stack.id, 'stop')),
          entry('restart', 'Restart', 'restart', () => void act(app, stack.id, 'restart')),
        ]
      : []),
    ...(stack.filesFound ? [entry('up', 'Plan a redeploy of', 'redeploy', () => void act(app, stack.id, 'up'))] : []),
    entry('drift', 'File drift of', 'search', () => app.ui.actions.goStack(stack.id, 'drift')),
    entry('logs', 'Logs of', 'clear', () => app.ui.actions.goStack(stack.id, 'logs')),
    ...(editor === undefined
      ? []
      : [
          {
            ...entry('editor', 'Open in VS Code:', 'editor', () => void openEditor(app, editor)),
          },
        ]),
  ];
}

/** The selected stack's actions first, then every stack, then the pages. */
export function paletteEntries(app: AppStores): readonly PaletteEntry[] {
  const live = app.live.getState();
  const { place } = app.ui.getState();
  const order = selectStackOrder(live).flatMap((id) => live.stacks[id] ?? []);
  const selected = place.view === 'stack' ? live.stacks[place.stack] : undefined;
  const { ui } = app;
  return [
    ...(selected === undefined ? [] : stackActions(app, selected)),
    ...order.map((stack) => ({
      key: stack.id,
      label: stack.title,
      detail: `stack, ${aggregateLook[stack.aggregate].label}`,
      icon: 'right' as const,
      run: () => ui.actions.goStack(stack.id),
    })),
    {
      key: 'open',
      label: 'Open a compose file…',
      detail: '',
      icon: 'file',
      run: () => ui.actions.show('open-file'),
    },
    {
      key: 'new',
      label: 'New local environment…',
      detail: '',
      icon: 'folder',
      run: () => ui.actions.go({ view: 'environment', name: undefined }),
    },
    {
      key: 'team',
      label: 'Team: nodes and services of the Swarm',
      detail: 'page',
      icon: 'team',
      run: () => ui.actions.go({ view: 'team' }),
    },
    {
      key: 'team-services',
      label: 'Team services: people, configuration, MCP servers, incidents',
      detail: 'page',
      icon: 'team',
      run: () => ui.actions.go({ view: 'team', tab: 'overview' }),
    },
    {
      key: 'credentials',
      label: 'Credentials',
      detail: 'page',
      icon: 'key',
      run: () => ui.actions.go({ view: 'credentials' }),
    },
    {
      key: 'add-credential',
      label: 'Add a credential…',
      detail: '',
      icon: 'plus',
      run: () => ui.actions.showCredential('credential-set', {}),
    },
    {
      key: 'registry-login',
      label: 'Log in to a registry…',
      detail: '',
      icon: 'key',
      run: () => ui.actions.showCredential('registry-login', {}),
    },
    {
      key: 'import-credentials',
      label: 'Import credentials from a .env file…',
      detail: '',
      icon: 'file',
      run: () => ui.actions.show('credential-import'),
    },
    { key: 'doctor', label: 'Doctor', detail: 'page', icon: 'doctor', run: () => ui.actions.go({ view: 'doctor' }) },
    {
      key: 'settings',
      label: 'Settings',
      detail: 'page',
      icon: 'settings',
      run: () => ui.actions.go({ view: 'settings' }),
    },
    { key: 'keys', label: 'Keyboard shortcuts', detail: '', icon: 'keyboard', run: () => ui.actions.show('keys') },
    ...order.filter((stack) => stack !== selected).flatMap((stack) => stackActions(app, stack)),
  ];
}

/** Pure. Every word of the query has to occur; matches at the start of a word come first, otherwise order is kept. */
export function matchEntries(entries: readonly PaletteEntry[], query: string): readonly PaletteEntry[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const scored = entries.flatMap((entry, index) => {
    const text = `${entry.label} ${entry.detail}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) return [];
    const starts = words.filter((word) => ` ${text}`.includes(` ${word}`)).length;
    return [{ entry, order: index - starts * entries.length }];
  });
  return scored.sort((a, b) => a.order - b.order).map(({ entry }) => entry);
}
