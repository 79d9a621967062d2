/** What the app did to the system, and the test's way to act as the user outside the page (tray, dialogs). */
export interface HostMenuItem {
  readonly label?: string;
  readonly type?: string;
  readonly enabled?: boolean;
  readonly role?: string;
  readonly submenu?: HostMenuItem[];
  readonly click?: (item: unknown) => void;
}

interface HostRecord {
  sandboxed: boolean;
  permissionHandler: boolean;
  schemes: string[];
  opened: string[];
  errorBoxes: { title: string; content: string }[];
  dialogAnswers: string[][];
  /** What message boxes asked, and the buttons that the user will press, by number. */
  questions: string[];
  pressedButtons: number[];
  /** Requests that the page made to anything but the app's own scheme. */
  foreignRequests: string[];
  windows: { id: number; webPreferences: Record<string, unknown> }[];
  tray: { image: string; tooltip: string; menu: HostMenuItem[]; click: () => void } | undefined;
}

export const record: HostRecord = {
  sandboxed: false,
  permissionHandler: false,
  schemes: [],
  opened: [],
  errorBoxes: [],
  dialogAnswers: [],
  questions: [],
  pressedButtons: [],
  foreignRequests: [],
  windows: [],
  tray: undefined,
};

export interface ControlRequest {
  readonly id: number;
  readonly method: keyof typeof methods;
  readonly argument?: unknown;
}

type PlainItem = { label: string; enabled: boolean; submenu: PlainItem[] };
const plain = (items: readonly HostMenuItem[]): PlainItem[] =>
  items
    .filter((item) => item.label !== undefined)
    .map((item) => ({ label: item.label ?? '', enabled: item.enabled ?? true, submenu: plain(item.submenu ?? []) }));

function clickItem(path: readonly string[]): void {
  let items: readonly HostMenuItem[] = record.tray?.menu ?? [];
  let found: HostMenuItem | undefined;
  for (const start of path) {
    found = items.find((item) => item.label?.startsWith(start));
    if (found === undefined) throw new Error(`no tray item ${path.join(' > ')}`);
    items = found.submenu ?? [];
  }
  if (found?.enabled === false) throw new Error(`tray item ${path.join(' > ')} is disabled`);
  found?.click?.(found);
}

const methods = {
  state: () => ({
    ...record,
    tray: record.tray && { image: record.tray.image, tooltip: record.tray.tooltip, menu: plain(record.tray.menu) },
  }),
  clickTray: () => record.tray?.click(),
  clickTrayItem: (path: unknown) => clickItem(path as string[]),
  answerDialog: (paths: unknown) => {
    record.dialogAnswers.push(paths as string[]);
  },
  pressButton: (button: unknown) => {
    record.pressedButtons.push(button as number);
  },
} as const;

export function serveControl(app: { quit: () => void }): void {
  if (process.send === undefined) return;
  process.on('message', (message: ControlRequest) => {
    try {
      process.send?.({ id: message.id, result: methods[message.method](message.argument) });
    } catch (error) {
      process.send?.({ id: message.id, error: error instanceof Error ? error.message : String(error) });
    }
  });
  process.on('disconnect', () => app.quit());
}
