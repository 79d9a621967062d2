/*
 * What a value says about itself, whatever it is called: forms that issuers give their tokens, logins in addresses, private
 * keys, randomness. As with names, strict where a person is asked, wide where something would be shown.
 */

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

/** The whole of it is a token. */
export const isToken = (text: string): boolean => tokens.some((form) => form.test(text));

/** `postgres://user:password@host/db` */
const login = /:\/\/[^/\s:@]*:[^/\s@]+@/;
const addressWithLogin = new RegExp(`^[a-z][a-z0-9+.-]*${login.source}`, 'i');

/** The whole of it is an address with a password in it. */
export const isAddressWithPassword = (text: string): boolean => addressWithLogin.test(text);

export const hasPrivateKey = (text: string): boolean => /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text);

/** Bits a character, by how often each occurs (Shannon). */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0);
}

/** Random text that stands for something public. */
const digestName = /sha|digest|commit|revision|hash|checksum|version|tag|image|uuid|guid|(?:^|_)id$/i;
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Strict: random, and not the digest or the id of something public. */
export function looksRandom(name: string, value: string): boolean {
  if (digestName.test(name) || uuid.test(value)) return false;
  if (/^[0-9a-f]{32,}$/i.test(value)) return entropy(value) > 3;
  // One word of letters and digits; what has dots, slashes or colons is more often a name, a path or an address.
  if (!/^[\w+=/-]{24,}$/.test(value) || /^[/.]|\/.*\/.*\/|--/.test(value)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(value)).length;
  return kinds === 3 && entropy(value) > 4;
}

/** Values that protect nothing, whatever they are called. */
const protectsNothing = /^(?:|true|false|yes|no|on|off|none|null|\d{1,4}|\$\{?\w+\}?)$/i;

export const isHarmless = (text: string): boolean => protectsNothing.test(text);

/** A PEM block, a JWT, or a long run of letters and digits such as keys are; from a run's beginning, or long ones take long. */
const shape = /-----BEGIN|\beyJ[\w-]{10,}\.|(?<![\w+/=-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{32,}/;
/** `--password=x`, `-p x`, `PGPASSWORD=x` inside a command; no name is endless, or long words take long. */
const argument = /(?:pass(?:word|wd)?|secret|token|api[_-]?key|credential)\w{0,60}(?:[=:]|["',\s]+)\S/i;

/** Wide: something in it may be a secret. */
export const mayHoldSecret = (text: string): boolean =>
  shape.test(text) || login.test(text) || argument.test(text) || text.split(/[\s"'=,;]+/).some(isToken);
