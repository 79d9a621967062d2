import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { WebSocket } from 'ws';
import { type ImageService, startImageService } from '../support/image-service.ts';
import { listen } from '../support/ports.ts';
import type { TeamDatabases } from '../support/team-databases.ts';

/*
 * A controller beside real databases, and what its clients do.
 */

export const serviceKey = randomBytes(32).toString('hex');
export const operatorToken = `cet_${randomBytes(32).toString('base64url')}`;

export type Role = 'guest' | 'member' | 'operator';
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a contract test is there to look at
  readonly body: any;
}
export interface Asked {
  readonly token?: string;
  readonly body?: unknown;
  /** Where the gateway says that the client is. */
  readonly from?: string;
}
export interface Person {
  readonly id: string;
  readonly token: string;
}

export interface Controller extends ImageService {
  readonly call: (method: string, path: string, asked?: Asked) => Promise<Answer>;
  readonly connect: (token?: string) => Promise<Client>;
}

/** A message of the controller's, as it came. */
export type Message = Readonly<Record<string, unknown>> & { readonly type: string };
export interface Client {
  readonly messages: readonly Message[];
  /** The first that satisfies, past or to come; rejects when it closes before. */
  readonly message: (wanted: (message: Message) => boolean) => Promise<Message>;
  readonly send: (message: unknown) => void;
  readonly closed: Promise<number>;
  readonly close: () => void;
}

export async function startController(
  databases: TeamDatabases,
  env: Readonly<Record<string, string>> = {},
): Promise<Controller> {
  const service = await startImageService('controller', {
    env: {
      TEAM_NAME: 'Rocket',
      GATEWAY_SERVERS: 'context7=mcp-context7:3001,magic=mcp-magic:3003',
      HTTP_PORT: '0',
      WS_PORT: '0',
      INTERNAL_PORT: '0',
      // Nobody is there unless a test puts somebody there.
      CONFIG_SYNC_URL: 'http://127.0.0.1:9',
      ENGINE_VIEW_URL: 'http://127.0.0.1:9',
      GATEWAY_HOST: '127.0.0.1',
      GATEWAY_SUMMARY_PORT: '9',
      ...databases.env,
      ...env,
    },
    secrets: {
      ...databases.secrets,
      'service-key': serviceKey,
      'first-operator': JSON.stringify({
        name: 'Olga',
        tokenSha256: createHash('sha256').update(operatorToken).digest('hex'),
      }),
    },
  });
  return {
    ...service,
    call: (method, path, asked) => call(`http://127.0.0.1:${service.ports.http}`, method, path, asked),
    connect: (token) => connect(`ws://127.0.0.1:${service.ports.ws}/ws`, token),
  };
}

let addresses = 0;

async function call(base: string, method: string, path: string, asked: Asked = {}): Promise<Answer> {
  // A client each, or the limit of one address would be the test's own.
  addresses += 1;
  const from = asked.from ?? `10.0.${addresses >> 8}.${addresses & 255}`;
  const answer = await fetch(`${base}${path}`, {
    method,
    headers: {
      'x-claude-env-gateway': `Bearer ${serviceKey}`,
      'x-forwarded-for': from,
      ...(asked.token === undefined ? {} : { authorization: `Bearer ${asked.token}` }),
      ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
  });
  const text = await answer.text();
  const json = answer.headers.get('content-type')?.includes('json') === true;
  return { status: answer.status, headers: answer.headers, text, body: json ? JSON.parse(text) : undefined };
}

/** @throws with `statusCode` when the upgrade is refused */
export async function connect(url: string, token?: string): Promise<Client> {
  const socket = new WebSocket(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  const messages: Message[] = [];
  const waiting = new Set<(message: Message) => void>();
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Message;
    messages.push(message);
    for (const look of waiting) look(message);
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      reject(Object.assign(new Error(`refused: ${response.statusCode}`), { statusCode: response.statusCode }));
    });
  });
  socket.on('error', () => socket.terminate());
  return {
    messages,
    message: (wanted) => {
      const past = messages.find(wanted);
      if (past !== undefined) return Promise.resolve(past);
      return new Promise((resolve, reject) => {
        void closed.then((code) => reject(new Error(`It was closed with ${code}.`)));
        const look = (message: Message) => {
          if (!wanted(message)) return;
          waiting.delete(look);
          resolve(message);
        };
        waiting.add(look);
      });
    },
    send: (message) => socket.send(JSON.stringify(message)),
    closed,
    close: () => socket.close(),
  };
}

/** By invite, as everybody comes. */
export async function addPerson(controller: Controller, role: Role, name: string = role): Promise<Person> {
  const invite = await controller.call('POST', '/api/v1/invites', { token: operatorToken, body: { name, role } });
  const joined = await controller.call('POST', '/api/v1/join', { body: { code: invite.body.code } });
  if (joined.status !== 201) throw new Error(`Joining was answered ${joined.status}: ${joined.text}`);
  return { id: joined.body.person.id, token: joined.body.token };
}

export interface Neighbour {
  readonly url: string;
  readonly port: number;
  /** What was asked, with the key that came with it checked. */
  readonly asked: readonly string[];
  readonly stop: () => Promise<void>;
}

/** Another service of the stack, with fixed answers by `METHOD /path`; 404 for the rest. */
export async function startNeighbour(answers: Readonly<Record<string, unknown>>): Promise<Neighbour> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const what = `${request.method} ${request.url?.split('?')[0]}`;
    asked.push(what);
    const known = request.headers.authorization === `Bearer ${serviceKey}`;
    const answer = answers[what];
    response.writeHead(!known ? 401 : answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(answer instanceof Uint8Array ? answer : JSON.stringify(answer ?? {}));
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
