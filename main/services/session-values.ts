/** A value for this run only: in memory, under the account that the keychain would have it under. */
export interface SessionValue<K> {
  readonly key: K;
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
}

/** Values that nobody writes anywhere; they are gone when the program ends. They come before the keychain's. */
export function createSessionValues<K>() {
  const values = new Map<string, SessionValue<K>>();
  return {
    get: (account: string): SessionValue<K> | undefined => values.get(account),
    all: (): readonly SessionValue<K>[] => [...values.values()],
    /** The same value again is no change. */
    set: (account: string, one: SessionValue<K>): void => {
      if (values.get(account)?.value !== one.value) values.set(account, one);
    },
    /** false: there was none. */
    delete: (account: string): boolean => values.delete(account),
  };
}
