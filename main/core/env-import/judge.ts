/*
 * Which entries of a .env file look like secrets. A proposal, which a person decides on: what is missed can be named, what is
 * proposed for nothing can be left out. Names first, then forms that issuers give their tokens, then randomness.
 */

/** Why an entry looks like a secret. */
export type SecretSign = 'name' | 'token' | 'address' | 'key' | 'random';

/** Parts of a name, between `_` and where small letters meet capitals. */
const partsOf = (name: string): readonly string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_.-]+/)
    .filter((part) => part !== '');

const secretParts = new Set([
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'pass',
  'secret',
  'secrets',
  'token',
  'tokens',
  'credential',
  'credentials',
  'apikey',
  'salt',
  'pepper',
  'dsn',
  'pat',
  'jwt',
]);
/** `DBPASSWORD`, `PGPASSWORD`, `AUTHTOKEN`: run together. */
const secretEnding = /(?:password|passwd|secret|token|apikey)$/i;
/** A key is one when something says which: `API_KEY`, `ENCRYPTION_KEY`; `PRIMARY_KEY` is a column. */
const keyKinds = new Set([
  'api',
  'access',
  'account',
  'auth',
  'encryption',
  'license',
  'licence',
  'master',
  'private',
  'secret',
  'service',
  'shared',
  'signing',
  'app',
  'storage',
  'webhook',
]);
/** What is said about a secret, and is none: `TOKEN_URL`, `PASSWORD_FILE`, `SECRET_NAME`, `JWT_EXPIRES_IN`. */
const about = new Set([
  'file',
  'path',
  'dir',
  'url',
  'uri',
  'endpoint',
  'host',
  'port',
  'name',
  'user',
  'username',
  'type',
  'method',
  'algorithm',
  'alg',
  'issuer',
  'audience',
  'expiry',
  'expires',
  'expiration',
  'ttl',
  'lifetime',
  'length',
  'rounds',
  'min',
  'max',
  'enabled',
  'disabled',
  'required',
  'header',
  'prefix',
  'version',
  'id',
  'in',
  'count',
  'limit',
  'timeout',
  'interval',
  'policy',
  'public',
]);

const namesSecret = (name: string): boolean => {
  const parts = partsOf(name);
  const last = parts.at(-1) ?? '';
  if (about.has(last) || parts.includes('public')) return false;
  if (parts.some((part) => secretParts.has(part)) || secretEnding.test(last)) return true;
  // `API_KEY`, `STRIPE_KEY_SECRET`, `KEY` alone.
  return last === 'key' && (parts.length === 1 || parts.some((part) => keyKinds.has(part)));
};

/** As their issuers document them; the part after the prefix is random. */
const tokens: readonly RegExp[] = [
  /^gh[pousr]_[A-Za-z0-9]{20,}$/,
  /^github_pat_\w{20,}$/,
  /^gl(?:pat|dt|rt|ptt)-[\w-]{16,}$/,
  /^sk-(?:ant-|proj-|or-)?[\w-]{16,}$/,
  /^[rsp]k_(?:live|test)_\w{10,}$/,
  /^whsec_\w{10,}$/,
  /^xox[abeprs]-[\w-]{10,}$/,
  /^xapp-[\w-]{10,}$/,
  /^(?:AKIA|ASIA)[A-Z0-9]{16}$/,
  /^AIza[\w-]{30,}$/,
  /^ya29\.[\w-]{20,}$/,
  /^npm_[A-Za-z0-9]{30,}$/,
  /^pypi-[\w-]{20,}$/,
  /^dckr_(?:pat|oat)_[\w-]{20,}$/,
  /^do[opr]_v1_[a-f0-9]{40,}$/,
  /^hf_[A-Za-z0-9]{20,}$/,
  /^SG\.[\w-]{16,}\.[\w-]{16,}$/,
  /^shp(?:at|ca|pa|ss)_[a-fA-F0-9]{20,}$/,
  /^hv[sbr]\.[\w-]{20,}$/,
  /^ATATT[\w=-]{20,}$/,
  /^eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*$/,
  /^https:\/\/hooks\.slack\.com\/services\/\S+$/,
  /^https:\/\/(?:\w+\.)?discord(?:app)?\.com\/api\/webhooks\/\S+$/,
];

/** `postgres://user:password@host/db` */
const addressWithPassword = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i;

/** Bits a character, by how often each occurs (Shannon). */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0);
}

/** Random text that stands for something public. */
const digestName = /sha|digest|commit|revision|hash|checksum|version|tag|image|uuid|guid|(?:^|_)id$/i;
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

function looksRandom(name: string, value: string): boolean {
  if (digestName.test(name) || uuid.test(value)) return false;
  if (/^[0-9a-f]{32,}$/i.test(value)) return entropy(value) > 3;
  // One word of letters and digits; what has dots, slashes or colons is more often a name, a path or an address.
  if (!/^[\w+=/-]{24,}$/.test(value) || /^[/.]|\/.*\/.*\/|--/.test(value)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(value)).length;
  return kinds === 3 && entropy(value) > 4;
}

/** Values that protect nothing, whatever they are called. */
const harmless = /^(?:|true|false|yes|no|on|off|none|null|\d{1,4}|\$\{?\w+\}?)$/i;

/** The first sign that an entry is a secret; undefined: it does not look like one. */
export function judgeEntry(name: string, value: string): SecretSign | undefined {
  const text = value.trim();
  if (harmless.test(text)) return undefined;
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return 'key';
  if (tokens.some((form) => form.test(text))) return 'token';
  if (addressWithPassword.test(text)) return 'address';
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
