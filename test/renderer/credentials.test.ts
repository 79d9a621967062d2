import { describe, expect, it, test } from 'vitest';
import type { Credential, CredentialUse } from '../../preload/contract/credentials.ts';
import { credentialName } from '../../preload/contract/credentials.ts';
import {
  credentialLook,
  credentialRows,
  credentialSummary,
  keyOf,
  nameMistake,
  orphaned,
  passedOver,
  setCommand,
  takers,
} from '../../renderer/show/credentials.ts';
import { mayDo, moveCredential, openSelected } from '../../renderer/store/credential-actions.ts';
import { createCredentialsStore } from '../../renderer/store/credentials.ts';
import { createUiStore } from '../../renderer/store/ui.ts';
import { toKey } from '../../renderer/views/credential-scope.tsx';
import { createFakeClient, settle } from './support.ts';

const changedAt = '2026-01-01T00:00:00.000Z';
const use = (services: readonly string[], takes: CredentialUse['takes'] = 'this', stack = 'e/shop'): CredentialUse => ({
  stack,
  services: [...services],
  takes,
});
const user = (name: string, ...usedBy: readonly CredentialUse[]): Credential => ({
  key: { scope: 'user', name },
  state: 'kept',
  changedAt,
  usedBy: [...usedBy],
});
const of = (project: string, name: string, ...usedBy: readonly CredentialUse[]): Credential => ({
  ...user(name, ...usedBy),
  key: { scope: 'project', project, name },
});
const missing = (project: string, name: string, ...usedBy: readonly CredentialUse[]): Credential => ({
  ...of(project, name, ...usedBy),
  state: 'missing',
});
const titles = (all: readonly Credential[], query = '') =>
  credentialRows(all, query).map((row) => (row.kind === 'group' ? `${row.title} (${row.count})` : row.id));

describe('rows', () => {
  const all = [of('shop', 'B', use(['web'])), user('A'), of('blog', 'A'), missing('shop', 'C'), user('a', use(['db']))];

  it('stand under what they belong to: missing ones, the user’s, the projects’', () => {
    expect(titles(all)).toEqual([
      'Needed, and nowhere to be found (1)',
      'project/shop/C',
      'Yours, for every project (2)',
      'user/A',
      'user/a',
      'Project blog (1)',
      'project/blog/A',
      'Project shop (1)',
      'project/shop/B',
    ]);
  });

  it('are found by every word, in names, scopes, users and states', () => {
    expect(titles(all, ' SHOP  web ')).toEqual(['Project shop (1)', 'project/shop/B']);
    expect(titles(all, 'db')).toEqual(['Yours, for every project (1)', 'user/a']);
    expect(titles(all, 'missing')).toEqual(['Needed, and nowhere to be found (1)', 'project/shop/C']);
    expect(titles(all, 'shop nothing')).toEqual([]);
  });
});

describe('what is said of an entry', () => {
  it('names who takes it, and who takes another one', () => {
    const one = user(
      'A',
      use(['web', 'db']),
      use([], 'this', 'e/blog'),
      use(['x'], 'project'),
      use(['y'], 'environment'),
    );
    expect(takers(one)).toEqual(['shop: web, db', 'blog']);
    expect(passedOver(one)).toEqual(['shop takes its own entry', 'shop takes the environment or .env']);
  });

  it('names what breaks without it, unless the user’s own steps in', () => {
    const mine = of('shop', 'A', use(['web']));
    expect(orphaned(mine, [mine])).toEqual(['shop: web']);
    expect(orphaned(mine, [mine, user('A')])).toEqual([]);
    expect(orphaned(mine, [mine, { ...user('A'), state: 'gone' }])).toEqual(['shop: web']);
    expect(orphaned(user('A', use(['web'])), [mine])).toEqual(['shop: web']);
  });

  it('does not claim what cannot be known', () => {
    const error = { code: 'keychain.locked', message: 'locked' } as const;
    const label = (state: Credential['state'], keychain: Parameters<typeof credentialLook>[1]) =>
      credentialLook({ ...user('A'), state }, keychain).label;
    expect(label('kept', { kind: 'available' })).toBe('in the keychain');
    expect(label('kept', { kind: 'locked', error })).toBe('cannot be read now');
    expect(label('session', { kind: 'none', error })).toBe('this run only');
  });

  it('counts', () => {
    expect(credentialSummary([user('A')])).toBe('1 credential');
    expect(credentialSummary([user('A'), user('B'), missing('p', 'C')])).toBe('2 credentials, 1 missing');
  });

  it('is what the terminal would be told', () => {
    expect(setCommand({ scope: 'user', name: 'A' })).toBe('npx claude-env secret set A');
    expect(setCommand({ scope: 'project', project: 'shop', name: 'A' })).toBe(
      'npx claude-env secret set A --scope project -p shop',
    );
  });
});

test('a server that needs setup names its key', () => {
  const reason = 'TWENTY_FIRST_API_KEY is not set; get one at https://21st.dev/mcp';
  expect(keyOf({ state: 'needs-setup', reason })).toBe('TWENTY_FIRST_API_KEY');
  expect(keyOf({ state: 'failed', reason })).toBeUndefined();
  expect(keyOf({ state: 'needs-setup', reason: 'log in first, see the API documentation' })).toBeUndefined();
});

test.each(['', '1A', 'A-B', 'A B', 'ä', 'A'.repeat(129), 'A', '_a1', 'A'.repeat(128)])(
  'the page finds what main would refuse in the name %j',
  (name) => {
    expect(nameMistake(name) === undefined).toBe(credentialName.safeParse(name).success);
  },
);

test('a scope makes a key once its project has a name', () => {
  expect(toKey('A', { kind: 'user' })).toEqual({ scope: 'user', name: 'A' });
  expect(toKey('A', { kind: 'other', project: '' })).toBeUndefined();
  expect(toKey('A', { kind: 'project', project: 'p' })).toEqual({ scope: 'project', project: 'p', name: 'A' });
});

describe('the store', () => {
  it('follows only while somebody looks, and keeps what it knew', () => {
    const fake = createFakeClient();
    const store = createCredentialsStore(fake.client);
    expect(fake.opens()).toEqual([]);
    const stops = [store.actions.follow(), store.actions.follow()];
    const [opened] = fake.opens();
    expect(fake.opens()).toHaveLength(1);
    fake.send({ t: 'frame', id: opened?.id ?? 0, frame: { kind: 'list', credentials: [user('A')], looked: true } });
    fake.send({ t: 'frame', id: opened?.id ?? 0, frame: { kind: 'keychain', keychain: { kind: 'available' } } });
    expect(store.getState()).toMatchObject({ list: [user('A')], looked: true, keychain: { kind: 'available' } });
    for (const stop of stops) stop();
    expect(fake.closes()).toHaveLength(1);
    expect(store.getState().list).toHaveLength(1);
  });

  it('says why the list broke, and opens it again when asked', async () => {
    const fake = createFakeClient();
    const store = createCredentialsStore(fake.client);
    store.actions.follow();
    const error = { code: 'state.unusable', message: 'read-only' } as const;
    fake.send({ t: 'end', id: fake.opens()[0]?.id ?? 0, error });
    expect(store.getState().error).toEqual(error);
    void store.actions.retry();
    await settle();
    expect(store.getState().error).toBeUndefined();
    expect(fake.opens()).toHaveLength(2);
    expect(fake.calls().map(({ method }) => method)).toEqual(['credentials.retry']);
  });

  it('keeps no value: it is in the call and nowhere else', async () => {
    const fake = createFakeClient();
    const store = createCredentialsStore(fake.client);
    const done = store.actions.set({ scope: 'user', name: 'A' }, 'c4nary', 'session');
    expect(fake.calls()[0]?.input).toEqual({ key: { scope: 'user', name: 'A' }, value: 'c4nary', keep: 'session' });
    fake.send({ t: 'result', id: fake.calls()[0]?.id ?? 0, output: {} });
    await done;
    expect(JSON.stringify(store.getState())).not.toContain('c4nary');
  });

  it('takes a login as taken where only the list could not be had, and forgets that once it can', async () => {
    const fake = createFakeClient();
    const store = createCredentialsStore(fake.client);
    const done = store.actions.login({ registry: 'r', user: 'u', password: 'p', keep: 'session' });
    fake.send({ t: 'result', id: fake.calls()[0]?.id ?? 0, output: {} });
    await settle();
    const error = { code: 'state.unusable', message: 'no docker' } as const;
    fake.send({ t: 'error', id: fake.calls()[1]?.id ?? 0, error });
    await done;
    expect(store.getState().registriesError).toEqual(error);
    void store.actions.loadRegistries();
    fake.send({ t: 'result', id: fake.calls()[2]?.id ?? 0, output: { registries: [], problems: [] } });
    await settle();
    expect(store.getState()).toMatchObject({ registries: [], registriesError: undefined });
  });
});

describe('keys', () => {
  const stand = (list: readonly Credential[], capabilities: readonly 'dialogs'[] = []) => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (k: string, v: string) => void kept.set(k, v),
    };
    const { client } = createFakeClient();
    const [credentials, ui] = [createCredentialsStore(client), createUiStore(storage)];
    credentials.setState({ list });
    const app = { credentials, ui, capabilities } as unknown as Parameters<typeof moveCredential>[0];
    return { app, ui, kept };
  };

  it('move through the rows, past headings and no further than the ends', () => {
    const { app, ui } = stand([user('A'), of('p', 'B'), of('q', 'C')]);
    const steps = [1, 1, 1, -1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const places = steps.map((by) => {
      moveCredential(app, by);
      return ui.getState().credential;
    });
    expect(places).toEqual(['project/p/B', 'project/q/C', 'project/q/C', 'project/p/B', 'user/A', 'project/q/C']);
    expect(moveCredential(stand([]).app, 1)).toBe(false);
  });

  it('open the dialog of the selected row, for what can be done with it', () => {
    const { app, ui, kept } = stand([user('A'), missing('p', 'B')]);
    ui.actions.selectCredential('user/A');
    expect(openSelected(app, 'remove')).toBe(true);
    expect(ui.getState()).toMatchObject({ overlay: 'credential-remove', credentialTarget: { key: user('A').key } });
    ui.actions.selectCredential('project/p/B');
    expect(openSelected(app, 'remove')).toBe(false);
    expect(JSON.stringify([...kept])).not.toContain('project/p/B');
  });

  it('show a value in the desktop window alone', () => {
    const [web, desktop] = [stand([user('A')]).app, stand([user('A')], ['dialogs']).app];
    expect([mayDo(web, 'reveal', user('A')), mayDo(desktop, 'reveal', user('A'))]).toEqual([false, true]);
    expect(mayDo(desktop, 'reveal', missing('p', 'A'))).toBe(false);
  });
});
