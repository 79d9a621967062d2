import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/*
 * As much of an engine as a connection needs, to let it say and do what a real one cannot be made to: be too old, freeze,
 * end its event stream while it goes on answering.
 */

export interface FakeEngine {
  readonly path: string;
  readonly listen: () => Promise<void>;
  /** Closes the socket and every connection, as an engine that is stopped. */
  readonly stop: () => Promise<void>;
  readonly send: (event: object) => void;
  /** Ends the event streams and nothing else. */
  readonly endEvents: () => void;
  /** While frozen, requests are taken and never answered. */
  freeze: boolean;
  apiVersion: string;
  /** Paths that were asked for, without their version. */
  readonly requests: string[];
  readonly remove: () => Promise<void>;
}

export async function createFakeEngine(): Promise<FakeEngine> {
  const directory = await mkdtemp(join(tmpdir(), 'claude-env-fake-'));
  const path =
    process.platform === 'win32' ? `//./pipe/${directory.split('\\').at(-1)}` : join(directory, 'docker.sock');
  const streams = new Set<ServerResponse>();
  let server: Server | undefined;

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = (request.url ?? '').replace(/^\/v\d+\.\d+/, '').replace(/\?.*$/, '');
    fake.requests.push(url);
    if (fake.freeze) return;
    const json = (value: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    switch (url) {
      case '/_ping':
        response.writeHead(200, { 'api-version': fake.apiVersion }).end('OK');
        break;
      case '/info':
        json({ Name: 'fake', OperatingSystem: 'Debian', Swarm: { LocalNodeState: 'active', ControlAvailable: false } });
        break;
      case '/version':
        json({ Version: '27.0.0', Os: 'linux', Arch: 'arm64', Platform: { Name: 'Docker Engine - Community' } });
        break;
      case '/events':
        response.writeHead(200).flushHeaders();
        streams.add(response);
        response.on('close', () => streams.delete(response));
        break;
      case '/containers/json':
        json([]);
        break;
      default:
        json({ message: `page not found: ${url}` }, 404);
    }
  };

  const fake: FakeEngine = {
    path,
    freeze: false,
    apiVersion: '1.44',
    requests: [],
    listen: async () => {
      server = createServer(answer).listen(path);
      await once(server, 'listening');
    },
    stop: async () => {
      if (server === undefined) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      server = undefined;
      await closed;
    },
    send: (event) => {
      for (const stream of streams) stream.write(`${JSON.stringify(event)}\n`);
    },
    endEvents: () => {
      for (const stream of streams) stream.end();
    },
    remove: async () => {
      await fake.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return fake;
}
