import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { type ImageService, startImageService } from './image-service.ts';

/*
 * A gateway with a controller beside it that says what the test wants: whose tokens there are, and what it was asked.
 */

export type Role = 'guest' | 'member' | 'operator';
export const serviceKey = 'service-key-of-the-tests-0123456789abcdef';

/** A token in the form that the controller issues. */
export const tokenOf = (name: string): string => `cet_${name.padEnd(43, '0')}`;

export interface FakeController {
  readonly env: Readonly<Record<string, string>>;
  /** By token. */
  readonly people: Map<string, { readonly id: string; readonly name: string; readonly role: Role; perMinute?: number }>;
  /** What came under /api and /ws. */
  readonly asked: IncomingMessage[];
  /** How often it was asked whose a token is. */
  readonly questions: () => number;
  /** Whether it answers questions on tokens. */
  away: boolean;
  readonly close: () => Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

/** @param address where it can be reached, by containers for example */
export async function startFakeController(address = '127.0.0.1'): Promise<FakeController> {
  const people: FakeController['people'] = new Map();
  const asked: IncomingMessage[] = [];
  let questions = 0;
  const state = { away: false };

  const internal = createServer(async (request, response) => {
    questions += 1;
    const { token } = JSON.parse(await bodyOf(request)) as { token: string };
    const allowed = request.headers.authorization === `Bearer ${serviceKey}` && request.url === '/internal/introspect';
    if (!allowed || state.away) return response.writeHead(state.away ? 503 : 401).end();
    const { perMinute, ...person } = people.get(token) ?? { id: '' };
    const answer = person.id === '' ? { active: false } : { active: true, person, perMinute };
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  const api = createServer(async (request, response) => {
    asked.push(request);
    const body = await bodyOf(request);
    response.writeHead(request.url === '/api/v1/none' ? 418 : 200, {
      'content-type': 'application/json',
      'x-own': '1',
    });
    response.end(JSON.stringify({ url: request.url, method: request.method, body }));
  });
  const sockets = new WebSocketServer({ noServer: true });
  const live = createServer().on('upgrade', (request, socket, head) => {
    asked.push(request);
    if (request.headers.authorization === undefined) {
      socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 5\r\n\r\nnobod');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (one) => {
      one.on('message', (data) => one.send(`you said ${data}`));
    });
  });
  const servers = [api, live, internal];
  for (const server of servers) await once(server.listen(0, address), 'listening');
  const at = servers.map((server) => `${address}:${(server.address() as AddressInfo).port}`);
  return Object.assign(state, {
    env: {
      GATEWAY_CONTROLLER_API: at[0] ?? '',
      GATEWAY_CONTROLLER_LIVE: at[1] ?? '',
      GATEWAY_CONTROLLER_INTERNAL: at[2] ?? '',
    },
    people,
    asked,
    questions: () => questions,
    close: async () => {
      for (const one of sockets.clients) one.terminate();
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => once(server.close(), 'close')));
    },
  });
}

const anyPorts = { GATEWAY_PORT: '0', GATEWAY_PLAIN_PORT: '0', GATEWAY_INTERNAL_PORT: '0' };

/** A gateway without TLS, unless its secrets say otherwise. */
export const startGateway = (
  env: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>> = {},
): Promise<ImageService> =>
  startImageService('gateway', {
    env: { ...anyPorts, ...(secrets['tls-cert'] === undefined ? { GATEWAY_PLAIN: 'true' } : {}), ...env },
    secrets: { 'service-key': serviceKey, ...secrets },
  });
