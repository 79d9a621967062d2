import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppInfo } from '../../preload/contract/api.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import type { Environment, Settings } from '../../preload/contract/model.ts';
import { toAppError } from '../client/call-error.ts';
import type { Client } from '../client/client.ts';

/** Things that are asked for once and changed by this page: no stream carries them. */
export interface Resources {
  readonly info: AppInfo | undefined;
  readonly settings: Settings | undefined;
  readonly environments: readonly Environment[] | undefined;
  /** Why one of them is missing. */
  readonly error: AppError | undefined;
}
export interface ResourceActions {
  readonly load: () => Promise<void>;
  readonly saveSettings: (settings: Settings) => Promise<void>;
  readonly saveEnvironment: (environment: Omit<Environment, 'stack'>) => Promise<Environment>;
  readonly removeEnvironment: (name: string) => Promise<void>;
}
export type ResourcesStore = StoreApi<Resources> & { readonly actions: ResourceActions };

/** Actions reject with a CallError; `load` never does, it leaves the error in the state. */
export function createResources(client: Client): ResourcesStore {
  const store = createStore<Resources>(() => ({
    info: undefined,
    settings: undefined,
    environments: undefined,
    error: undefined,
  }));
  const { setState } = store;
  const loadEnvironments = async () => {
    const { environments } = await client.call('environments.list', {});
    setState({ environments });
  };
  return Object.assign(store, {
    actions: {
      load: async () => {
        try {
          const [info, settings] = await Promise.all([client.call('app.info', {}), client.call('settings.get', {})]);
          setState({ info, settings, error: undefined });
          await loadEnvironments();
        } catch (thrown) {
          setState({ error: toAppError(thrown) });
        }
      },
      saveSettings: async (settings) => setState({ settings: await client.call('settings.set', settings) }),
      saveEnvironment: async (environment) => {
        const saved = await client.call('environments.save', environment);
        await loadEnvironments();
        return saved;
      },
      removeEnvironment: async (name) => {
        await client.call('environments.remove', { name });
        await loadEnvironments();
      },
    } satisfies ResourceActions,
  });
}

export const environmentOf = ({ environments }: Resources, stack: string): Environment | undefined =>
  environments?.find((environment) => environment.stack === stack);
