import type { TlsFiles } from './endpoint.ts';
import type { Host } from './host.ts';

/*
 * The docker CLI's own files. Layout: docker/cli cli/context/store: `contexts/meta/<sha256 of the name>/meta.json`,
 * TLS material in `contexts/tls/<the same>/docker/{ca,cert,key}.pem`; the chosen one is `currentContext` in config.json.
 */

export interface DockerContext {
  readonly name: string;
  readonly host: string;
  readonly tls?: TlsFiles;
}

export interface ContextStore {
  /** `~/.docker`, or DOCKER_CONFIG. */
  readonly directory: string;
  /** How people call its config.json: `~/.docker/config.json`. */
  readonly label: string;
  readonly contexts: readonly DockerContext[];
  /** Chosen by name, and by what; undefined when nothing is chosen. */
  readonly current: { readonly name: string; readonly source: string } | undefined;
}

export const configDirectory = ({ env, home }: Pick<Host, 'env' | 'home'>): string =>
  env.DOCKER_CONFIG || `${home}/.docker`;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** undefined for a missing file and for one that is not JSON: the CLI's files are not ours to complain about. */
export function parseJson(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export async function readContexts(host: Host): Promise<ContextStore> {
  const directory = configDirectory(host);
  const label = directory.startsWith(`${host.home}/`)
    ? `~${directory.slice(host.home.length)}/config.json`
    : `${directory}/config.json`;
  const [config, ids] = await Promise.all([
    host.readText(`${directory}/config.json`).then(parseJson),
    host.list(`${directory}/contexts/meta`),
  ]);
  const contexts = await Promise.all([...ids].sort().map((id) => readContext(host, directory, id)));
  return {
    directory,
    label,
    contexts: contexts
      .filter((context) => context !== undefined)
      .sort((left, right) => (left.name < right.name ? -1 : 1)),
    current: chooseCurrent(host, config, label),
  };
}

function chooseCurrent(
  { env }: Host,
  config: Readonly<Record<string, unknown>> | undefined,
  label: string,
): ContextStore['current'] {
  if (env.DOCKER_CONTEXT) {
    return { name: env.DOCKER_CONTEXT, source: `context \`${env.DOCKER_CONTEXT}\` from DOCKER_CONTEXT` };
  }
  const name = config?.currentContext;
  if (typeof name !== 'string' || name === '' || name === 'default') return undefined;
  return { name, source: `context \`${name}\` from ${label}` };
}

async function readContext(host: Host, directory: string, id: string): Promise<DockerContext | undefined> {
  const meta = parseJson(await host.readText(`${directory}/contexts/meta/${id}/meta.json`));
  const endpoints = isRecord(meta?.Endpoints) ? meta.Endpoints : {};
  const docker = isRecord(endpoints.docker) ? endpoints.docker : {};
  if (typeof meta?.Name !== 'string' || typeof docker.Host !== 'string') return undefined;
  const tls = await readTls(host, `${directory}/contexts/tls/${id}/docker`, docker.SkipTLSVerify === true);
  return { name: meta.Name, host: docker.Host, ...(tls && { tls }) };
}

/** TLS is used when there is material for it, or when verification was switched off (docker/cli context/docker/load.go). */
async function readTls(host: Host, directory: string, skipVerify: boolean): Promise<TlsFiles | undefined> {
  const files = await host.list(directory);
  if (files.length === 0 && !skipVerify) return undefined;
  const path = (name: string) => (files.includes(`${name}.pem`) ? `${directory}/${name}.pem` : undefined);
  const [ca, cert, key] = [path('ca'), path('cert'), path('key')];
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), verify: !skipVerify };
}
