import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import { toKeychainError } from '../../main/platform/keychain/failures.ts';
import { createKeychain, forkKeychainWorker, type KeychainWorker } from '../../main/platform/keychain/keychain.ts';
import { hasSecretService, startSecretService } from '../support/secret-service.ts';

const codeOf = (error: unknown): string => (error instanceof AppFailure ? error.error.code : String(error));
const failure = (work: Promise<unknown>): Promise<string> => work.then(() => 'nothing failed', codeOf);

afterEach(() => vi.unstubAllEnvs());

describe.runIf(hasSecretService)('on a real Secret Service', () => {
  it('keeps, gives, replaces and removes a value, whatever is in it', async () => {
    const service = await startSecretService();
    for (const [name, value] of Object.entries(service.environment)) vi.stubEnv(name, value);
    const keychain = createKeychain({ start: forkKeychainWorker });
    try {
      const value = 'zwölf\n"Zeilen" \u{1f511} $HOME';
      expect(await keychain.get('user/A')).toBeUndefined();
      await keychain.set('user/A', 'first');
      await keychain.set('user/A', value);
      await keychain.set('project/a/A', 'another');
      expect(await keychain.get('user/A')).toBe(value);
      expect(await keychain.delete('user/A')).toBe(true);
      expect(await keychain.delete('user/A')).toBe(false);
      expect(await keychain.get('project/a/A')).toBe('another');
    } finally {
      keychain.close();
      await service.stop();
    }
  });

  it('says that it is locked', async () => {
    const service = await startSecretService();
    for (const [name, value] of Object.entries(service.environment)) vi.stubEnv(name, value);
    const keychain = createKeychain({ start: forkKeychainWorker });
    try {
      await keychain.set('user/A', 'value');
      await service.lock();
      expect(await failure(keychain.set('user/A', 'other'))).toBe('keychain.locked');
    } finally {
      keychain.close();
      await service.stop();
    }
  });

  it('says that there is no session bus', async () => {
    vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', undefined);
    vi.stubEnv('XDG_RUNTIME_DIR', '/nowhere');
    vi.stubEnv('DISPLAY', undefined);
    const keychain = createKeychain({ start: forkKeychainWorker });
    try {
      expect(await failure(keychain.get('user/A'))).toBe('keychain.missing');
      expect(await failure(keychain.set('user/A', 'v'))).toBe('keychain.missing');
    } finally {
      keychain.close();
    }
  });
});

describe('its process', () => {
  /** A worker whose replies the test gives. */
  function puppet() {
    const workers: { end: () => void; reply: (found: string) => void; asked: number }[] = [];
    const start = (): KeychainWorker => {
      let ended: () => void = () => undefined;
      let replied: (reply: { id: number; found: string | null }) => void = () => undefined;
      let last = 0;
      const self = {
        asked: 0,
        end: () => ended(),
        reply: (found: string) => replied({ id: last, found }),
      };
      workers.push(self);
      return {
        send: ({ id }) => {
          last = id;
          self.asked += 1;
        },
        onReply: (listener) => {
          replied = listener;
        },
        onEnd: (listener) => {
          ended = listener;
        },
        end: () => ended(),
      };
    };
    return { start, workers };
  }

  it('that dies while it is asked means a locked keychain, and the next call gets another', async () => {
    const { start, workers } = puppet();
    const keychain = createKeychain({ start });
    const asked = failure(keychain.get('user/A'));
    workers[0]?.end();
    expect(await asked).toBe('keychain.locked');
    const again = keychain.get('user/A');
    workers[1]?.reply('value');
    expect(await again).toBe('value');
    expect(workers).toHaveLength(2);
  });

  it('that waits in a dialog is given up, and ended', async () => {
    vi.useFakeTimers();
    try {
      const { start, workers } = puppet();
      const keychain = createKeychain({ start, patience: 5_000 });
      const asked = keychain.get('user/A').catch((error: unknown) => error as AppFailure);
      await vi.advanceTimersByTimeAsync(5_000);
      expect(((await asked) as AppFailure).error).toMatchObject({ code: 'keychain.locked', retry: true });
      void failure(keychain.get('user/A'));
      expect(workers).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is not asked to keep what no keychain takes', async () => {
    const { start, workers } = puppet();
    expect(await failure(createKeychain({ start }).set('user/A', 'x'.repeat(64 * 1024 + 1)))).toBe('input.invalid');
    expect(workers).toHaveLength(0);
  });
});

describe('what keytar says', () => {
  it.each([
    ['libsecret-1.so.0: cannot open shared object file: No such file or directory', 'keychain.missing'],
    ['Cannot autolaunch D-Bus without X11 $DISPLAY', 'keychain.missing'],
    ['Object does not exist at path “/org/freedesktop/secrets/collection/login”', 'keychain.missing'],
    ['The name org.freedesktop.secrets was not provided by any .service files', 'keychain.missing'],
    ['Cannot create an item in a locked collection', 'keychain.locked'],
    ['User interaction is not allowed.', 'keychain.locked'],
    ['The user name or passphrase you entered is not correct. User canceled the operation.', 'keychain.denied'],
    ['something new', 'keychain.failed'],
  ])('%s', (said, code) => {
    const error = toKeychainError(said, 'linux');
    expect(error.code).toBe(code);
    expect(error.hint).toBeTruthy();
  });
});
