import type { AppError } from '../../preload/contract/errors.ts';
import type { EngineId } from '../../preload/contract/model.ts';
import { type DockerContext, readContexts } from './context-store.ts';
import { type Endpoint, formatEndpoint, parseEndpoint, type TlsFiles } from './endpoint.ts';
import type { Host } from './host.ts';
import { defaultEndpoint, knownSockets } from './known-sockets.ts';

/*
 * Which engines there are, and why. The order is the docker CLI's own (so that `docker ps` shows what we made), then the
 * places where products put their sockets:
 *   DOCKER_HOST > DOCKER_CONTEXT or currentContext (none: `default`) > the other contexts > known sockets
 * DOCKER_HOST wins over DOCKER_CONTEXT: docker/cli cli/command/cli.go, resolveContextName.
 */

export interface FoundEngine {
  readonly id: EngineId;
  readonly title: string;
  /** For people; no password. */
  readonly address: string;
  readonly source: string;
  /** Somebody wrote it down (environment or context), so it is listed even when it does not answer. */
  readonly configured: boolean;
  /** undefined when what was written down cannot be used; then `problem` says why. */
  readonly endpoint?: Endpoint;
  readonly problem?: AppError;
}

export interface FoundEngines {
  /** In order of preference, without two entries for the same address. */
  readonly engines: readonly FoundEngine[];
  /** The one that the environment, a context or the settings ask for; undefined: the first that answers. */
  readonly chosen: EngineId | undefined;
}

/**
 * Looks for engines. `preferred` is the settings' choice and wins when such an engine exists. With
 * CLAUDE_ENV_ENGINES=named only those that somebody wrote down count: tests must not see the user's own engine.
 */
export async function findEngines(host: Host, preferred?: EngineId): Promise<FoundEngines> {
  const guesses = host.env.CLAUDE_ENV_ENGINES !== 'named';
  const [store, fallback, sockets] = await Promise.all([
    readContexts(host),
    defaultEngine(host),
    guesses ? existingSockets(host) : [],
  ]);
  const fromEnvironment = environmentEngine(host, store.directory);
  const current = fromEnvironment ? undefined : store.current;
  const selected =
    current === undefined ? undefined : contextEngine(store.contexts, current.name, current.source, host);
  const others = store.contexts
    .filter((context) => context.name !== current?.name)
    .map((context) => toFound(context, `context \`${context.name}\` from ${store.label}`));

  const listed = [
    ...(fromEnvironment ? [fromEnvironment] : []),
    ...(selected ? [selected] : []),
    ...(fallback.exists && guesses ? [fallback.engine] : []),
    ...others,
    ...sockets,
  ];
  // With nothing at all to look at, the usual place is watched: starting Docker is then noticed.
  const engines = await withoutDoubles(
    host,
    listed.length > 0 || !guesses ? listed : [{ ...fallback.engine, configured: true }],
  );
  const asked = [preferred, fromEnvironment?.id, selected?.id].find((id) => engines.some((engine) => engine.id === id));
  return { engines, chosen: asked };
}

function environmentEngine(host: Host, configDirectory: string): FoundEngine | undefined {
  const text = host.env.DOCKER_HOST;
  if (text === undefined || text === '') return undefined;
  const parsed = parseEndpoint(text, environmentTls(host, configDirectory));
  const common = { id: 'env', title: 'DOCKER_HOST', source: 'environment variable DOCKER_HOST', configured: true };
  return parsed.endpoint
    ? { ...common, address: formatEndpoint(parsed.endpoint), endpoint: parsed.endpoint }
    : {
        ...common,
        address: 'DOCKER_HOST',
        problem: {
          code: 'engine.unreachable',
          message: `DOCKER_HOST cannot be used: ${parsed.problem}`,
          hint: 'Correct or unset DOCKER_HOST and start claude-env again.',
        },
      };
}

/** DOCKER_TLS_VERIFY set to anything means TLS with verification; certificates come from DOCKER_CERT_PATH. */
function environmentTls({ env }: Host, configDirectory: string): TlsFiles | undefined {
  const verify = env.DOCKER_TLS_VERIFY !== undefined && env.DOCKER_TLS_VERIFY !== '';
  if (!verify && (env.DOCKER_TLS === undefined || env.DOCKER_TLS === '')) return undefined;
  const directory = env.DOCKER_CERT_PATH || configDirectory;
  return { ca: `${directory}/ca.pem`, cert: `${directory}/cert.pem`, key: `${directory}/key.pem`, verify };
}

function contextEngine(contexts: readonly DockerContext[], name: string, source: string, host: Host): FoundEngine {
  if (name === 'default') return { ...toDefault(host), source, configured: true };
  const context = contexts.find((candidate) => candidate.name === name);
  if (context) return toFound(context, source);
  return {
    id: contextId(name),
    title: name,
    address: `context ${name}`,
    source,
    configured: true,
    problem: {
      code: 'engine.unreachable',
      message: `There is no docker context “${name}” (${source}).`,
      hint: '`docker context ls` lists the contexts there are; `docker context use NAME` chooses one.',
    },
  };
}

/** Context names may hold `+`, engine ids may not. */
const contextId = (name: string): EngineId => `context:${name.replaceAll(/[^A-Za-z0-9._-]/g, '_')}`;

function toFound(context: DockerContext, source: string): FoundEngine {
  const common = { id: contextId(context.name), title: context.name, source, configured: true };
  const parsed = parseEndpoint(context.host, context.tls);
  if (parsed.endpoint) return { ...common, address: formatEndpoint(parsed.endpoint), endpoint: parsed.endpoint };
  return {
    ...common,
    address: `context ${context.name}`,
    problem: {
      code: 'engine.unreachable',
      message: `The docker context “${context.name}” cannot be used: ${parsed.problem}`,
      hint: `\`docker context inspect ${context.name}\` shows it, \`docker context update\` corrects it.`,
    },
  };
}

function toDefault(host: Host): Omit<FoundEngine, 'source' | 'configured'> & { readonly endpoint: Endpoint } {
  const endpoint = defaultEndpoint(host);
  return { id: 'default', title: 'default', address: formatEndpoint(endpoint), endpoint };
}

async function defaultEngine(host: Host): Promise<{ engine: FoundEngine; exists: boolean }> {
  const engine = toDefault(host);
  const path = engine.endpoint.kind === 'unix' || engine.endpoint.kind === 'npipe' ? engine.endpoint.path : '';
  return {
    engine: { ...engine, source: 'the usual place of a Docker engine on this system', configured: false },
    exists: await host.exists(path),
  };
}

async function existingSockets(host: Host): Promise<readonly FoundEngine[]> {
  const sockets = knownSockets(host);
  const present = await Promise.all(
    sockets.map(({ endpoint }) =>
      endpoint.kind === 'unix' || endpoint.kind === 'npipe' ? host.exists(endpoint.path) : Promise.resolve(false),
    ),
  );
  return sockets
    .filter((_, index) => present[index])
    .map(({ key, product, endpoint }) => ({
      id: `socket:${key}`,
      title: product,
      address: formatEndpoint(endpoint),
      source: `socket of ${product}`,
      configured: false,
      endpoint,
    }));
}

/** The first of those that lead to the same socket or host stays; ids that collide get a number. */
async function withoutDoubles(host: Host, engines: readonly FoundEngine[]): Promise<readonly FoundEngine[]> {
  const real = await Promise.all(
    engines.map(async ({ endpoint, id }) => {
      if (endpoint === undefined) return id;
      if (endpoint.kind === 'unix') return `unix://${await host.realPath(endpoint.path)}`;
      return formatEndpoint(endpoint).toLowerCase();
    }),
  );
  const first = engines.filter((_, index) => real.indexOf(real[index] ?? '') === index);
  const ids = first.map(({ id }) => id);
  return first.map((engine, index) => {
    const earlier = ids.slice(0, index).filter((id) => id === engine.id).length;
    return earlier === 0 ? engine : { ...engine, id: `${engine.id}.${earlier + 1}` };
  });
}
