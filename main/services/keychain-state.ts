import type { KeychainState } from '../../preload/contract/credentials.ts';
import type { AppError } from '../../preload/contract/errors.ts';
import { AppFailure } from '../core/app-failure.ts';
import { createListeners } from './listeners.ts';
import type { Keychain, Log } from './ports.ts';

/** As it is written to find out whether something can be; never a value of the user's. */
const probe = 'probe/locked';

/** A locked keyring answers like one that lacks the entry (seen); it lets nothing be written, though. */
export async function throwIfLocked(keychain: Keychain): Promise<void> {
  await keychain.set(probe, 'x');
  await keychain.delete(probe);
}

/** Why it failed; undefined: it did not. Throws whatever is no AppFailure. */
export async function failureOf(work: Promise<unknown>): Promise<AppError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof AppFailure) return error.error;
    throw error;
  }
}

const kinds = {
  'keychain.missing': 'none',
  'keychain.locked': 'locked',
  'keychain.denied': 'denied',
  'keychain.failed': 'failed',
} as const;

/** What a failure says about the keychain as a whole; undefined when it is about one value. */
function toKeychainState(error: unknown): KeychainState | undefined {
  if (!(error instanceof AppFailure)) return undefined;
  const { code } = error.error;
  return code in kinds ? { kind: kinds[code as keyof typeof kinds], error: error.error } : undefined;
}

/** The keychain, with its state as far as its answers tell it. It is asked on its own account only by `look`. */
export function createKeychainState({ keychain, log }: { readonly keychain: Keychain; readonly log: Log }) {
  const listeners = createListeners<KeychainState>(log);
  let state: KeychainState = { kind: 'asking' };
  let looking: Promise<void> | undefined;

  const become = (next: KeychainState): void => {
    if (next.kind === state.kind && next.kind === 'available') return;
    state = next;
    listeners.emit(state);
  };
  const watched = async <T>(work: Promise<T>, proves: (found: T) => boolean): Promise<T> => {
    try {
      const found = await work;
      if (proves(found)) become({ kind: 'available' });
      return found;
    } catch (error) {
      const next = toKeychainState(error);
      if (next !== undefined) become(next);
      throw error;
    }
  };
  const watchedKeychain: Keychain = {
    get: (account) => watched(keychain.get(account), (value) => value !== undefined),
    set: (account, value) => watched(keychain.set(account, value), () => true),
    delete: (account) => watched(keychain.delete(account), Boolean),
    close: keychain.close,
  };
  return {
    keychain: watchedKeychain,
    current: (): KeychainState => state,
    onChange: listeners.add,
    /** Why it cannot even be read; without writing, so a locked keyring may go unnoticed. undefined: it answers. */
    trouble: (): Promise<AppError | undefined> => failureOf(watchedKeychain.get(probe)),
    /** Finds out, unless that is known or being asked already; never rejects. */
    look: ({ again = false }: { readonly again?: boolean } = {}): Promise<void> => {
      if (looking !== undefined) return looking;
      if (!again && state.kind === 'available') return Promise.resolve();
      become({ kind: 'asking' });
      looking = throwIfLocked(watchedKeychain)
        .catch((error: unknown) => {
          if (toKeychainState(error) !== undefined) return;
          log('error', 'the keychain could not be asked', { found: String(error) });
          const message = 'The keychain could not be asked.';
          become({ kind: 'failed', error: { code: 'keychain.failed', message } });
        })
        .finally(() => {
          looking = undefined;
        });
      return looking;
    },
  };
}
export type KeychainStates = ReturnType<typeof createKeychainState>;
