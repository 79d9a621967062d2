import { createStore, type StoreApi } from 'zustand/vanilla';

/**
 * How the page stands to the host. `lost`: it was open once and is being tried again. `refused`: trying again is
 * useless until the user does something.
 */
export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'lost'; readonly since: number }
  | { readonly kind: 'refused'; readonly reason: Refusal };

/** `gone`: a fresh link was opened, but nobody answers at its address. */
export type Refusal = 'no-session' | 'session' | 'protocol' | 'gone';
export type ConnectionStore = StoreApi<Connection>;

export const createConnection = (initial: Connection): ConnectionStore => createStore<Connection>(() => initial);
