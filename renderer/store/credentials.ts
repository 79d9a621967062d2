import { createStore, type StoreApi } from 'zustand/vanilla';
import type {
  Credential,
  CredentialKey,
  KeepIn,
  KeychainState,
  RegistryLogin,
} from '../../preload/contract/credentials.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import { toAppError } from '../client/call-error.ts';
import type { Client } from '../client/client.ts';

/** Names and whereabouts; never a value. */
export interface Credentials {
  /** undefined: not here yet. */
  readonly list: readonly Credential[] | undefined;
  /** The stacks' files have been read, so that uses and what is missing are complete. */
  readonly looked: boolean;
  readonly keychain: KeychainState;
  /** Why nothing new comes. */
  readonly error: AppError | undefined;
  /** Logins of registries, as they were when they were last asked for. undefined: not yet. */
  readonly registries: readonly RegistryLogin[] | undefined;
  /** Sources of logins that could not be asked. */
  readonly registryProblems: readonly string[];
  /** Why the logins could not be listed last time. */
  readonly registriesError: AppError | undefined;
}
export interface LoginWords {
  readonly registry: string;
  readonly user: string;
  readonly password: string;
  readonly keep: KeepIn;
}
export interface CredentialActions {
  /** Keeps the list up to date as long as somebody looks at it; returns how to stop. What is known stays. */
  readonly follow: () => () => void;
  /** The value goes to main and is kept nowhere here. */
  readonly set: (key: CredentialKey, value: string, keep: KeepIn) => Promise<void>;
  readonly remove: (key: CredentialKey) => Promise<void>;
  /** Asks the keychain again; and for the list, where that broke. */
  readonly retry: () => Promise<void>;
  /**
   * No stream carries them: docker's own can change at any time and by anybody, so they are asked for when looked at.
   * Never rejects, it leaves the error in the state: a login that was taken is not refused because the list is.
   */
  readonly loadRegistries: () => Promise<void>;
  readonly login: (words: LoginWords) => Promise<void>;
  /** Answers with docker's own login that is used from now on, if there is one. */
  readonly logout: (registry: string) => Promise<string | undefined>;
}
export type CredentialsStore = StoreApi<Credentials> & { readonly actions: CredentialActions };

/** Actions reject with a CallError, where nothing else is said. */
export function createCredentialsStore(client: Client): CredentialsStore {
  const store = createStore<Credentials>(() => ({
    list: undefined,
    looked: false,
    keychain: { kind: 'asking' },
    error: undefined,
    registries: undefined,
    registryProblems: [],
    registriesError: undefined,
  }));
  let followers = 0;
  let close: (() => void) | undefined;

  const open = () => {
    close?.();
    store.setState({ error: undefined });
    close = client.subscribe(
      'credentials',
      {},
      {
        onFrame: (frame) => {
          if (frame.kind === 'keychain') store.setState({ keychain: frame.keychain });
          else store.setState({ list: frame.credentials, looked: frame.looked });
        },
        onEnd: (error) => store.setState({ error }),
      },
    );
  };
  const loadRegistries = async () => {
    try {
      const { registries, problems } = await client.call('registries.list', {});
      store.setState({ registries, registryProblems: problems, registriesError: undefined });
    } catch (thrown) {
      store.setState({ registriesError: toAppError(thrown) });
    }
  };
  return Object.assign(store, {
    actions: {
      follow: () => {
        followers += 1;
        if (followers === 1) open();
        return () => {
          followers -= 1;
          if (followers > 0) return;
          close?.();
          close = undefined;
        };
      },
      set: async (key, value, keep) => {
        await client.call('credentials.set', { key, value, keep });
      },
      remove: async (key) => {
        await client.call('credentials.remove', { key });
      },
      retry: async () => {
        if (store.getState().error !== undefined && followers > 0) open();
        await client.call('credentials.retry', {});
      },
      loadRegistries,
      login: async (words) => {
        await client.call('registries.login', words);
        await loadRegistries();
      },
      logout: async (registry) => {
        const { left } = await client.call('registries.logout', { registry });
        await loadRegistries();
        return left;
      },
    } satisfies CredentialActions,
  });
}
