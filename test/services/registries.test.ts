import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import { hub } from '../../main/core/registries/names.ts';
import { createRegistries } from '../../main/services/registries.ts';
import {
  createFakeClock,
  createFakeDockerLogins,
  createFakeKeychain,
  createFakeLog,
  createFakeState,
} from '../support/fake-engine-world.ts';

const canary = 'c4nary-password';

function world(options: { locked?: boolean; docker?: Readonly<Record<string, readonly [string, string]>> } = {}) {
  const switches = { locked: options.locked ?? false };
  const keychain = createFakeKeychain(switches);
  const state = createFakeState();
  const clock = createFakeClock();
  const known: string[] = [];
  const registries = createRegistries({
    keychain,
    state,
    clock,
    log: createFakeLog().log,
    docker: createFakeDockerLogins(options.docker),
    redactor: { know: (value) => void known.push(value) },
  });
  return { keychain, state, registries, switches, known, clock };
}
const letIn = async () => ({});
const login = { registry: 'https://GHCR.io', user: 'ann', password: canary };

describe('logins of registries', () => {
  it('keep the password in the keychain and the names in the state folder', async () => {
    const { registries, keychain, state } = world();
    await registries.login(login, letIn);
    expect([...keychain.values]).toEqual([['registry/ghcr.io', canary]]);
    const kept = await state.read('registries');
    expect(kept).toMatchObject({ registries: [{ registry: 'ghcr.io', user: 'ann' }] });
    expect(JSON.stringify(kept)).not.toContain(canary);
    expect((await registries.ofImage('ghcr.io/team/app')).login).toEqual({
      auth: { username: 'ann', password: canary, serveraddress: 'ghcr.io' },
      source: { kind: 'keychain' },
    });
  });

  it('keep nothing that the registry did not let in', async () => {
    const { registries, keychain, state } = world();
    const refuse = async () => {
      throw new AppFailure({ code: 'registry.denied', message: 'no' });
    };
    await expect(registries.login(login, refuse)).rejects.toMatchObject({ error: { code: 'registry.denied' } });
    expect(keychain.values.size).toBe(0);
    expect(await state.read('registries')).toBeUndefined();
  });

  it('keep the identity token in place of the password where the registry gives one', async () => {
    const { registries, keychain } = world();
    await registries.login({ ...login, registry: '' }, async () => ({ identityToken: 'a-token' }));
    expect([...keychain.values]).toEqual([[`registry/${hub}`, 'a-token']]);
    expect((await registries.ofImage('redis')).login?.auth).toEqual({ identitytoken: 'a-token', serveraddress: hub });
    expect((await registries.list()).registries).toMatchObject([{ title: 'Docker Hub', user: 'ann' }]);
  });

  it('come before docker’s, which say that they are not used', async () => {
    const { registries } = world({ docker: { 'ghcr.io': ['bob', 'x'], 'quay.io': ['eve', 'y'] } });
    await registries.login(login, letIn);
    expect((await registries.ofImage('quay.io/x')).login?.auth.username).toBe('eve');
    expect((await registries.list()).registries.map(({ title, user, used }) => [title, user, used])).toEqual([
      ['ghcr.io', 'ann', true],
      ['ghcr.io', 'bob', false],
      ['quay.io', 'eve', true],
    ]);
    expect(await registries.own()).toEqual(['ghcr.io']);
    expect(await registries.logout('ghcr.io')).toEqual({
      registry: 'ghcr.io',
      removed: true,
      left: { kind: 'helper', helper: 'fake' },
    });
    expect((await registries.ofImage('ghcr.io/x')).login?.auth.username).toBe('bob');
    expect(await registries.logout('ghcr.io')).toMatchObject({ removed: false });
  });

  it('are asked for once in a deploy, and anew after a while or another login', async () => {
    const { registries, keychain, clock } = world();
    await registries.login(login, letIn);
    await Promise.all([registries.ofImage('ghcr.io/a'), registries.ofImage('ghcr.io/b')]);
    await registries.ofImage('ghcr.io/c');
    expect(keychain.asked).toEqual(['registry/ghcr.io']);
    await clock.advance(30_000);
    await registries.ofImage('ghcr.io/c');
    expect(keychain.asked).toHaveLength(2);
    await registries.login({ ...login, password: 'another' }, letIn);
    expect((await registries.ofImage('ghcr.io/c')).login?.auth.password).toBe('another');
  });

  it('are known to whoever takes values out of texts, docker’s too', async () => {
    const { registries, known } = world({ docker: { 'quay.io': ['eve', 'docker-password'] } });
    await registries.login(login, letIn);
    await registries.ofImage('quay.io/x');
    expect(known).toEqual([canary, 'docker-password']);
  });

  it('say that the keychain is locked, and let docker’s own or nobody’s be tried', async () => {
    const { registries, switches } = world({ docker: { 'ghcr.io': ['bob', 'x'] } });
    await registries.login(login, letIn);
    await registries.login({ ...login, registry: 'quay.io' }, letIn);
    switches.locked = true;
    const answer = await registries.ofImage('ghcr.io/x');
    expect(answer.login?.auth.username).toBe('bob');
    expect(answer.problems[0]).toContain('The keychain is locked.');
    expect((await registries.ofImage('quay.io/x')).login).toBeUndefined();
    expect((await registries.list()).registries.filter(({ used }) => used)).toHaveLength(2);
    await expect(registries.logout('quay.io')).rejects.toMatchObject({ error: { code: 'keychain.locked' } });
    expect(await registries.own()).toHaveLength(2);
  });

  it('for this run are in memory alone', async () => {
    const { registries, keychain, state } = world({ locked: true });
    await registries.login({ ...login, keep: 'session' }, letIn);
    expect((await registries.ofImage('ghcr.io/x')).login?.auth.password).toBe(canary);
    expect(keychain.values.size).toBe(0);
    expect(await state.read('registries')).toBeUndefined();
    expect(await registries.logout('ghcr.io')).toMatchObject({ removed: true });
    expect((await registries.ofImage('ghcr.io/x')).login).toBeUndefined();
  });

  it('refuse what is no registry, and an empty password', async () => {
    const { registries } = world();
    await expect(registries.login({ ...login, registry: 'a b' }, letIn)).rejects.toMatchObject({
      error: { code: 'input.invalid' },
    });
    await expect(registries.login({ ...login, password: '' }, letIn)).rejects.toMatchObject({
      error: { code: 'input.invalid' },
    });
  });
});
