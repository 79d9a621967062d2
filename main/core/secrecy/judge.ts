import { mayNameSecret, namesSecret } from './names.ts';
import { hasPrivateKey, isAddressWithPassword, isHarmless, isToken, looksRandom, mayHoldSecret } from './values.ts';

/*
 * Is it a secret? Whoever must know asks here. `judgeEntry` is strict: it proposes what a person decides on, so that what is
 * missed can be named and what is proposed for nothing left out. `looksSecret` is wide: what it is asked about would be shown
 * or kept, and where it is not clear the value is hidden. Everything that is proposed is hidden as well.
 */

/** Why an entry looks like a secret. */
export type SecretSign = 'name' | 'token' | 'address' | 'key' | 'random';

/** The first sign that an entry is a secret; undefined: it does not look like one. */
export function judgeEntry(name: string, value: string): SecretSign | undefined {
  const text = value.trim();
  if (isHarmless(text)) return undefined;
  if (hasPrivateKey(text)) return 'key';
  if (isToken(text)) return 'token';
  if (isAddressWithPassword(text)) return 'address';
  if (namesSecret(name)) {
    // Where the secret is, not what it is.
    return /^(?:\/|\.{1,2}\/|~\/|[A-Za-z]:\\|https?:\/\/)\S*$/.test(text) ? undefined : 'name';
  }
  return looksRandom(name, text) ? 'random' : undefined;
}

export const signTitle: Readonly<Record<SecretSign, string>> = {
  name: 'its name says so',
  token: 'it has the form of a token',
  address: 'an address with a password in it',
  key: 'a private key',
  random: 'it is long and random',
};

/** `key` is a path such as `environment.DB_PASSWORD`; `text` what would be shown. */
export function looksSecret(key: string, text: string): boolean {
  const at = key.indexOf('.');
  const section = at < 0 ? key : key.slice(0, at);
  switch (section) {
    case 'environment':
    case 'labels':
    case 'annotations':
    case 'logging':
    case 'driver_opts': {
      const name = key.slice(at + 1);
      return mayNameSecret(name) || mayHoldSecret(text) || judgeEntry(name, text) !== undefined;
    }
    case 'command':
    case 'entrypoint':
    case 'healthcheck':
      return mayHoldSecret(text);
    default:
      return false;
  }
}
