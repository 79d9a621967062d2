import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CredentialKey } from '../../preload/contract/credentials.ts';
import type { SourceLocation } from '../../preload/contract/errors.ts';

export const tabs = ['services', 'logs', 'plan', 'drift', 'file'] as const;
export type Tab = (typeof tabs)[number];
/** `swarm`: an engine's; the others are the team's services. */
export const teamTabs = ['swarm', 'overview', 'people', 'config', 'incidents'] as const;
export type TeamTab = (typeof teamTabs)[number];

export type Place =
  | { readonly view: 'home' }
  | { readonly view: 'stack'; readonly stack: string }
  /** First run of the stack we ship, another environment of it (`name` absent), or a change of one. */
  | { readonly view: 'environment'; readonly name: string | undefined }
  | { readonly view: 'credentials' }
  /** The Swarm of an engine; without one, of the preferred. And the services of the team that this user belongs to. */
  | {
      readonly view: 'team';
      readonly engine?: string;
      readonly tab?: TeamTab;
      readonly logs?: TeamLogsPlace;
      readonly join?: true;
    }
  | { readonly view: 'doctor' }
  | { readonly view: 'settings' };

/** The log of a service of its Swarm, by its whole name. */
export interface TeamLogsPlace {
  readonly stack: string;
  readonly service: string;
}

/** Dialogs that are about an entry of the Credentials screen. */
type CredentialOverlay =
  | 'credential-set'
  | 'credential-remove'
  | 'credential-reveal'
  | 'registry-login'
  | 'registry-logout';
export type Overlay =
  | 'palette'
  | 'keys'
  | 'open-file'
  | 'forget'
  | 'locate'
  | 'credential-import'
  | CredentialOverlay
  | undefined;

/** Which entry a dialog is about: one that is there, or what is known of a new one. */
export interface CredentialTarget {
  readonly key?: CredentialKey;
  readonly name?: string;
  readonly project?: string;
}

export interface Ui {
  readonly place: Place;
  /** Tab and selected service are remembered per stack. */
  readonly tabs: Readonly<Record<string, Tab>>;
  readonly services: Readonly<Record<string, string>>;
  /** undefined: by the window's width. */
  readonly sidebarCollapsed: boolean | undefined;
  /** Height of the selected service's panel, in pixels; undefined: what the table leaves. */
  readonly detailHeight: number | undefined;
  readonly overlay: Overlay;
  /** Services whose log lines are shown, per stack; none or empty: all of them. */
  readonly logServices: Readonly<Record<string, readonly string[]>>;
  /** Finished operations whose steps are open; running ones are open unless closed by hand. */
  readonly openOperations: Readonly<Record<string, boolean>>;
  /** The line that the compose file view shows first, per stack; set by whoever leads there. */
  readonly filePlaces: Readonly<Record<string, SourceLocation>>;
  /** What was deployed to a Swarm last, per stack, to deploy it again. */
  readonly stackFiles: Readonly<Record<string, readonly string[]>>;
  /** The Credentials screen: what is looked for, the selected row's id, and what its dialogs are about. */
  readonly credentialQuery: string;
  readonly credential: string | undefined;
  readonly credentialTarget: CredentialTarget;
}
export interface UiActions {
  readonly go: (place: Place) => void;
  readonly goStack: (stack: string, tab?: Tab) => void;
  /** The page's own choice of where to begin; what the user has opened over it stays open. */
  readonly beginAt: (stack: string) => void;
  readonly setTab: (stack: string, tab: Tab) => void;
  /** Opens the compose file at a line. */
  readonly showFile: (stack: string, where: SourceLocation) => void;
  readonly selectService: (stack: string, service: string) => void;
  readonly toggleSidebar: (collapsed: boolean) => void;
  readonly setDetailHeight: (height: number | undefined) => void;
  readonly show: (overlay: Overlay) => void;
  /** Opens a dialog about a credential, over whatever page is there. */
  readonly showCredential: (overlay: CredentialOverlay, target: CredentialTarget) => void;
  readonly searchCredentials: (query: string) => void;
  readonly selectCredential: (id: string) => void;
  /** Goes to the logs of one service. */
  readonly showLogs: (stack: string, service: string) => void;
  readonly setLogServices: (stack: string, services: readonly string[]) => void;
  readonly toggleOperation: (operation: string, open: boolean) => void;
  readonly rememberFiles: (stack: string, files: readonly string[]) => void;
}
export type UiStore = StoreApi<Ui> & { readonly actions: UiActions };

const storageKey = 'claude-env.ui';
type Kept = Pick<Ui, 'place' | 'tabs' | 'services' | 'sidebarCollapsed' | 'detailHeight' | 'stackFiles'>;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const stringRecord = (value: unknown): Record<string, string> =>
  isRecord(value)
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
    : {};

const pathRecord = (value: unknown): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(isRecord(value) ? value : {}).filter(
      (entry): entry is [string, readonly string[]] =>
        Array.isArray(entry[1]) && entry[1].every((path) => typeof path === 'string'),
    ),
  );

/** Reads what an earlier page kept; anything that does not fit is left at its default. */
export function parseKept(text: string | null): Partial<Kept> {
  if (text === null) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {};
  }
  if (!isRecord(value)) return {};
  const { place } = value;
  const stack = isRecord(place) && place.view === 'stack' && typeof place.stack === 'string' ? place.stack : undefined;
  const known = Object.entries(stringRecord(value.tabs)).flatMap(([id, tab]) => {
    const found = tabs.find((candidate) => candidate === tab);
    return found === undefined ? [] : [[id, found] as const];
  });
  return {
    ...(stack === undefined ? {} : { place: { view: 'stack', stack } }),
    tabs: Object.fromEntries(known),
    services: stringRecord(value.services),
    stackFiles: pathRecord(value.stackFiles),
    ...(typeof value.sidebarCollapsed === 'boolean' ? { sidebarCollapsed: value.sidebarCollapsed } : {}),
    ...(typeof value.detailHeight === 'number' ? { detailHeight: clampDetail(value.detailHeight) } : {}),
  };
}

export const clampDetail = (height: number): number => Math.round(Math.min(560, Math.max(140, height)));

/** What the user looks at. Kept in local storage; nothing secret is in it. */
export function createUiStore(storage: Pick<Storage, 'getItem' | 'setItem'>): UiStore {
  const store = createStore<Ui>(() => ({
    place: { view: 'home' },
    tabs: {},
    services: {},
    sidebarCollapsed: undefined,
    detailHeight: undefined,
    overlay: undefined,
    openOperations: {},
    logServices: {},
    filePlaces: {},
    stackFiles: {},
    credentialQuery: '',
    credential: undefined,
    credentialTarget: {},
    ...parseKept(storage.getItem(storageKey)),
  }));
  store.subscribe(({ place, tabs, services, sidebarCollapsed, detailHeight, stackFiles }) =>
    storage.setItem(storageKey, JSON.stringify({ place, tabs, services, sidebarCollapsed, detailHeight, stackFiles })),
  );
  const { setState } = store;
  return Object.assign(store, {
    actions: {
      go: (place) => setState({ place, overlay: undefined }),
      goStack: (stack, tab) =>
        setState((ui) => ({
          place: { view: 'stack', stack },
          overlay: undefined,
          ...(tab === undefined ? {} : { tabs: { ...ui.tabs, [stack]: tab } }),
        })),
      beginAt: (stack) => setState({ place: { view: 'stack', stack } }),
      setTab: (stack, tab) => setState((ui) => ({ tabs: { ...ui.tabs, [stack]: tab } })),
      showFile: (stack, where) =>
        setState((ui) => ({
          place: { view: 'stack', stack },
          tabs: { ...ui.tabs, [stack]: 'file' },
          filePlaces: { ...ui.filePlaces, [stack]: where },
        })),
      selectService: (stack, service) => setState((ui) => ({ services: { ...ui.services, [stack]: service } })),
      toggleSidebar: (collapsed) => setState({ sidebarCollapsed: collapsed }),
      setDetailHeight: (height) => setState({ detailHeight: height === undefined ? undefined : clampDetail(height) }),
      show: (overlay) => setState({ overlay }),
      showCredential: (overlay, credentialTarget) => setState({ overlay, credentialTarget }),
      searchCredentials: (credentialQuery) => setState({ credentialQuery }),
      selectCredential: (credential) => setState({ credential }),
      showLogs: (stack, service) =>
        setState((ui) => ({
          place: { view: 'stack', stack },
          tabs: { ...ui.tabs, [stack]: 'logs' },
          logServices: { ...ui.logServices, [stack]: [service] },
        })),
      setLogServices: (stack, services) =>
        setState((ui) => ({ logServices: { ...ui.logServices, [stack]: services } })),
      toggleOperation: (operation, open) =>
        setState((ui) => ({ openOperations: { ...ui.openOperations, [operation]: open } })),
      rememberFiles: (stack, files) => setState((ui) => ({ stackFiles: { ...ui.stackFiles, [stack]: files } })),
    } satisfies UiActions,
  });
}
