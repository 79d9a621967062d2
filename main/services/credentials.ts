import * as z from 'zod';
import { type CredentialKey, credentialKey, credentialName, type KeepIn } from '../../preload/contract/credentials.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { OpaqueValues } from '../core/compose/options.ts';
import type { OpaqueValue } from '../core/opaque.ts';
import { throwIfLocked } from './keychain-state.ts';
import { createListeners } from './listeners.ts';
import type { Clock, Keychain, Log, StateStore } from './ports.ts';
import { createSessionValues } from './session-values.ts';
import { createStateList } from './state-document.ts';

export type { CredentialKey };
export { credentialName };

/** What the state folder has of an entry: everything but its value. */
const entry = z.intersection(credentialKey, z.object({ /** Milliseconds since the epoch. */ changedAt: z.number() }));
/** `session`: its value is in memory, for this run only. */
export type Credential = z.infer<typeof entry> & { readonly session?: true };

/** The account under which the keychain keeps it: `user/NAME`, `project/shop/NAME`, `team-value/acme/NAME` (`team/…` has invites). */
export function toAccount(of: CredentialKey): string {
  switch (of.scope) {
    case 'user':
      return `user/${of.name}`;
    case 'project':
      return `project/${of.project}/${of.name}`;
    case 'team':
      return `team-value/${of.team}/${of.name}`;
  }
}

export function titleOf(of: CredentialKey): string {
  switch (of.scope) {
    case 'user':
      return `${of.name} of the user`;
    case 'project':
      return `${of.name} of the project ${of.project}`;
    case 'team':
      return `${of.name} of the team ${of.team}`;
  }
}

/**
 * Names in the state folder, values in the keychain and nowhere else; values for this run only are in memory and come
 * first. The list of names is what is shown and asked first: a keychain is asked for one value at a time, when that is
 * needed.
 */
export function createCredentials(options: {
  readonly keychain: Keychain;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
}) {
  const { keychain, clock } = options;
  const listeners = createListeners<void>(options.log);
  const changed = (): void => listeners.emit();
  const { read, change, watch } = createStateList({ ...options, name: 'credentials', entry, onChange: changed });
  const session = createSessionValues<CredentialKey>();
  /** Accounts that the keychain was asked for and had no longer. */
  const gone = new Set<string>();
  const isThe = (key: CredentialKey) => (one: CredentialKey) => toAccount(one) === toAccount(key);

  const list = async (): Promise<readonly Credential[]> => {
    const inMemory = session.all().map(({ key, changedAt }) => ({ ...key, changedAt, session: true as const }));
    const kept = (await read()).filter((one) => session.get(toAccount(one)) === undefined);
    return [...kept, ...inMemory].sort((a, b) => toAccount(a).localeCompare(toAccount(b), 'en'));
  };

  /** The nearest scope that has the name; `team`: for stacks on its Swarm. */
  const find = async (project: string, name: string, team?: string): Promise<Credential | undefined> => {
    const known = await list();
    const keys: readonly CredentialKey[] = [
      { scope: 'project', project, name },
      ...(team === undefined ? [] : [{ scope: 'team', team, name } as const]),
      { scope: 'user', name },
    ];
    return keys.flatMap((key) => known.find(isThe(key)) ?? [])[0];
  };

  const keep = async (key: CredentialKey, value: string): Promise<void> => {
    const account = toAccount(key);
    const before = (await read()).find(isThe(key));
    // Who sets what is there already changes nothing, so that nothing is made anew because of it.
    const same = before !== undefined && (await keychain.get(account)) === value;
    if (!same) await keychain.set(account, value);
    session.delete(account);
    gone.delete(account);
    if (same) return changed();
    const kept: Credential = { ...key, changedAt: clock.now() };
    await change(async (now) => [...now.filter((one) => !isThe(key)(one)), kept]);
  };

  /** One that is on the list: its value, from memory or from the keychain. */
  const takeValue = async (found: CredentialKey): Promise<string> => {
    const account = toAccount(found);
    const inMemory = session.get(account);
    if (inMemory !== undefined) return inMemory.value;
    const value = await keychain.get(account);
    if (value !== undefined) return value;
    await throwIfLocked(keychain);
    gone.add(account);
    changed();
    throw new AppFailure({
      code: 'keychain.failed',
      message: `${titleOf(found)} is no longer in the keychain.`,
      hint: `Set it again: npx claude-env secret set ${found.name}`,
    });
  };

  return {
    /** By scope and name. */
    list,
    /** The keychain was asked for it, and has it no longer. */
    isGone: (key: CredentialKey): boolean => gone.has(toAccount(key)),
    /** Called when the list is another one, by this program or another. */
    onChange: (listener: () => void): (() => void) => {
      const stops = [listeners.add(listener), watch(listener)];
      return () => {
        for (const stop of stops) stop();
      };
    },

    set: async (key: CredentialKey, value: string, { keep: where }: { readonly keep?: KeepIn } = {}): Promise<void> => {
      if (value === '') throw new AppFailure({ code: 'input.invalid', message: `The value of ${key.name} is empty.` });
      if (where !== 'session') return keep(key, value);
      options.log.redactor?.know(value);
      session.set(toAccount(key), { key, value, changedAt: clock.now() });
      changed();
    },

    /** Removes what is used now: the value for this run, else the keychain's. false: there was none. */
    remove: async (key: CredentialKey): Promise<boolean> => {
      if (session.delete(toAccount(key))) {
        changed();
        return true;
      }
      const wasThere = await keychain.delete(toAccount(key));
      const known = (await read()).some(isThe(key));
      if (!wasThere && known) await throwIfLocked(keychain);
      gone.delete(toAccount(key));
      if (known) await change(async (now) => now.filter((one) => !isThe(key)(one)));
      return wasThere || known;
    },

    /**
     * What the variables of a project's files can stand for, by name, as the list has it now. No keychain is asked; an
     * edition tells that a value is another one, and is the time at which it was set.
     */
    opaque: async (team?: string): Promise<OpaqueValues> => {
      const known = await list();
      return (project) => {
        const values = new Map<string, OpaqueValue>();
        for (const scope of ['user', 'team', 'project'] as const) {
          for (const one of known) {
            const isMeant =
              one.scope === 'user' || (one.scope === 'team' ? one.team === team : one.project === project);
            if (one.scope !== scope || !isMeant) continue;
            const edition = one.changedAt.toString(36);
            values.set(one.name, { name: one.name, source: one.session === true ? 'session' : scope, edition });
          }
        }
        return values;
      };
    },

    has: async (project: string, name: string, team?: string): Promise<boolean> =>
      (await find(project, name, team)) !== undefined,

    /** The project's, else the team's, else the user's. undefined: none is there. `keychain.*` when it is there and cannot be read. */
    lookup: async (project: string, name: string, team?: string): Promise<string | undefined> => {
      const found = await find(project, name, team);
      return found === undefined ? undefined : takeValue(found);
    },

    /** For the eyes of whoever asked, in the desktop window alone; `keychain.failed` where there is none. */
    reveal: takeValue,
  };
}
export type Credentials = ReturnType<typeof createCredentials>;
