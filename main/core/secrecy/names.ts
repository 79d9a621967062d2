/*
 * What a name says about its value. Nobody marks secrets, so there are two questions: does the name say that there is one
 * (a proposal, which a person decides on), and may there be one (what is shown and recorded, where doubt hides)? What
 * answers the first with yes does so for the second.
 */

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

/** Strict: for a proposal. `MAX_TOKENS`, `TOKEN_URL` and `PRIMARY_KEY` name none. */
export const namesSecret = (name: string): boolean => {
  const parts = partsOf(name);
  const last = parts.at(-1) ?? '';
  if (about.has(last) || parts.includes('public')) return false;
  if (parts.some((part) => secretParts.has(part)) || secretEnding.test(last)) return true;
  // `API_KEY`, `STRIPE_KEY_SECRET`, `KEY` alone.
  return last === 'key' && (parts.length === 1 || parts.some((part) => keyKinds.has(part)));
};

/** Wherever in the name it stands. */
const mayMean =
  /pass|secret|token|credential|private|auth|apikey|api[_.-]?key|[_.-]key\b|[_.-]key[_.-]|^key$|[_.-]pwd|pwd$|dsn|cookie|salt|signature|webhook|license/i;

/** Wide: for what must not be shown. */
export const mayNameSecret = (name: string): boolean => mayMean.test(name) || namesSecret(name);
