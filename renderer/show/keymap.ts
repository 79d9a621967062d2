/*
 * The one table of keys: the handler obeys it and the map behind `?` prints it. `mod` is ⌘ on a Mac and Ctrl elsewhere.
 */
export type Command =
  | 'palette'
  | 'keys'
  | 'back'
  | 'next-row'
  | 'previous-row'
  | 'open-row'
  | 'search'
  | 'add-credential'
  | 'remove-credential'
  | 'reveal-credential'
  | 'tab-services'
  | 'tab-logs'
  | 'tab-plan'
  | 'tab-drift'
  | 'tab-file'
  | 'sidebar'
  | `stack-${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`;

export interface KeyBinding {
  readonly keys: readonly string[];
  readonly command: Command;
  readonly title: string;
  readonly group: 'Anywhere' | 'In a stack' | 'In Credentials';
  /** Also while the focus is in a text field. */
  readonly inFields?: boolean;
}

const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

export const keymap: readonly KeyBinding[] = [
  { keys: ['mod+k'], command: 'palette', title: 'Find a stack or an action', group: 'Anywhere', inFields: true },
  ...digits.map(
    (digit) =>
      ({ keys: [`${digit}`], command: `stack-${digit}`, title: `Go to stack ${digit}`, group: 'Anywhere' }) as const,
  ),
  { keys: ['mod+b'], command: 'sidebar', title: 'Fold or unfold the sidebar', group: 'Anywhere', inFields: true },
  { keys: ['?'], command: 'keys', title: 'Show this map', group: 'Anywhere' },
  { keys: ['Escape'], command: 'back', title: 'Back: close, or leave the field', group: 'Anywhere', inFields: true },
  { keys: ['j', 'ArrowDown'], command: 'next-row', title: 'Next service, or credential', group: 'In a stack' },
  { keys: ['k', 'ArrowUp'], command: 'previous-row', title: 'Previous service, or credential', group: 'In a stack' },
  {
    keys: ['Enter'],
    command: 'open-row',
    title: 'Logs of the selected service; set the credential',
    group: 'In a stack',
  },
  { keys: ['s'], command: 'tab-services', title: 'Services', group: 'In a stack' },
  { keys: ['l'], command: 'tab-logs', title: 'Logs', group: 'In a stack' },
  { keys: ['p'], command: 'tab-plan', title: 'Plan', group: 'In a stack' },
  { keys: ['d'], command: 'tab-drift', title: 'File drift', group: 'In a stack' },
  { keys: ['f'], command: 'tab-file', title: 'Compose file', group: 'In a stack' },
  {
    keys: ['/'],
    command: 'search',
    title: 'Search the logs or credentials; elsewhere, everything',
    group: 'In a stack',
  },
  { keys: ['a'], command: 'add-credential', title: 'Add a credential', group: 'In Credentials' },
  { keys: ['v'], command: 'reveal-credential', title: 'Show its value (desktop window)', group: 'In Credentials' },
  { keys: ['Delete'], command: 'remove-credential', title: 'Delete the selected one', group: 'In Credentials' },
];

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}
export interface KeyContext {
  readonly mac: boolean;
  /** The focus is in something that takes text. */
  readonly inField: boolean;
  /** The focus is on a button, link or tab, which has its own meaning for Enter and the arrows. */
  readonly onControl: boolean;
}

/** Pure. The command a key press means, if any. */
export function commandFor(press: KeyPress, { mac, inField, onControl }: KeyContext): Command | undefined {
  const mod = mac ? press.metaKey : press.ctrlKey;
  const other = mac ? press.ctrlKey : press.metaKey;
  if (press.altKey || other) return undefined;
  const name = mod ? `mod+${press.key.toLowerCase()}` : press.key;
  const binding = keymap.find(({ keys }) => keys.includes(name));
  if (binding === undefined || (inField && binding.inFields !== true)) return undefined;
  const taken = name === 'Enter' || name.startsWith('Arrow');
  return onControl && taken ? undefined : binding.command;
}

const names: Readonly<Record<string, string>> = { Escape: 'Esc', ArrowDown: '↓', ArrowUp: '↑' };

/** "⌘K" or "Ctrl K", as it is printed on keys. */
export function keyLabel(key: string, mac: boolean): string {
  const [modifier, rest] = key.startsWith('mod+') ? ['mod', key.slice(4)] : [undefined, key];
  const label = names[rest] ?? (modifier === undefined ? rest : rest.toUpperCase());
  if (modifier === undefined) return label;
  return mac ? `⌘${label}` : `Ctrl ${label}`;
}
