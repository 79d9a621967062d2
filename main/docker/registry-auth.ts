import { execFile } from 'node:child_process';
import { configDirectory, parseJson } from './context-store.ts';
import type { Host } from './host.ts';

/*
 * Registry logins as `docker login` left them: in ~/.docker/config.json, or behind a credential helper that it names
 * (docs.docker.com/reference/cli/docker/login/#credential-helpers). Read at the moment of a pull and handed to the engine
 * in a header; never kept, never logged.
 */

export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly serveraddress: string;
}

const hub = 'https://index.docker.io/v1/';

/** The key under which logins of an image's registry are kept. */
export function registryOf(image: string): string {
  const [first = '', rest] = image.split('/', 2);
  const isHost = rest !== undefined && (first.includes('.') || first.includes(':') || first === 'localhost');
  return isHost && first !== 'docker.io' && first !== 'index.docker.io' ? first : hub;
}

/** Runs `docker-credential-<name> get` with the registry on standard input; rejects when it has no login. */
export type AskHelper = (name: string, registry: string) => Promise<string>;

const askHelper: AskHelper = (name, registry) =>
  new Promise((resolve, reject) => {
    const child = execFile(
      `docker-credential-${name}`,
      ['get'],
      { timeout: 10_000, windowsHide: true },
      (error, stdout) => (error ? reject(error) : resolve(stdout)),
    );
    child.stdin?.on('error', reject);
    child.stdin?.end(registry);
  });

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
const asText = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The login for an image's registry; undefined when there is none, or its helper does not answer. */
export async function readRegistryAuth(
  host: Pick<Host, 'env' | 'home' | 'readText'>,
  image: string,
  ask: AskHelper = askHelper,
): Promise<RegistryAuth | undefined> {
  const registry = registryOf(image);
  const config = parseJson(await host.readText(`${configDirectory(host)}/config.json`));
  if (config === undefined) return undefined;
  const helper = asText(asRecord(config.credHelpers)[registry]) ?? asText(config.credsStore);
  // The name becomes part of a program's name: a path in it would run something else.
  if (helper !== undefined && /^[A-Za-z0-9_.-]+$/.test(helper)) {
    const answer = await ask(helper, registry).then(parseJson, () => undefined);
    const fromHelper = answer && toAuth(registry, asText(answer.Username), asText(answer.Secret));
    if (fromHelper) return fromHelper;
  }
  return fromFile(asRecord(config.auths), registry);
}

/** `<token>` as a user's name means that the secret is an identity token (docker/docker-credential-helpers). */
const toAuth = (registry: string, username?: string, secret?: string): RegistryAuth | undefined => {
  if (secret === undefined) return undefined;
  return username === '<token>'
    ? { identitytoken: secret, serveraddress: registry }
    : { ...(username && { username }), password: secret, serveraddress: registry };
};

function fromFile(auths: Readonly<Record<string, unknown>>, registry: string): RegistryAuth | undefined {
  const plain = (key: string) => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  const key = Object.keys(auths).find((name) => name === registry || plain(name) === plain(registry));
  const entry = asRecord(key === undefined ? undefined : auths[key]);
  const token = asText(entry.identitytoken);
  if (token !== undefined) return { identitytoken: token, serveraddress: registry };
  const auth = asText(entry.auth);
  if (auth === undefined) return undefined;
  const [username = '', ...password] = Buffer.from(auth, 'base64').toString('utf8').split(':');
  return toAuth(registry, username, password.join(':'));
}

/** Logins for everything a build may pull, in the form of header X-Registry-Config. Helpers are asked only for `images`. */
export async function readRegistryConfig(
  host: Pick<Host, 'env' | 'home' | 'readText'>,
  images: readonly string[],
  ask: AskHelper = askHelper,
): Promise<Readonly<Record<string, RegistryAuth>>> {
  const found = await Promise.all([...new Set(images)].map((image) => readRegistryAuth(host, image, ask)));
  return Object.fromEntries(found.filter((auth) => auth !== undefined).map((auth) => [auth.serveraddress, auth]));
}

/**
 * Every login that config.json names, as a config.json of its own; undefined when there is none. What only a credentials
 * store knows, and the file does not name, is not among them.
 */
export async function readLogins(
  host: Pick<Host, 'env' | 'home' | 'readText'>,
  ask: AskHelper = askHelper,
): Promise<string | undefined> {
  const config = parseJson(await host.readText(`${configDirectory(host)}/config.json`));
  const registries = new Set([...Object.keys(asRecord(config?.auths)), ...Object.keys(asRecord(config?.credHelpers))]);
  const auths: Record<string, { readonly auth?: string; readonly identitytoken?: string }> = {};
  for (const registry of registries) {
    const found = await readRegistryAuth(host, registry === hub ? 'library' : `${registry}/library`, ask);
    if (found === undefined) continue;
    const { username = '', password, identitytoken } = found;
    auths[registry] = {
      ...(password === undefined ? {} : { auth: Buffer.from(`${username}:${password}`).toString('base64') }),
      ...(identitytoken === undefined ? {} : { identitytoken }),
    };
  }
  return Object.keys(auths).length === 0 ? undefined : JSON.stringify({ auths }, undefined, '\t');
}
