import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import { createRedactor, noRedactor } from '../../main/core/redact.ts';
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
    keychain.asked.length = 0;
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
    expect(credentials.isGone({ scope: 'user', name: 'T' })).toBe(false);
    expect(await codeOf(credentials.lookup('shop', 'T'))).toBe('keychain.failed');
    expect(credentials.isGone({ scope: 'user', name: 'T' })).toBe(true);
    expect(await credentials.remove({ scope: 'user', name: 'T' })).toBe(true);
    expect(await credentials.list()).toEqual([]);
    expect([...keychain.values]).toEqual([]);
  });
});

describe('values for this run', () => {
  it('are in memory alone, come first, and uncover what the keychain has when they go', async () => {
    const { credentials, keychain, state } = world();
    const key = { scope: 'user', name: 'T' } as const;
    await credentials.set(key, 'kept');
    await credentials.set(key, canary, { keep: 'session' });
    expect(await credentials.lookup('shop', 'T')).toBe(canary);
    expect(await credentials.list()).toEqual([expect.objectContaining({ ...key, session: true })]);
    expect(JSON.stringify([...keychain.values, ...state.documents])).not.toContain(canary);
    expect(await credentials.remove(key)).toBe(true);
    expect(await credentials.lookup('shop', 'T')).toBe('kept');
  });

  it('can be had where nothing can be kept, and nothing is written', async () => {
    const { credentials, state } = world({ locked: true });
    const key = { scope: 'project', project: 'shop', name: 'T' } as const;
    expect(await codeOf(credentials.set(key, canary))).toBe('keychain.locked');
    await credentials.set(key, canary, { keep: 'session' });
    expect(await credentials.lookup('shop', 'T')).toBe(canary);
    expect(await credentials.has('blog', 'T')).toBe(false);
    expect([...state.documents]).toEqual([]);
    expect(await credentials.remove(key)).toBe(true);
    expect(await credentials.list()).toEqual([]);
  });

  it('end when the value goes to the keychain', async () => {
    const { credentials, keychain } = world();
    const key = { scope: 'user', name: 'T' } as const;
    await credentials.set(key, 'v', { keep: 'session' });
    await credentials.set(key, 'v');
    expect(await credentials.list()).toEqual([expect.not.objectContaining({ session: true })]);
    expect([...keychain.values]).toEqual([['user/T', 'v']]);
  });
});

describe('a value for this run', () => {
  it('is taken out of what the program says', async () => {
    const redactor = createRedactor();
    const log = Object.assign(createFakeLog().log, { redactor });
    const options = { keychain: createFakeKeychain(), state: createFakeState(), clock: createFakeClock(), log };
    await createCredentials(options).set({ scope: 'user', name: 'T' }, canary, { keep: 'session' });
    expect(redactor.redact(`it was ${canary}`)).not.toContain(canary);
  });
});

describe('a value that is set again', () => {
  it('counts as changed only when it is another one', async () => {
    const clock = createFakeClock();
    const options = { keychain: createFakeKeychain(), state: createFakeState(), clock, log: createFakeLog().log };
    const credentials = createCredentials(options);
    const changedAt = async () => (await credentials.list())[0]?.changedAt;
    const key = { scope: 'user', name: 'T' } as const;
    await credentials.set(key, 'one');
    const first = await changedAt();
    await clock.advance(1000);
    await credentials.set(key, 'one');
    expect(await changedAt()).toBe(first);
    await credentials.set(key, 'two');
    expect(await changedAt()).toBe((first ?? 0) + 1000);
  });

  it('is told, also when another program did it', async () => {
    const { credentials, state } = world();
    let told = 0;
    const stop = credentials.onChange(() => {
      told += 1;
    });
    await credentials.set({ scope: 'user', name: 'T' }, 'v', { keep: 'session' });
    expect(told).toBe(1);
    await state.write('credentials', { version: 1, credentials: [] });
    expect(told).toBe(2);
    stop();
    await state.write('credentials', { version: 1, credentials: [] });
    expect(told).toBe(2);
  });
});

describe('values for an operation', () => {
  it('come from the environment before the keychain, and each is asked for once', async () => {
    const { credentials, keychain } = world();
    await credentials.set({ scope: 'user', name: 'A' }, 'kept');
    await credentials.set({ scope: 'user', name: 'B' }, 'kept');
    const store = createSecretStore({
      variables: new Map([['A', 'set']]),
      credentials,
      project: 'shop',
      runCommand: async () => 'printed',
      redactor: noRedactor,
    });
    expect(await store.lookup(reference('A'))).toBe('set');
    expect(await Promise.all([store.lookup(reference('B')), store.lookup(reference('B'))])).toEqual(['kept', 'kept']);
    expect(keychain.asked).toEqual(['user/B']);
    // A command stands in for the keychain, and the environment for both.
    const origin = { from: 'command', command: ['op', 'read'] } as const;
    expect(await store.lookup({ ...reference('B'), origin })).toBe('printed');
    expect(await store.lookup({ ...reference('A'), origin })).toBe('set');
  });

  it('come from the keychain first where the file says so, and are known to whoever hides them', async () => {
    const { credentials, keychain } = world();
    await credentials.set({ scope: 'user', name: 'KEPT' }, 'kept-value');
    const redactor = createRedactor();
    const store = createSecretStore({
      variables: new Map([
        ['KEPT', 'of this name by chance'],
        ['OTHER', 'set-value'],
      ]),
      credentials,
      project: 'shop',
      runCommand: async () => 'printed',
      redactor,
    });
    const from = (name: string) =>
      ({ ...reference(name), origin: { from: 'keychain', name }, fallback: 'OTHER' }) as const;
    expect(await Promise.all([store.lookup(from('KEPT')), store.lookup(from('KEPT'))])).toEqual([
      'kept-value',
      'kept-value',
    ]);
    expect(keychain.asked).toEqual(['user/KEPT']);
    expect(await store.lookup(from('GONE'))).toBe('set-value');
    expect([await store.has(from('KEPT')), await store.has(from('GONE'))]).toEqual([true, true]);
    expect(await store.has({ ...from('GONE'), fallback: 'NOT_SET' })).toBe(false);
    expect(redactor.redact('kept-value, set-value')).toBe('••••••, ••••••');
  });

  it('of a team are for its Swarm alone: after the project’s, before the user’s', async () => {
    const { credentials, keychain } = world();
    await credentials.set({ scope: 'user', name: 'A' }, 'mine');
    await credentials.set({ scope: 'team', team: 'acme', name: 'A' }, 'for acme');
    expect(keychain.values.get('team-value/acme/A')).toBe('for acme');
    const sources = async (team?: string) =>
      [...(await credentials.opaque(team))('shop').values()].map((one) => one.source);
    expect([await credentials.lookup('shop', 'A'), await sources()]).toEqual(['mine', ['user']]);
    expect([await credentials.lookup('shop', 'A', 'acme'), await sources('acme')]).toEqual(['for acme', ['team']]);
    expect(await credentials.lookup('shop', 'A', 'other')).toBe('mine');
    await credentials.set({ scope: 'project', project: 'shop', name: 'A' }, 'for shop');
    expect([await credentials.lookup('shop', 'A', 'acme'), await sources('acme')]).toEqual(['for shop', ['project']]);
  });

  it('are known to be there without the keychain', async () => {
    const { credentials, keychain } = world();
    await credentials.set({ scope: 'user', name: 'B' }, 'kept');
    const store = createSecretStore({
      variables: new Map(),
      credentials,
      project: 'shop',
      runCommand: async () => 'printed',
      redactor: noRedactor,
    });
    expect([await store.has(reference('B')), await store.has(reference('C'))]).toEqual([true, false]);
    expect(keychain.asked).toEqual([]);
  });
});
