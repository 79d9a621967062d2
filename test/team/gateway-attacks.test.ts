import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { forTests } from '../support/for-tests.ts';
import { startFakeController, startGateway } from '../support/gateway-stand.ts';

/*
 * What somebody without a token, or with a guest's, does to a gateway that others use.
 */

const controller = forTests(startFakeController, (one) => one.close());
const gateway = forTests(
  () => startGateway({ ...controller().env, GATEWAY_SERVERS: 'own=127.0.0.1:9' }),
  (one) => one.stop(),
);
const port = () => gateway().ports.http ?? 0;

const isWell = async () => (await fetch(`http://127.0.0.1:${gateway().ports.internal}/health`)).status;

async function send(text: string): Promise<Socket> {
  const socket = connect(port(), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  await new Promise((resolve) => socket.write(text, resolve));
  return socket;
}

describe('an upgrade', () => {
  it.each([
    ['under another name', '/ws', 'evil.example'],
    ['to what is no WebSocket', '/elsewhere', 'localhost'],
  ])('%s whose client is gone before it is refused ends nobody else', async (_what, path, host) => {
    for (let time = 0; time < 20; time += 1) {
      const socket = await send(
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      );
      socket.resetAndDestroy();
    }
    expect(await isWell()).toBe(200);
  });

  it('that is refused holds no connection, whatever its client does', async () => {
    const socket = connect({ port: port(), host: '127.0.0.1', allowHalfOpen: true });
    const closed = new Promise<string>((resolve) =>
      socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? '')),
    );
    socket.write('GET /ws HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.resume();
    await once(socket, 'end');
    // Who is not there any more answers what comes with a reset.
    const more = setInterval(() => socket.write('x'), 20);
    await expect(closed).resolves.toMatch(/ECONNRESET|EPIPE/);
    clearInterval(more);
  });
});

it('an upgrade that says to bring a body is answered like any other', async () => {
  const body = ['Content-Length: 5', 'Transfer-Encoding: chunked'];
  for (const more of body) {
    const begun = performance.now();
    const socket = await send(
      `GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${more}\r\n\r\n0\r\n\r\n`,
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer), more).toMatch(/^HTTP\/1\.1 401/);
    // What does not answer is waited for five seconds, and then avoided.
    expect(performance.now() - begun, more).toBeLessThan(4000);
    socket.destroy();
  }
});

/** Bytes that the process holds. */
async function memory(): Promise<number> {
  const status = await readFile(`/proc/${gateway().pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
}

describe('a body', () => {
  it('costs no more memory than it has bytes, in however small parts it comes, and leaves room for others', async () => {
    const before = await memory();
    const head = 'POST /api/v1/join HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n';
    const socket = await send(`${head}${'1\r\nx\r\n'.repeat(300_000)}`);
    // On a connection behind it in the gateway's queue: it has read the rest by then.
    expect((await fetch(`http://127.0.0.1:${port()}/api/v1/join`, { method: 'POST', body: '{}' })).status).toBe(200);
    const grown = (await memory()) - before;
    socket.destroy();
    expect(grown).toBeLessThan(50e6);
  });
});

it('hundreds of questions on one connection are not as many connections to the controller', async () => {
  const waiting = new Set<() => void>();
  const api = createServer((_request, response) => void waiting.add(() => response.end('{}')));
  await once(api.listen(0, '127.0.0.1'), 'listening');
  const { port: apiPort } = api.address() as AddressInfo;
  const busy = await startGateway({
    ...controller().env,
    GATEWAY_CONTROLLER_API: `127.0.0.1:${apiPort}`,
    GATEWAY_SERVERS: 'own=127.0.0.1:9',
  });
  const socket = connect(busy.ports.http ?? 0, '127.0.0.1');
  const ended = once(socket, 'close');
  let text = '';
  socket.setEncoding('latin1').on('data', (part) => {
    text += part;
  });
  const one = 'GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n';
  socket.write(`${`${one}\r\n`.repeat(399)}${one}Connection: close\r\n\r\n`);
  await expect.poll(() => waiting.size).toBe(256);
  for (const answer of waiting) answer();
  await ended;
  expect([text.match(/HTTP\/1\.1 200/g)?.length, text.match(/HTTP\/1\.1 429/g)?.length]).toEqual([256, 144]);
  await busy.stop();
  api.closeAllConnections();
  api.close();
});
