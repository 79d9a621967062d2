import {
  type LoginAnswer,
  type LoginSource,
  type RegistryAuth,
  type RegistryLogin,
  toAuth,
} from '../core/registries/login.ts';
import { registryOf, toRegistry } from '../core/registries/names.ts';
import type { DockerLogin, DockerLogins, RegistryLogins } from '../services/ports.ts';
import { configDirectory, parseJson } from './context-store.ts';
import { type AskHelper, createHelpers, isHelperName } from './credential-helper.ts';
import type { Host } from './host.ts';

/*
 * Registry logins as `docker login` left them: in ~/.docker/config.json, or behind a credential helper that it names
 * (docs.docker.com/reference/cli/docker/login/#credential-helpers). Read at the moment of a pull and handed to the engine
 * in a header; never kept, never logged.
 */

type ConfigHost = Pick<Host, 'env' | 'home' | 'readText'>;

interface DockerConfig {
  readonly file: string;
  /** By the keys as they are written. */
  readonly auths: Readonly<Record<string, unknown>>;
  readonly helpers: Readonly<Record<string, unknown>>;
  readonly store: string | undefined;
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
const asText = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** undefined where there is no file, or it is no JSON. */
async function readConfig(host: ConfigHost): Promise<DockerConfig | undefined> {
  const file = `${configDirectory(host)}/config.json`;
  const config = parseJson(await host.readText(file));
  return (
    config && {
      file: file.startsWith(`${host.home}/`) ? `~${file.slice(host.home.length)}` : file,
      auths: asRecord(config.auths),
      helpers: asRecord(config.credHelpers),
      store: asText(config.credsStore),
    }
  );
}

const helperOf = ({ helpers, store }: DockerConfig, registry: string): string | undefined => {
  const key = Object.keys(helpers).find((name) => toRegistry(name) === registry);
  return asText(key === undefined ? undefined : helpers[key]) ?? store;
};

/** docker's logins, each asked for when it is wanted. A helper without a login falls back to the file, as in docker. */
export function createDockerLogins(host: ConfigHost, ask: AskHelper = createHelpers(host.env)): DockerLogins {
  const ofRegistry = async (registry: string): Promise<LoginAnswer> => {
    const config = await readConfig(host);
    if (config === undefined) return { registry, problems: [] };
    const problems: string[] = [];
    const helper = helperOf(config, registry);
    if (helper !== undefined && !isHelperName(helper)) problems.push(badName(config, helper));
    else if (helper !== undefined) {
      const found = await ask.get(helper, registry).catch((error: unknown) => {
        problems.push(sentence(error));
        return undefined;
      });
      const source: LoginSource = { kind: 'helper', helper };
      if (found) return { registry, login: { auth: toAuth(registry, found.user, found.secret), source }, problems };
    }
    const auth = fromFile(config.auths, registry);
    const login: RegistryLogin | undefined = auth && { auth, source: { kind: 'docker-config', file: config.file } };
    return { registry, login, problems };
  };

  const list: DockerLogins['list'] = async () => {
    const config = await readConfig(host);
    if (config === undefined) return { logins: [], problems: [] };
    const problems: string[] = [];
    const found = new Map<string, DockerLogin>();
    for (const registry of registriesIn(config.auths)) {
      const auth = fromFile(config.auths, registry);
      const source: DockerLogin['source'] = { kind: 'docker-config', file: config.file };
      if (auth) found.set(registry, { registry, ...(auth.username && { user: auth.username }), source });
    }
    const named = [config.store, ...Object.values(config.helpers).map(asText)].filter((name) => name !== undefined);
    for (const helper of new Set(named)) {
      if (!isHelperName(helper)) {
        problems.push(badName(config, helper));
        continue;
      }
      const users = await ask.list(helper).catch((error: unknown) => {
        problems.push(sentence(error));
        return {};
      });
      for (const [written, user] of Object.entries(users)) {
        const registry = toRegistry(written);
        // A store is asked for every registry, another helper only for its own.
        if (registry === undefined || helperOf(config, registry) !== helper) continue;
        found.set(registry, { registry, ...(user && { user }), source: { kind: 'helper', helper } });
      }
    }
    return { logins: [...found.values()], problems };
  };

  return { ofRegistry, ofImage: (image) => ofRegistry(registryOf(image)), own: async () => [], list };
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const badName = ({ file }: DockerConfig, helper: string): string =>
  `${file} names a credential helper “${helper}”, which is no program’s name.`;

const registriesIn = (keys: Readonly<Record<string, unknown>>): readonly string[] => [
  ...new Set(Object.keys(keys).flatMap((key) => toRegistry(key) ?? [])),
];

function fromFile(auths: DockerConfig['auths'], registry: string): RegistryAuth | undefined {
  const keys = Object.keys(auths);
  const key = keys.find((name) => name === registry) ?? keys.find((name) => toRegistry(name) === registry);
  const entry = asRecord(key === undefined ? undefined : auths[key]);
  const token = asText(entry.identitytoken);
  if (token !== undefined) return { identitytoken: token, serveraddress: registry };
  const auth = asText(entry.auth);
  if (auth === undefined) return undefined;
  const [user = '', ...password] = Buffer.from(auth, 'base64').toString('utf8').split(':');
  return toAuth(registry, user, password.join(':'));
}

/** Logins for everything a build may pull, in the form of header X-Registry-Config. Each registry is asked for once. */
export async function toRegistryConfig(
  logins: RegistryLogins,
  images: readonly string[],
): Promise<Readonly<Record<string, RegistryAuth>>> {
  const registries = [...new Set(images.map(registryOf))];
  const answers = await Promise.all(registries.map(logins.ofRegistry));
  const found = answers.flatMap(({ registry, login }) =>
    login === undefined ? [] : [[registry, login.auth] as const],
  );
  return Object.fromEntries(found);
}

/**
 * The value of header X-Registry-Auth, and of X-Registry-Config: base64 of the URL-safe kind, with its padding. Without either
 * an engine takes the header for none (seen on 20.10), as docker-modem writes X-Registry-Config by itself.
 */
export const registryHeader = (value: RegistryAuth | Readonly<Record<string, RegistryAuth>>): string =>
  Buffer.from(JSON.stringify(value)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');

/**
 * Every login that docker's config.json names, as a config.json of its own; undefined when there is none. What only a
 * credentials store knows, and the file does not name, is not among them, nor is what this app keeps in the keychain.
 */
export async function readLogins(host: ConfigHost, ask?: AskHelper): Promise<string | undefined> {
  const config = await readConfig(host);
  if (config === undefined) return undefined;
  const docker = createDockerLogins(host, ask);
  const auths: Record<string, { readonly auth?: string; readonly identitytoken?: string }> = {};
  for (const registry of new Set([...registriesIn(config.auths), ...registriesIn(config.helpers)])) {
    const { login } = await docker.ofRegistry(registry);
    if (login === undefined) continue;
    const { username = '', password, identitytoken } = login.auth;
    auths[registry] = {
      ...(password === undefined ? {} : { auth: Buffer.from(`${username}:${password}`).toString('base64') }),
      ...(identitytoken === undefined ? {} : { identitytoken }),
    };
  }
  return Object.keys(auths).length === 0 ? undefined : JSON.stringify({ auths }, undefined, '\t');
}
