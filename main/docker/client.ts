import { Agent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { inspect } from 'node:util';
import Docker from 'dockerode';
import type { Endpoint, TlsFiles } from './endpoint.ts';
import type { Host } from './host.ts';
import { createSshAgent } from './ssh-dial.ts';

/** One way to one engine; `docker` gives clients that share its connections. */
export interface Transport {
  /** Without a version: the engine's own newest, for `/_ping` and `/version` only. */
  readonly docker: (apiVersion?: string) => Docker;
  /** Ends idle and running connections. */
  readonly close: () => void;
}

/**
 * TCP keep-alive after 15 s of silence; libuv then probes once a second, ten times, so a peer that vanished is noticed
 * within half a minute even while nothing is asked of it.
 */
const keepAlive = { keepAlive: true, keepAliveMsecs: 15_000 } as const;

/**
 * Without TLS there is no name to show. Left to itself, Node asks of each host whether it is an address, and makes the
 * pattern for that first: 6 ms.
 */
const plain = { ...keepAlive, servername: '' } as const;

/** Builds the client for an endpoint. Certificates are read now; a file that is missing is left out, as docker does. */
export async function createTransport(endpoint: Endpoint, host: Pick<Host, 'readText'>): Promise<Transport> {
  const { agent, options } = await connector(endpoint, host);
  // docker-modem 5 writes its options out for a debug line at every call, wanted or not: with all sockets of the agent
  // that was 60 % of the CPU of an `up` and grew with the calls in flight. A name is enough.
  Object.defineProperty(agent, inspect.custom, { value: () => 'Agent' });
  return {
    docker: (apiVersion) => {
      const docker = withoutDockerHost(
        () => new Docker({ ...options, ...(apiVersion && { version: `v${apiVersion}` }) }),
      );
      // docker-modem takes it as an option too, which @types/dockerode does not know.
      Object.assign(docker.modem, { agent });
      return docker;
    },
    close: () => agent.destroy(),
  };
}

async function connector(
  endpoint: Endpoint,
  host: Pick<Host, 'readText'>,
): Promise<{ agent: Agent; options: Docker.DockerOptions }> {
  switch (endpoint.kind) {
    case 'unix':
    case 'npipe':
      return { agent: new Agent(plain), options: { socketPath: endpoint.path } };
    case 'tcp':
      return endpoint.tls
        ? {
            agent: await tlsAgent(endpoint.tls, host),
            options: { host: endpoint.host, port: endpoint.port, protocol: 'https' },
          }
        : { agent: new Agent(plain), options: { host: endpoint.host, port: endpoint.port, protocol: 'http' } };
    case 'ssh':
      // The name only fills the Host header; the agent decides where the bytes go.
      return { agent: createSshAgent(endpoint), options: { host: 'docker', port: 80, protocol: 'http' } };
  }
}

async function tlsAgent(tls: TlsFiles, host: Pick<Host, 'readText'>): Promise<Agent> {
  const read = async (path: string | undefined) => (path === undefined ? undefined : host.readText(path));
  const [ca, cert, key] = await Promise.all([read(tls.ca), read(tls.cert), read(tls.key)]);
  return new HttpsAgent({
    ...keepAlive,
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    rejectUnauthorized: tls.verify,
  });
}

/**
 * docker-modem's constructor parses DOCKER_HOST (and reads DOCKER_CERT_PATH) even when it is told where to connect:
 * a mistake there would throw for every other engine too, and its certificates would leak into them.
 */
function withoutDockerHost<T>(run: () => T): T {
  const { DOCKER_HOST } = process.env;
  if (DOCKER_HOST === undefined) return run();
  delete process.env.DOCKER_HOST;
  try {
    return run();
  } finally {
    process.env.DOCKER_HOST = DOCKER_HOST;
  }
}
