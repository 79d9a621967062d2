import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { Capability } from '../client/capability.ts';
import type { Client } from '../client/client.ts';
import type { Connection } from '../client/connection.ts';
import type { ClockStore } from './clock.ts';
import type { Credentials, CredentialsStore } from './credentials.ts';
import type { Live, LiveStore } from './live.ts';
import type { Operations, OperationsStore } from './operations.ts';
import type { Plans, PlansStore } from './plans.ts';
import type { Resources, ResourcesStore } from './resources.ts';
import type { Swarm, SwarmStore } from './swarm.ts';
import type { TeamServices, TeamServicesStore } from './team-services.ts';
import type { Ui, UiStore } from './ui.ts';

/** Everything the views need, made once in index.tsx. */
export interface AppStores {
  readonly client: Client;
  readonly capabilities: readonly Capability[];
  readonly live: LiveStore;
  readonly operations: OperationsStore;
  readonly plans: PlansStore;
  readonly resources: ResourcesStore;
  readonly credentials: CredentialsStore;
  readonly swarm: SwarmStore;
  readonly teamServices: TeamServicesStore;
  readonly ui: UiStore;
  readonly clock: ClockStore;
}

export const AppContext = createContext<AppStores | undefined>(undefined);

export function useApp(): AppStores {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error('useApp outside of AppContext');
  return app;
}

export const useLive = <T>(selector: (live: Live) => T): T => useStore(useApp().live, selector);
export const useOperations = <T>(selector: (operations: Operations) => T): T => useStore(useApp().operations, selector);
export const usePlans = <T>(selector: (plans: Plans) => T): T => useStore(useApp().plans, selector);
export const useResources = <T>(selector: (resources: Resources) => T): T => useStore(useApp().resources, selector);
export const useCredentials = <T>(selector: (credentials: Credentials) => T): T =>
  useStore(useApp().credentials, selector);
export const useSwarm = <T>(selector: (swarm: Swarm) => T): T => useStore(useApp().swarm, selector);
export const useTeamServices = <T>(selector: (services: TeamServices) => T): T =>
  useStore(useApp().teamServices, selector);
/** The engine that the Team page is about, where it is not the preferred one. */
export const useOtherEngine = (): string | undefined => {
  const engine = useSwarm((swarm) => swarm.engine);
  return useLive((live) => (engine === undefined || live.engines[engine]?.preferred === true ? undefined : engine));
};
export const useUi = <T>(selector: (ui: Ui) => T): T => useStore(useApp().ui, selector);
export const useConnection = <T>(selector: (connection: Connection) => T): T =>
  useStore(useApp().client.connection, selector);
/** Renders only when the selected text differs. */
export const useClock = <T extends string | number | boolean>(selector: (now: number) => T): T =>
  useStore(useApp().clock, ({ now }) => selector(now));
