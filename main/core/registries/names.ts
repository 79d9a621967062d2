/*
 * Names of registries, as docker keeps logins under them: host and port, and for Docker Hub the address that its first
 * version had (docker/cli cli/config/configfile, distribution/reference).
 */

export const hub = 'https://index.docker.io/v1/';

const hubNames: ReadonlySet<string> = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
  'hub.docker.com',
]);

/** The key under which logins of an image's registry are kept. */
export function registryOf(image: string): string {
  const [first = '', rest] = image.split('/', 2);
  const isHost = rest !== undefined && (first.includes('.') || first.includes(':') || first === 'localhost');
  return isHost && !hubNames.has(first) ? first : hub;
}

/** `https://ghcr.io/v2/` and `GHCR.io` as `ghcr.io`. */
const plain = (written: string): string =>
  written
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*$/, '')
    .toLowerCase();

/** What somebody writes, or config.json has as a key, as that key; undefined for what is no host. */
export function toRegistry(written: string): string | undefined {
  const host = plain(written);
  if (host === '' || hubNames.has(host)) return hub;
  return /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/.test(host) ? host : undefined;
}

const component = '[a-z0-9]+(?:[._-]+[a-z0-9]+)*';
const prefixes = new RegExp(`^(?:/${component})*$`);

/**
 * Where images are pushed to, `HOST[:PORT][/PREFIX]`: `registry.example:5000/team`, `docker.io/our-team`. undefined for what is
 * no such place: a host has a dot or a port or is localhost, and Docker Hub takes nothing without a prefix.
 */
export function toImagePlace(written: string): string | undefined {
  const text = written.trim().replace(/\/+$/, '');
  const at = text.indexOf('/');
  const [host, prefix] = at < 0 ? [text.toLowerCase(), ''] : [text.slice(0, at).toLowerCase(), text.slice(at)];
  const isHost = toRegistry(host) === host || hubNames.has(host);
  if (!isHost || !/[.:]|^localhost$/.test(host) || !prefixes.test(prefix)) return undefined;
  return hubNames.has(host) && prefix === '' ? undefined : `${host}${prefix}`;
}

/** As people say it. */
export const registryTitle = (registry: string): string => (registry === hub ? 'Docker Hub' : registry);

/** What `docker login` and `registry login` take for it; nothing for Docker Hub. */
export const registryArgument = (registry: string): string => (registry === hub ? '' : ` ${registry}`);

const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const port = ':\\d+';
/** A first part without dot and port is a name on Docker Hub. */
const host = `(?:localhost(?:${port})?|${label}(?:\\.${label})+(?:${port})?|${label}${port}|\\[[a-fA-F0-9:]+\\](?:${port})?)`;
const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const digest = '[a-zA-Z][a-zA-Z0-9]*(?:[-_+.][a-zA-Z][a-zA-Z0-9]*)*:[0-9a-fA-F]{32,}';
const reference = new RegExp(`^(?:${host}/)?${part}(?:/${part})*(?::\\w[\\w.-]{0,127})?(?:@${digest})?$`);

/** What an engine takes for the name of an image (distribution/reference). A bare id names none: it cannot be told from a name. */
export const isImageReference = (text: string): boolean => reference.test(text) && !/^[0-9a-f]{64}$/.test(text);
