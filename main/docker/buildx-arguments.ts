import type { Build } from '../core/compose/project.ts';
import type { BuildSecret } from '../core/plan/plan.ts';
import { isRemoteContext } from './build-context.ts';
import { type Endpoint, formatEndpoint } from './endpoint.ts';

/*
 * A build section as `buildx build` takes it: https://docs.docker.com/reference/cli/docker/buildx/build/
 * Values of secrets and build arguments stand in the child's environment only: an argument is readable by every user of
 * the machine.
 */

export interface BuildxCall {
  readonly image: string;
  readonly build: Build;
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly secrets: readonly BuildSecret[];
  /** Values of the secrets that come from the environment, by variable. */
  readonly values: Readonly<Record<string, string>>;
  /** `tar`: context and Dockerfile come through standard input. `dockerfile`: the Dockerfile does. */
  readonly input: 'tar' | 'dockerfile' | 'none';
  /** The Dockerfile's path: within the tar, or on this machine; for a remote context within that. */
  readonly dockerfile: string | undefined;
  readonly builder: string | undefined;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly push: boolean;
}

/** One value of a list that buildx reads as CSV. */
const field = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const each = <T>(flag: string, values: Iterable<T>, text: (value: T) => string): readonly string[] =>
  [...values].flatMap((value) => [flag, text(value)]);
const when = (condition: boolean | undefined, ...words: readonly string[]): readonly string[] =>
  condition === true ? words : [];
const given = (flag: string, value: string | undefined): readonly string[] =>
  value === undefined || value === '' ? [] : [flag, value];

/** Variables that would change what buildx itself, or the loader under it, does. */
const meant =
  /^(PATH|HOME|USER|TMPDIR|PWD|SHELL|(https?|no|ftp|all)_proxy|(DOCKER|BUILDX|BUILDKIT|COMPOSE|LD|DYLD|SSH|XDG|OTEL|SSL|GO)\w*)$/i;
const plainName = /^[A-Za-z_]\w*$/;

/** Arguments whose value buildx can be left to read from its environment; the others have to be spelled out. */
const throughEnvironment = (name: string): boolean => plainName.test(name) && !meant.test(name);

export function toBuildxArguments(call: BuildxCall): readonly string[] {
  const { build, image } = call;
  const hosts = [...(build.extra_hosts ?? [])].flatMap(([name, ips]) => ips.map((ip) => `${name}=${ip}`));
  const allowed = [...(build.privileged === true ? ['security.insecure'] : []), ...(build.entitlements ?? [])];
  return [
    'buildx',
    'build',
    '--progress=rawjson',
    '--builder',
    call.builder ?? 'default',
    call.push ? '--push' : '--load',
    ...each('--tag', [image, ...(build.tags ?? [])], (tag) => tag),
    ...given('--file', call.input === 'dockerfile' ? '-' : call.dockerfile),
    ...given('--target', build.target),
    ...each('--platform', build.platforms ?? [], (platform) => platform),
    ...each('--build-arg', Object.entries(call.args), ([name, value]) =>
      throughEnvironment(name) ? name : `${name}=${value}`,
    ),
    ...each('--label', Object.entries(call.labels), ([name, value]) => `${name}=${value}`),
    ...each('--build-context', build.additional_contexts ?? [], ([name, context]) => `${name}=${context}`),
    ...each('--cache-from', build.cache_from ?? [], (cache) => cache),
    ...each('--cache-to', build.cache_to ?? [], (cache) => cache),
    ...each('--secret', call.secrets, toSecret),
    ...each('--ssh', build.ssh ?? [], (key) => key),
    ...each('--add-host', hosts, (host) => host),
    ...each('--allow', allowed, (entitlement) => entitlement),
    ...each('--ulimit', build.ulimits ?? [], ([name, { soft, hard }]) => `${name}=${soft}:${hard}`),
    ...given('--network', build.network),
    ...given('--shm-size', build.shm_size === undefined ? undefined : String(build.shm_size)),
    ...given('--provenance', build.provenance),
    ...given('--sbom', build.sbom),
    ...when(call.noCache, '--no-cache'),
    ...when(call.pull, '--pull'),
    // Whatever the context is called, it is no option.
    '--',
    call.input === 'tar' ? '-' : build.context,
  ];
}

const toSecret = (secret: BuildSecret): string =>
  'file' in secret
    ? ['type=file', `id=${secret.id}`, `src=${secret.file}`].map(field).join(',')
    : ['type=env', `id=${secret.id}`, `env=${secret.value.variable}`].map(field).join(',');

/**
 * The environment of docker's own programs for one engine: what the caller's shell says about engines and builders does
 * not count. Plugins read DOCKER_TLS… only when the CLI seems to have called them, which the last variable says.
 */
export function toCliEnvironment(
  endpoint: Endpoint,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const other = /^(DOCKER_(HOST|CONTEXT|TLS|TLS_VERIFY|CERT_PATH|API_VERSION|DEFAULT_PLATFORM)|BUILDX_BUILDER)$/;
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !other.test(entry[0]),
  );
  const tls = endpoint.kind === 'tcp' ? endpoint.tls : undefined;
  const file = tls?.ca ?? tls?.cert ?? tls?.key;
  return {
    ...Object.fromEntries(kept),
    DOCKER_HOST: formatEndpoint(endpoint),
    ...(tls && (tls.verify ? { DOCKER_TLS_VERIFY: '1' } : { DOCKER_TLS: '1' })),
    // Contexts and DOCKER_CERT_PATH both have ca.pem, cert.pem and key.pem in one folder.
    ...(file && { DOCKER_CERT_PATH: file.replace(/[\\/][^\\/]*$/, '') }),
    DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: 'docker',
  };
}

/** What the child's environment holds besides: arguments and secrets. */
export function toBuildxEnvironment({ args, values }: Pick<BuildxCall, 'args' | 'values'>): Record<string, string> {
  const hidden = Object.entries(args).filter(([name]) => throughEnvironment(name));
  return { ...Object.fromEntries(hidden), ...values };
}

/** A remote context's Dockerfile is a path within it; another's is on this machine. */
export const dockerfileArgument = (build: Build, path: string | undefined): string | undefined =>
  isRemoteContext(build.context) ? build.dockerfile : path;
