import type { Frame } from '../../preload/contract/api.ts';
import { toShown } from './credential-list.ts';
import type { CredentialUses, StackNames } from './credential-uses.ts';
import type { Credentials } from './credentials.ts';
import type { KeychainStates } from './keychain-state.ts';

export interface CredentialViewOptions {
  readonly credentials: Pick<Credentials, 'list' | 'isGone' | 'onChange'>;
  readonly keychain: Pick<KeychainStates, 'current' | 'onChange' | 'look'>;
  readonly uses: CredentialUses;
  /** Calls back when other stacks, or other files of theirs, are known. */
  readonly onStacks: (listener: () => void) => () => void;
}

/** Runs `work`, and once more when it was asked for meanwhile; never twice at a time. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let again = false;
  const run = async (): Promise<void> => {
    do {
      again = false;
      await work();
    } while (again);
  };
  return () => {
    if (running !== undefined) {
      again = true;
      return running;
    }
    running = run().finally(() => {
      running = undefined;
    });
    return running;
  };
}

/**
 * What the Credentials screen shows, at once and whenever it changes. Names come first, from the state folder alone;
 * the stacks' files are read after that, and the keychain is asked how it is while they are.
 */
export function createCredentialView({ credentials, keychain, uses, onStacks }: CredentialViewOptions) {
  /** As it was last read, so that a screen that is opened again is complete at once. */
  let stacks: readonly StackNames[] | undefined;

  return (send: (frame: Frame<'credentials'>) => void, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const list = oneAtATime(async () => {
        const kept = await credentials.list();
        const shown = toShown(kept, { stacks: stacks ?? [], isGone: credentials.isGone });
        if (!signal.aborted) send({ kind: 'list', credentials: [...shown], looked: stacks !== undefined });
      });
      const look = oneAtATime(async () => {
        stacks = await uses();
        await list();
      });
      const tellKeychain = () => send({ kind: 'keychain', keychain: keychain.current() });

      const stops = [
        credentials.onChange(() => void list().catch(end)),
        keychain.onChange(tellKeychain),
        onStacks(() => void look().catch(end)),
      ];
      function end(error?: unknown): void {
        for (const stop of stops.splice(0)) stop();
        if (error === undefined) resolve();
        else reject(error);
      }
      if (signal.aborted) return end();
      signal.addEventListener('abort', () => end(), { once: true });

      tellKeychain();
      // Whoever waits for the names has them before a process is started for the keychain.
      list()
        .then(() => {
          void keychain.look();
          return look();
        })
        .catch(end);
    });
}
