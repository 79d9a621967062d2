/*
 * Where an engine listens, as DOCKER_HOST and docker contexts write it.
 * https://docs.docker.com/engine/reference/commandline/cli/#host-flag
 */

/** Paths of PEM files; each may be missing on disk, as for the docker CLI. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** False: the server's certificate is not checked (context made with skip-tls-verify, or DOCKER_TLS without _VERIFY). */
  readonly verify: boolean;
}

export type Endpoint =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'npipe'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: TlsFiles }
  | {
      readonly kind: 'ssh';
      readonly host: string;
      readonly user?: string;
      readonly port?: number;
      readonly path?: string;
    };

/** Either an endpoint, or a sentence that says what is wrong with the text. */
export type ParsedEndpoint =
  | { readonly endpoint: Endpoint; readonly problem?: undefined }
  | { readonly endpoint?: undefined; readonly problem: string };

/** What was written may hold a password, which must not come up in a message. */
const problem = (text: string): ParsedEndpoint => ({ problem: text.replaceAll(/\/\/[^@/\s]*@/g, '//…@') });

/**
 * Parses `unix:///path`, `npipe:////./pipe/name`, `tcp://host:port`, `ssh://user@host:port`; without a scheme it is tcp,
 * as the docker CLI has it. Host and user must not begin with `-`: they become arguments of `ssh`, which would take them
 * for options (the same refusal as git's, CVE-2017-1000117).
 */
export function parseEndpoint(text: string, tls?: TlsFiles): ParsedEndpoint {
  const trimmed = text.trim();
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(trimmed)?.[1]?.toLowerCase();
  const rest = scheme === undefined ? trimmed : trimmed.slice(scheme.length + 3);
  switch (scheme) {
    case 'unix':
      return rest.startsWith('/')
        ? { endpoint: { kind: 'unix', path: rest } }
        : problem(`“${text}” names no absolute path.`);
    case 'npipe':
      return { endpoint: { kind: 'npipe', path: rest.replaceAll('\\', '/') || '//./pipe/docker_engine' } };
    case 'ssh':
      return parseSsh(trimmed, text);
    case 'tcp':
    case 'http':
    case 'https':
    case undefined:
      return parseTcp(rest, text, scheme === 'https' ? (tls ?? { verify: true }) : tls);
    default:
      return problem(`“${scheme}://” is not a kind of address that a Docker engine listens on.`);
  }
}

/** `URL.parse` came with Node 22; the terminal's program starts on 20. */
const parseUrl = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null);

function parseTcp(rest: string, text: string, tls: TlsFiles | undefined): ParsedEndpoint {
  const url = parseUrl(`tcp://${rest}`);
  if (url === null || url.hostname === '') return problem(`“${text}” is not an address: tcp://host:port is expected.`);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? (tls ? 2376 : 2375) : Number(url.port);
  return { endpoint: { kind: 'tcp', host, port, ...(tls && { tls }) } };
}

function parseSsh(address: string, text: string): ParsedEndpoint {
  const url = parseUrl(address);
  if (url === null || url.hostname === '') return problem(`“${text}” is not an address: ssh://user@host is expected.`);
  const host = decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1');
  const user = decodeURIComponent(url.username);
  if (host.startsWith('-') || user.startsWith('-'))
    return problem(`“${text}”: a host or user must not begin with “-”.`);
  if (url.password !== '') return problem('An ssh address must not hold a password; use a key or the ssh agent.');
  return {
    endpoint: {
      kind: 'ssh',
      host,
      ...(user !== '' && { user }),
      ...(url.port !== '' && { port: Number(url.port) }),
      ...(url.pathname.length > 1 && { path: url.pathname }),
    },
  };
}

/** For people and for the wire: never with a password. */
export function formatEndpoint(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case 'unix':
      return `unix://${endpoint.path}`;
    case 'npipe':
      return `npipe://${endpoint.path}`;
    case 'tcp':
      return `tcp://${endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`;
    case 'ssh': {
      const user = endpoint.user === undefined ? '' : `${endpoint.user}@`;
      return `ssh://${user}${endpoint.host}${endpoint.port === undefined ? '' : `:${endpoint.port}`}${endpoint.path ?? ''}`;
    }
  }
}

/** Published ports and bind mounts are on this machine. */
export const isLocal = (endpoint: Endpoint): boolean => endpoint.kind === 'unix' || endpoint.kind === 'npipe';
