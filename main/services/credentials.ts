import * as z from 'zod';
import { type CredentialKey, credentialKey, credentialName } from '../../preload/contract/credentials.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { Clock, Keychain, Log, StateStore } from './ports.ts';
import { createStateList } from './state-document.ts';

export type { CredentialKey };
export { credentialName };

/** One entry, without its value. */
const entry = z.intersection(credentialKey, z.object({ /** Milliseconds since the epoch. */ changedAt: z.number() }));
export type Credential = z.infer<typeof entry>;

/** `user/NAME` or `project/shop/NAME`: the account under which the keychain keeps it. */
export const toAccount = (of: CredentialKey): string =>
  of.scope === 'user' ? `user/${of.name}` : `project/${of.project}/${of.name}`;

const probe = 'probe/locked';
export const titleOf = (of: CredentialKey): string =>
  of.scope === 'user' ? `${of.name} of the user` : `${of.name} of the project ${of.project}`;

/**
 * Names in the state folder, values in the keychain and nowhere else. The list of names is what is shown and asked
 * first: a keychain is asked for one value at a time, when that is needed.
 */
export function createCredentials(options: {
  readonly keychain: Keychain;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
}) {
  const { keychain, clock } = options;
  const { read, change } = createStateList({ ...options, name: 'credentials', entry, onChange: () => undefined });
  const isThe = (key: CredentialKey) => (one: Credential) => toAccount(one) === toAccount(key);

  /** The nearest scope that has the name. */
  const find = async (project: string, name: string): Promise<Credential | undefined> => {
    const known = await read();
    const keys: readonly CredentialKey[] = [
      { scope: 'project', project, name },
      { scope: 'user', name },
    ];
    return keys.flatMap((key) => known.find(isThe(key)) ?? [])[0];
  };

  /** A locked keyring answers like one that lacks the entry (seen); it lets nothing be written, though. */
  const throwIfLocked = async (): Promise<void> => {
    await keychain.set(probe, 'x');
    await keychain.delete(probe);
  };

  return {
    /** By scope and name. */
    list: async (): Promise<readonly Credential[]> =>
      [...(await read())].sort((a, b) => toAccount(a).localeCompare(toAccount(b), 'en')),

    set: async (key: CredentialKey, value: string): Promise<void> => {
      if (value === '') throw new AppFailure({ code: 'input.invalid', message: `The value of ${key.name} is empty.` });
      await keychain.set(toAccount(key), value);
      const kept: Credential = { ...key, changedAt: clock.now() };
      await change(async (now) => [...now.filter((one) => !isThe(key)(one)), kept]);
    },

    /** false: there was none. */
    remove: async (key: CredentialKey): Promise<boolean> => {
      const wasThere = await keychain.delete(toAccount(key));
      const known = (await read()).some(isThe(key));
      if (!wasThere && known) await throwIfLocked();
      if (known) await change(async (now) => now.filter((one) => !isThe(key)(one)));
      return wasThere || known;
    },

    has: async (project: string, name: string): Promise<boolean> => (await find(project, name)) !== undefined,

    /** The project's, else the user's. undefined: neither is there. `keychain.*` when it is there and cannot be read. */
    lookup: async (project: string, name: string): Promise<string | undefined> => {
      const found = await find(project, name);
      if (found === undefined) return undefined;
      const value = await keychain.get(toAccount(found));
      if (value !== undefined) return value;
      await throwIfLocked();
      throw new AppFailure({
        code: 'keychain.failed',
        message: `${titleOf(found)} is no longer in the keychain.`,
        hint: `Set it again: npx claude-env secret set ${name}`,
      });
    },
  };
}
export type Credentials = ReturnType<typeof createCredentials>;
