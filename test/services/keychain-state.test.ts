import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import { createKeychainState } from '../../main/services/keychain-state.ts';
import type { KeychainState } from '../../preload/contract/credentials.ts';
import type { ErrorCode } from '../../preload/contract/errors.ts';
import { createFakeKeychain, createFakeLog } from '../support/fake-engine-world.ts';

function world(options: { locked?: boolean } = {}) {
  const inner = createFakeKeychain(options);
  let failure: AppFailure | undefined;
  const orFail = <A extends readonly unknown[], T>(call: (...args: A) => Promise<T>) => {
    return (...args: A): Promise<T> => (failure === undefined ? call(...args) : Promise.reject(failure));
  };
  const keychain = { ...inner, get: orFail(inner.get), set: orFail(inner.set) };
  const states = createKeychainState({ keychain, log: createFakeLog().log });
  const seen: KeychainState['kind'][] = [];
  states.onChange(({ kind }) => seen.push(kind));
  const fail = (code: ErrorCode, message: string) => {
    failure = new AppFailure({ code, message });
  };
  return { inner, states, seen, fail };
}

describe('the keychain’s state', () => {
  it('is found out by asking, once, and leaves nothing in it', async () => {
    const { inner, states, seen } = world();
    await Promise.all([states.look(), states.look()]);
    await states.look();
    expect(seen).toEqual(['asking', 'available']);
    expect([...inner.values]).toEqual([]);
  });

  it('says that it is locked, and is asked again after it was unlocked', async () => {
    const options = { locked: true };
    const { states, seen } = world(options);
    await states.look();
    expect(states.current()).toMatchObject({ kind: 'locked', error: { code: 'keychain.locked' } });
    options.locked = false;
    await states.look({ again: true });
    expect(seen).toEqual(['asking', 'locked', 'asking', 'available']);
  });

  it('follows what every call finds', async () => {
    const { fail, states } = world();
    await states.keychain.set('user/A', 'v');
    expect(states.current()).toEqual({ kind: 'available' });
    fail('keychain.missing', 'no bus');
    await expect(states.keychain.get('user/A')).rejects.toThrow('no bus');
    expect(states.current()).toMatchObject({ kind: 'none', error: { message: 'no bus' } });
  });

  it('is not changed by a value that is too large', async () => {
    const { fail, states } = world();
    await states.look();
    fail('input.invalid', 'too large');
    await expect(states.keychain.set('user/A', 'v')).rejects.toThrow('too large');
    expect(states.current()).toEqual({ kind: 'available' });
  });
});
