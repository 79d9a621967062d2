import type { AppError, ErrorCode } from '../../../preload/contract/errors.ts';

type Platform = NodeJS.Platform;

interface Cause {
  readonly fits: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

const unlock: Readonly<Partial<Record<Platform, string>>> = {
  darwin: 'Unlock the login keychain in Keychain Access, and allow claude-env to use it.',
  win32: 'Log in to Windows again.',
};
const unlockHint = (platform: Platform): string =>
  unlock[platform] ??
  'Unlock the keyring: log in to the desktop, or open Passwords and Keys (seahorse) and unlock “Login”.';

const install =
  'Install and start one: gnome-keyring, KWallet, or KeePassXC with its Secret Service switched on. Without a desktop: `dbus-run-session` and `gnome-keyring-daemon --unlock`.';

/** In the words of keytar 7.10.6 (libsecret, Security.framework, wincred), as seen on Linux and read in its sources. */
const causes = (platform: Platform): readonly Cause[] => [
  {
    fits: /libsecret|cannot open shared object|no native build|Cannot find module/i,
    code: 'keychain.missing',
    message: 'The system’s keychain library is not installed.',
    hint: 'Install libsecret: `sudo apt install libsecret-1-0`, `sudo dnf install libsecret` or `sudo pacman -S libsecret`.',
  },
  {
    fits: /autolaunch|address is empty|could not connect|connection refused|D-?Bus.*(?:address|socket)|No such file or directory/i,
    code: 'keychain.missing',
    message: 'There is no session bus here, so no keychain can be reached.',
    hint: 'Start claude-env in a desktop session (DBUS_SESSION_BUS_ADDRESS must be set), or inside `dbus-run-session` with a Secret Service.',
  },
  {
    fits: /ServiceUnknown|not provided by any|was not activat|Spawn\.|Object does not exist at path/i,
    code: 'keychain.missing',
    message: 'There is a session bus, but no Secret Service with a keyring answers on it.',
    hint: install,
  },
  {
    fits: /locked|interaction is not allowed|-25308/i,
    code: 'keychain.locked',
    message: 'The keychain is locked.',
    hint: unlockHint(platform),
  },
  {
    fits: /denied|cancel|dismiss|-128\b|authoriz|not permitted/i,
    code: 'keychain.denied',
    message: 'The keychain was asked, and access to it was refused.',
    hint: 'Try again and allow it in the system’s dialog.',
  },
];

/** What keytar said, in the user's terms. */
export function toKeychainError(said: string, platform: Platform): AppError {
  const cause = causes(platform).find(({ fits }) => fits.test(said));
  if (cause === undefined) {
    return {
      code: 'keychain.failed',
      message: `The keychain answered: ${said}`,
      hint: 'Look at the system’s keychain program.',
    };
  }
  return { code: cause.code, message: cause.message, hint: cause.hint, detail: said };
}

/** Its process ended while it was asked, which a keyring does that is locked and cannot show its dialog. */
export const endedError = (platform: Platform): AppError => ({
  code: 'keychain.locked',
  message: 'The keychain could not be read: it is locked, and its dialog could not be shown.',
  hint: unlockHint(platform),
});

export const silentError = (seconds: number): AppError => ({
  code: 'keychain.locked',
  message: `The keychain did not answer within ${seconds} s. Its dialog may still be waiting for you.`,
  hint: 'Answer the dialog and try again.',
  retry: true,
});
