import { METHODS } from 'node:http';
import { describe, expect, it } from 'vitest';
import { protocolVersion } from '../../preload/contract/wire.ts';
import {
  ask,
  closeCode,
  exchange,
  firstLine,
  nextMessage,
  openSocket,
  sessionKey,
  startHost,
  tokenOf,
} from './support.ts';

/** Everything that the built page consists of. */
const shellPaths = ['/', '/index.html', '/assets/index-abc.js', '/assets/index-abc.css'];

const strangePaths = [
  '/ws',
  '/session/',
  '/session/x',
  '//session',
  '/Session',
  '/api',
  '/rpc',
  '/call',
  '/live',
  '/status',
  '/engines',
  '/web.json',
  '/favicon.ico',
  '/assets',
  '/assets/',
  '/assets/index-abc.js.map',
  '/index.html/',
  '/%2e%2e/package.json',
  '/../package.json',
  '/assets/../../package.json',
  '/assets/..%2f..%2fpackage.json',
  '/..\\package.json',
  '/.git/config',
  '/%00',
  '/%',
  '*',
];
/** CONNECT has no path; it is tried by itself. */
const methods = METHODS.filter((method) => method !== 'CONNECT');

describe('what the web host answers without a key', () => {
  it('is the shell for GET and HEAD, POST /session, and nothing else', async () => {
    const host = await startHost();
    const answered: string[] = [];
    for (const method of methods) {
      for (const path of [...shellPaths, '/session', ...strangePaths]) {
        const { status, body } = await ask(host.port, { method, path, headers: { origin: host.origin } });
        if (status !== 404) answered.push(`${method} ${path} ${status}`);
        else expect(['', 'not found\n']).toContain(body);
      }
    }
    expect(answered.sort()).toEqual(
      [
        ...shellPaths.flatMap((path) => [`GET ${path} 200`, `HEAD ${path} 200`]),
        // No content type, no body: refused before the token is even looked for.
        'POST /session 415',
      ].sort(),
    );
    expect(host.fake.connections()).toBe(0);
  });

  it('does not read the query as part of a path, and keeps it out of the answer', async () => {
    const host = await startHost();
    expect(await ask(host.port, { path: '/?token=x' })).toMatchObject({ status: 200 });
    expect(await ask(host.port, { path: '/nothing?x=<script>' })).toMatchObject({ status: 404, body: 'not found\n' });
  });

  it('closes CONNECT and what is no HTTP', async () => {
    const host = await startHost();
    await expect(ask(host.port, { method: 'CONNECT', path: 'example.org:80' })).rejects.toThrow();
  });

  it('sends the security headers with every answer, and no CORS header or cookie with any', async () => {
    const host = await startHost();
    const answers = await Promise.all([
      ...shellPaths.map((path) => ask(host.port, { path })),
      ask(host.port, { path: '/nothing' }),
      ask(host.port, { headers: { host: 'evil.example' } }),
      exchange(host, 'wrong'),
      exchange(host, tokenOf(host.link())),
    ]);
    for (const { headers } of answers) {
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(Object.keys(headers).filter((name) => /^access-control|^set-cookie$/.test(name))).toEqual([]);
    }
  });

  it('lets no shared cache keep anything', async () => {
    const host = await startHost();
    const control = async (path: string) => (await ask(host.port, { path })).headers['cache-control'];
    expect(await control('/')).toBe('no-store');
    expect(await control('/assets/index-abc.js')).toBe('private, max-age=31536000, immutable');
    expect(await control('/nothing')).toBe('no-store');
  });

  it('is on loopback only', async () => {
    const host = await startHost();
    expect(host.origin).toBe(`http://127.0.0.1:${host.port}`);
    expect(host.link()).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${host.port}/#token=[\\w-]{43}$`));
  });
});

describe('a foreign Host', () => {
  const foreign = (port: number) => [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1',
    `127.0.0.1:${port + 1}`,
    `127.0.0.1.evil.example:${port}`,
    `localhost.:${port}`,
    `0.0.0.0:${port}`,
    `[::1]:${port}`,
    `user@127.0.0.1:${port}`,
  ];

  it('gets nothing, neither the shell nor a session nor a socket', async () => {
    const host = await startHost();
    for (const name of foreign(host.port)) {
      const headers = { host: name, origin: `http://${name}` };
      expect(await ask(host.port, { headers })).toMatchObject({ status: 421 });
      expect(await exchange(host, tokenOf(host.link()), headers)).toMatchObject({ status: 421 });
      expect(await openSocket(host.port, { headers })).toEqual({ refused: 421 });
    }
  });

  it('may not be left out', async () => {
    const host = await startHost();
    expect(await firstLine(host.port, 'GET / HTTP/1.0\r\n\r\n')).toContain(' 421 ');
    expect(await firstLine(host.port, 'GET / HTTP/1.1\r\n\r\n')).toContain(' 400 ');
    const twice = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${host.port}\r\nHost: evil.example\r\n\r\n`;
    expect(await firstLine(host.port, twice)).not.toContain(' 200 ');
  });

  it('does not spend the token', async () => {
    const host = await startHost();
    const token = tokenOf(host.link());
    await exchange(host, token, { host: `evil.example:${host.port}`, origin: `http://evil.example:${host.port}` });
    expect(await exchange(host, token)).toMatchObject({ status: 200 });
  });

  it('is not localhost, which is another name of ours', async () => {
    const host = await startHost();
    const headers = { host: `localhost:${host.port}`, origin: `http://localhost:${host.port}` };
    expect(await exchange(host, tokenOf(host.link()), headers)).toMatchObject({ status: 200 });
  });
});

describe('a foreign Origin', () => {
  it('is refused by /session and /ws, and so is none at all', async () => {
    const host = await startHost();
    const { port } = host;
    const token = tokenOf(host.link());
    const origins = [
      'http://127.0.0.1:1',
      'http://evil.example',
      `https://127.0.0.1:${port}`,
      'null',
      `http://localhost:${port}`,
      'file://',
      undefined,
    ];
    for (const origin of origins) {
      const headers: Record<string, string> = { 'content-type': 'application/json' };
      if (origin !== undefined) headers.origin = origin;
      const answer = await ask(port, { path: '/session', method: 'POST', headers, body: JSON.stringify({ token }) });
      expect(answer).toMatchObject({ status: 403, body: 'foreign origin\n' });
      expect(await openSocket(port, origin === undefined ? {} : { headers: { origin } })).toEqual({ refused: 403 });
    }
    expect(await exchange(host, token)).toMatchObject({ status: 200 });
  });
});

describe('POST /session', () => {
  it('answers with a key once and then says what to do', async () => {
    const host = await startHost();
    const token = tokenOf(host.link());
    const first = await exchange(host, token);
    expect(first).toMatchObject({ status: 200 });
    expect(first.headers['content-type']).toBe('application/json');
    const again = await exchange(host, token);
    expect(again.status).toBe(401);
    expect(JSON.parse(again.body)).toMatchObject({ error: { code: 'session.invalid' } });
  });

  it('takes JSON of exactly one shape', async () => {
    const host = await startHost();
    const post = (body: string, type = 'application/json') =>
      ask(host.port, {
        path: '/session',
        method: 'POST',
        headers: { origin: host.origin, 'content-type': type },
        body,
      });
    const token = tokenOf(host.link());
    expect((await post(`token=${token}`, 'application/x-www-form-urlencoded')).status).toBe(415);
    expect((await post(JSON.stringify({ token }), 'text/plain')).status).toBe(415);
    for (const body of ['', '{', '[]', 'null', '{"token":1}', '{"token":""}', JSON.stringify({ token, more: 1 })]) {
      expect((await post(body)).status).toBe(400);
    }
    expect((await post(JSON.stringify({ token: 'x'.repeat(5000) }))).status).toBe(413);
    expect((await post(JSON.stringify({ token }))).status).toBe(200);
  });

  it('is rate-limited, and a flood of foreign attempts does not lock the user out', async () => {
    const host = await startHost({ session: { attempts: 3 } });
    for (let attempt = 0; attempt < 10; attempt += 1) await exchange(host, 'guess', { origin: 'http://evil.example' });
    expect(await exchange(host, tokenOf(host.link()))).toMatchObject({ status: 200 });
    for (let attempt = 0; attempt < 3; attempt += 1) expect((await exchange(host, 'guess')).status).toBe(401);
    const limited = await exchange(host, tokenOf(host.link()));
    expect(limited.status).toBe(429);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
  });
});

describe('the WebSocket', () => {
  const own = (host: { origin: string }) => ({ headers: { origin: host.origin } });
  const opened = async (host: { port: number; origin: string }) => {
    const result = await openSocket(host.port, own(host));
    if (!('socket' in result)) throw new Error(`refused with ${result.refused}`);
    return result.socket;
  };
  const hello = (key: string, protocol = protocolVersion) => JSON.stringify({ t: 'hello', protocol, key });

  it('exists at /ws only', async () => {
    const host = await startHost();
    for (const path of ['/', '/index.html', '/session', '/ws/', '/ws2', '/rpc', '//ws', '/assets/index-abc.js']) {
      expect(await openSocket(host.port, { path, ...own(host) })).toEqual({ refused: 404 });
    }
  });

  it('reaches the product after a hello with a key', async () => {
    const host = await startHost();
    const socket = await opened(host);
    socket.send(hello(await sessionKey(host)));
    expect(await nextMessage(socket)).toEqual({ t: 'welcome', protocol: protocolVersion });
    socket.send(JSON.stringify({ t: 'call', id: 1, method: 'app.info', input: {} }));
    expect(await nextMessage(socket)).toEqual({ t: 'result', id: 1, output: 'secret' });
    expect(host.pages()).toBe(1);
    socket.close();
    await closeCode(socket);
    await expect.poll(() => host.fake.closed).toEqual([0]);
    expect(host.pages()).toBe(0);
  });

  it.each([
    ['a wrong key', hello('wrong'), 4401],
    ['an empty key', hello(''), 4401],
    ['a call first', JSON.stringify({ t: 'call', id: 1, method: 'app.info', input: {} }), 4400],
    ['a subscription first', JSON.stringify({ t: 'open', id: 1, stream: 'live', input: {} }), 4400],
    ['no JSON', 'hello', 4400],
    ['a binary message', Buffer.from(hello('wrong')), 4400],
  ])('is closed by %s, and the product never hears of it', async (_what, message, code) => {
    const host = await startHost();
    const socket = await opened(host);
    const closed = closeCode(socket);
    socket.send(message);
    // Behind it on the wire: must not be heard either.
    socket.send(JSON.stringify({ t: 'call', id: 1, method: 'app.info', input: {} }));
    expect(await closed).toBe(code);
    expect(host.fake.connections()).toBe(0);
    expect(host.fake.received).toEqual([]);
  });

  it('says another protocol apart from a wrong key', async () => {
    const host = await startHost();
    const socket = await opened(host);
    const closed = closeCode(socket);
    socket.send(hello(await sessionKey(host), protocolVersion + 1));
    expect(await closed).toBe(4400);
  });

  it('does not take the one-time token for a key', async () => {
    const host = await startHost();
    const socket = await opened(host);
    const closed = closeCode(socket);
    socket.send(hello(tokenOf(host.link())));
    expect(await closed).toBe(4401);
  });

  it('is closed when nobody says hello, and only so many may wait', async () => {
    const host = await startHost({ socket: { helloTimeout: 100, maxWaiting: 2 } });
    const [first, second] = [await opened(host), await opened(host)];
    const closed = Promise.all([closeCode(first), closeCode(second)]);
    expect(await openSocket(host.port, own(host))).toEqual({ refused: 503 });
    expect(await closed).toEqual([4408, 4408]);
    const third = await opened(host);
    third.terminate();
  });

  it('refuses a message that is too large', async () => {
    const host = await startHost();
    const socket = await opened(host);
    socket.send(hello(await sessionKey(host)));
    await nextMessage(socket);
    const closed = closeCode(socket);
    socket.send('x'.repeat(2 * 1024 * 1024));
    expect(await closed).toBe(1009);
    expect(host.fake.received).toEqual([]);
  });

  it('ends with the host, which says so', async () => {
    const host = await startHost();
    const socket = await opened(host);
    socket.send(hello(await sessionKey(host)));
    await nextMessage(socket);
    const closed = closeCode(socket);
    await host.close();
    expect(await closed).toBe(1001);
    await expect(ask(host.port)).rejects.toThrow('ECONNREFUSED');
  });
});
