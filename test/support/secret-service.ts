import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Both are there; `npm test` installs them as root on Debian. */
export const hasSecretService =
  process.platform === 'linux' &&
  ['dbus-daemon', 'gnome-keyring-daemon'].every((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0);

/** No session bus, and nothing that could lead to one. */
export const noKeychain = { DBUS_SESSION_BUS_ADDRESS: '', XDG_RUNTIME_DIR: '/nowhere', DISPLAY: '' } as const;

export interface SecretService {
  /** For processes that shall use this one. */
  readonly environment: Readonly<Record<string, string>>;
  readonly lock: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A session bus and a gnome-keyring of the test's own, below a HOME of its own. */
export async function startSecretService(): Promise<SecretService> {
  const home = await mkdtemp(join(tmpdir(), 'claude-env-keyring-'));
  const base = { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, XDG_DATA_HOME: join(home, 'data') };
  const bus = spawn('dbus-daemon', ['--session', '--nofork', '--nopidfile', '--print-address'], {
    env: base,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [address] = (await once(createInterface({ input: bus.stdout }), 'line')) as [string];
  const environment = { ...base, DBUS_SESSION_BUS_ADDRESS: address } as Record<string, string>;

  const done = async (command: string, args: readonly string[], input = ''): Promise<void> => {
    const child = spawn(command, args, { env: environment, stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.end(input);
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
  };
  // It goes into the background when it has taken its name, and ends with its bus.
  await done('gnome-keyring-daemon', ['--unlock', '--components=secrets'], 'pw');

  return {
    environment: {
      DBUS_SESSION_BUS_ADDRESS: address,
      XDG_RUNTIME_DIR: home,
      XDG_DATA_HOME: join(home, 'data'),
    },
    lock: () =>
      done('dbus-send', [
        '--session',
        '--print-reply',
        '--dest=org.freedesktop.secrets',
        '/org/freedesktop/secrets',
        'org.freedesktop.Secret.Service.Lock',
        'array:objpath:/org/freedesktop/secrets/collection/login',
      ]),
    stop: async () => {
      const gone = once(bus, 'exit');
      bus.kill();
      await gone;
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
