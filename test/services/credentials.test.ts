import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import { createCredentials, toAccount } from '../../main/services/credentials.ts';
import { createSecretStore } from '../../main/services/secrets.ts';
import { createFakeClock, createFakeKeychain, createFakeLog, createFakeState } from '../support/fake-engine-world.ts';

const canary = 'c4nary-value';

function world(options: { locked?: boolean } = {}) {
  const keychain = createFakeKeychain(options);
  const state = createFakeState();
  const credentials = createCredentials({ keychain, state, clock: createFakeClock(), log: createFakeLog().log });
  return { keychain, state, credentials };
}
const reference = (variable: string) => ({ from: 'environment', variable, kind: 'secret', name: 'tok' }) as const;
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing failed',
    (error: unknown) => (error instanceof AppFailure ? error.error.code : String(error)),
  );

describe('credentials', () => {
  it('keep values in the keychain and names in the state folder', async () => {
    const { credentials, keychain, state } = world();
    await credentials.set({ scope: 'user', name: 'TOKEN' }, canary);
    expect([...keychain.values]).toEqual([['user/TOKEN', canary]]);
    expect(await state.read('credentials')).toMatchObject({ credentials: [{ scope: 'user', name: 'TOKEN' }] });
    expect(JSON.stringify(await state.read('credentials'))).not.toContain(canary);
  });

  it('list without asking the keychain', async () => {
    const { credentials, keychain } = world();
    await credentials.set({ scope: 'user', name: 'B' }, '1');
    await credentials.set({ scope: 'project', project: 'shop', name: 'A' }, '2');
    await credentials.set({ scope: 'user', name: 'B' }, '3');
    expect((await credentials.list()).map(toAccount)).toEqual(['project/shop/A', 'user/B']);
    expect(keychain.asked).toEqual([]);
  });

  it('of the project come before those of the user, and not for other projects', async () => {
    const { credentials } = world();
    await credentials.set({ scope: 'user', name: 'T' }, 'user');
    await credentials.set({ scope: 'project', project: 'shop', name: 'T' }, 'shop');
    expect(await credentials.lookup('shop', 'T')).toBe('shop');
    expect(await credentials.lookup('blog', 'T')).toBe('user');
    expect(await credentials.has('blog', 'U')).toBe(false);
  });

  it('that a locked keyring hides are not said to be gone', async () => {
    const options = { locked: false };
    const { credentials } = world(options);
    await credentials.set({ scope: 'user', name: 'T' }, 'v');
    options.locked = true;
    expect(await codeOf(credentials.lookup('shop', 'T'))).toBe('keychain.locked');
    expect(await codeOf(credentials.remove({ scope: 'user', name: 'T' }))).toBe('keychain.locked');
    options.locked = false;
    expect(await credentials.lookup('shop', 'T')).toBe('v');
  });

  it('that somebody took out of the keychain are said to be gone', async () => {
    const { credentials, keychain } = world();
    await credentials.set({ scope: 'user', name: 'T' }, 'v');
    keychain.values.clear();
    expect(await codeOf(credentials.lookup('shop', 'T'))).toBe('keychain.failed');
    expect(await credentials.remove({ scope: 'user', name: 'T' })).toBe(true);
    expect(await credentials.list()).toEqual([]);
    expect([...keychain.values]).toEqual([]);
  });
});

describe('values for an operation', () => {
  it('come from the environment before the keychain, and each is asked for once', async () => {
    const { credentials, keychain } = world();
    await credentials.set({ scope: 'user', name: 'A' }, 'kept');
    await credentials.set({ scope: 'user', name: 'B' }, 'kept');
    const store = createSecretStore({ variables: new Map([['A', 'set']]), credentials, project: 'shop' });
    expect(await store.lookup(reference('A'))).toBe('set');
    expect(await Promise.all([store.lookup(reference('B')), store.lookup(reference('B'))])).toEqual(['kept', 'kept']);
    expect(keychain.asked).toEqual(['user/B']);
  });

  it('are known to be there without the keychain', async () => {
    const { credentials, keychain } = world();
    await credentials.set({ scope: 'user', name: 'B' }, 'kept');
    const store = createSecretStore({ variables: new Map(), credentials, project: 'shop' });
    expect([await store.has(reference('B')), await store.has(reference('C'))]).toEqual([true, false]);
    expect(keychain.asked).toEqual([]);
  });
});
