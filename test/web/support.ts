import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { createWebHost, type WebHost, type WebHostOptions } from '../../main/hosts/web/host.ts';
import { readShell } from '../../main/hosts/web/shell.ts';
import type { Connection, Dispatcher } from '../../main/rpc/dispatch.ts';

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'claude-env-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Stands in for the product behind the door: answers every message with `secret`, and remembers what it was told. */
function fakeDispatcher() {
  const received: unknown[] = [];
  const closed: number[] = [];
  let connections = 0;
  const dispatcher: Dispatcher = {
    connect: (send): Connection => {
      const number = connections;
      connections += 1;
      return {
        receive: (message) => {
          received.push(message);
          send({ t: 'result', id: 1, output: 'secret' });
        },
        close: () => closed.push(number),
      };
    },
  };
  return { dispatcher, received, closed, connections: () => connections };
}

/** A built page as `npm run build` leaves it, with a source map that is nobody's business. */
async function pageFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'assets'));
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><script type="module" src="/assets/index-abc.js"></script>',
  );
  await writeFile(join(folder, 'assets', 'index-abc.js'), 'globalThis.shell = true;');
  await writeFile(join(folder, 'assets', 'index-abc.css'), 'body { margin: 0 }');
  await writeFile(join(folder, 'assets', 'index-abc.js.map'), '{}');
  return folder;
}

export interface TestHost extends WebHost {
  readonly fake: ReturnType<typeof fakeDispatcher>;
}

export async function startHost(options: Pick<WebHostOptions, 'session' | 'socket' | 'peer'> = {}): Promise<TestHost> {
  const fake = fakeDispatcher();
  const shell = await readShell(await pageFolder());
  const host = await createWebHost({ dispatcher: fake.dispatcher, shell, log: () => undefined, ...options });
  onTestFinished(() => host.close());
  return { ...host, fake };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
export interface Asked {
  readonly path?: string;
  readonly method?: string;
  /** An absent header is really absent; Host is the host's own when it is not named. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Raw HTTP, so that Host, Origin and the path are sent exactly as written. */
export function ask(port: number, { path = '/', method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: '127.0.0.1', port, path, method, headers, agent: false, setHost: true },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
      },
    );
    asking.on('error', reject);
    asking.end(body);
  });
}

/** What comes back first for bytes that no HTTP client would send. */
export const firstLine = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.once('error', reject);
    socket.once('data', (data) => {
      resolve(data.toString('latin1').split('\r\n', 1)[0] ?? '');
      socket.destroy();
    });
  });

export const tokenOf = (link: string): string => new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? '';

export const exchange = (host: WebHost, token: string, headers: Readonly<Record<string, string>> = {}) =>
  ask(host.port, {
    path: '/session',
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: host.origin, ...headers },
    body: JSON.stringify({ token }),
  });

export async function sessionKey(host: WebHost): Promise<string> {
  const { body } = await exchange(host, tokenOf(host.link()));
  return (JSON.parse(body) as { key: string }).key;
}

/** How opening a WebSocket ended: open, or the status with which it was refused. */
export function openSocket(
  port: number,
  { path = '/ws', headers = {} }: Pick<Asked, 'path' | 'headers'> = {},
): Promise<{ readonly socket: WebSocket } | { readonly refused: number }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    socket.once('open', () => resolve({ socket }));
    socket.once('unexpected-response', (_request, response) => {
      resolve({ refused: response.statusCode ?? 0 });
      socket.terminate();
    });
    socket.once('error', reject);
  });
}

export const nextMessage = (socket: WebSocket): Promise<unknown> =>
  new Promise((resolve) => {
    socket.once('message', (data) => resolve(JSON.parse(String(data))));
  });
export const closeCode = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => {
    socket.once('close', resolve);
  });
