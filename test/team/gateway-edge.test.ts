import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { certificates } from '../../main/platform/certificates.ts';
import { forTests } from '../support/for-tests.ts';
import { serviceKey, startFakeController, startGateway, tokenOf } from '../support/gateway-stand.ts';
import { startImageService } from '../support/image-service.ts';
import { mcpConnector, startMcpReplica } from '../support/mcp.ts';

/*
 * Who may pass the gateway and where to, at a gateway as it is started in the stack.
 */

const controller = forTests(startFakeController, (one) => one.close());
const replica = forTests(startMcpReplica, (one) => one.kill());
const settings = () => ({
  ...controller().env,
  GATEWAY_SERVERS: `own=${replica().address},close=${replica().address}`,
  GATEWAY_ROLES: 'close=member',
  GATEWAY_ALLOWED_ORIGINS: 'https://page.example',
});
const gateway = forTests(
  () => startGateway(settings()),
  (one) => one.stop(),
);
const url = (path: string, port = gateway().ports.http) => `http://127.0.0.1:${port}${path}`;
const internal = (path: string, headers: Record<string, string> = {}) =>
  fetch(url(path, gateway().ports.internal), { headers });

const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  fetch(url(path), {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    ...init,
    headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json', ...headers },
  });
const bearer = (name: string) => ({ authorization: `Bearer ${tokenOf(name)}` });
const know = (name: string, role: 'guest' | 'member' | 'operator', perMinute?: number) =>
  controller().people.set(tokenOf(name), {
    id: `p-${name}`,
    name,
    role,
    ...(perMinute === undefined ? {} : { perMinute }),
  });

describe('who may', () => {
  it.each([
    ['nobody', {}, 401],
    ['somebody whose token is none', { authorization: 'Bearer guess' }, 401],
    ['somebody whose token has the form of one', bearer('stranger'), 401],
    ['basic authentication', { authorization: 'Basic YTpi' }, 401],
    ['a web page', { ...bearer('ana'), origin: 'https://evil.example' }, 403],
  ])('not: %s', async (_who, headers, status) => {
    know('ana', 'member');
    const answer = await ask('/mcp/own', headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('www-authenticate') !== null).toBe(status === 401);
  });

  it('a guest, but not at a server that is for members', async () => {
    know('gus', 'guest');
    // No session: the server itself refuses it.
    expect((await ask('/mcp/own', bearer('gus'))).status).toBe(400);
    const refused = await ask('/mcp/close', bearer('gus'));
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('A guest may not use this server; a member may.');
  });

  it('so many times a minute, and is told when again', async () => {
    know('rob', 'member', 3);
    const all = [];
    for (let time = 0; time < 4; time++) all.push((await ask('/mcp/own', bearer('rob'))).status);
    expect(all).toEqual([400, 400, 400, 429]);
    expect((await ask('/mcp/own', bearer('rob'))).headers.get('retry-after')).toMatch(/^[1-9]\d?$/);
    know('sue', 'member', 3);
    expect((await ask('/mcp/own', bearer('sue'))).status).toBe(400);
  });

  it('a web page that was allowed, its question beforehand as well', async () => {
    know('ana', 'member');
    const origin = { origin: 'https://page.example' };
    const before = await ask('/mcp/own', origin, { method: 'OPTIONS', body: null });
    expect(before.status).toBe(204);
    expect(before.headers.get('access-control-allow-origin')).toBe('https://page.example');
    expect((await ask('/mcp/own', { ...bearer('ana'), ...origin })).status).toBe(400);
  });

  it('send 8 MB, and no more', async () => {
    know('ana', 'member');
    const send = (bytes: number) => ask('/mcp/own', bearer('ana'), { body: 'x'.repeat(bytes) });
    expect((await send(8 * 1024 * 1024 + 1)).status).toBe(413);
  });
});

describe('where to', () => {
  it.each([
    '/',
    '/mcp',
    '/mcp/',
    '/mcp/other',
    '/mcp/own/x',
    '/metrics',
    '/health',
    '/summary',
    '/internal/introspect',
    '/ca.pem',
  ])('%s is nowhere', async (path) => {
    know('ana', 'member');
    expect((await ask(path, bearer('ana'))).status).toBe(404);
  });

  it('the controller’s API gets what was sent, and who sent it', async () => {
    const answer = await fetch(url('/api/v1/join?x=1'), {
      method: 'PUT',
      body: 'hello',
      headers: { ...bearer('anybody'), 'x-forwarded-for': '1.2.3.4', 'x-claude-env-gateway': 'guess' },
    });
    expect(await answer.json()).toEqual({ url: '/api/v1/join?x=1', method: 'PUT', body: 'hello' });
    expect(answer.headers.get('x-own')).toBe('1');
    const { headers } = controller().asked.at(-1) ?? {};
    expect(headers).toMatchObject({
      ...bearer('anybody'),
      'x-forwarded-for': expect.stringContaining('127.0.0.1'),
      'x-claude-env-gateway': `Bearer ${serviceKey}`,
    });
    expect((await fetch(url('/api/v1/none'))).status).toBe(418);
  });

  it('the controller’s WebSocket talks, and refuses in its own words', async () => {
    const socket = new WebSocket(url('/ws').replace('http', 'ws'), { headers: bearer('ana') });
    await once(socket, 'open');
    socket.send('hello');
    const [said] = (await once(socket, 'message')) as [Buffer];
    expect(String(said)).toBe('you said hello');
    expect(controller().asked.at(-1)?.headers['x-claude-env-gateway']).toBe(`Bearer ${serviceKey}`);
    socket.close();
    const refused = new WebSocket(url('/ws').replace('http', 'ws'));
    const [, answer] = (await once(refused, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(answer.statusCode).toBe(401);
    const nowhere = new WebSocket(url('/mcp/own').replace('http', 'ws'), { headers: bearer('ana') });
    const [, none] = (await once(nowhere, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(none.statusCode).toBe(404);
  });
});

describe('while no controller answers', () => {
  it('who was known may go on, who was not may not, and both are said', async () => {
    know('old', 'member');
    know('new', 'member');
    expect((await ask('/mcp/own', bearer('old'))).status).toBe(400);
    controller().away = true;
    try {
      const refused = await ask('/mcp/own', bearer('new'));
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
      expect((await ask('/mcp/own', bearer('old'))).status).toBe(400);
      expect((await internal('/ready')).status).toBe(503);
      expect(await (await internal('/metrics')).text()).toMatch(/^claude_env_introspection_stale 1$/m);
    } finally {
      controller().away = false;
    }
    await gateway().line(({ message }) => message.startsWith('no controller answers'));
  });
});

describe('what it says of itself', () => {
  it('is for the stack: figures with the names of the dashboards, a summary for whoever has the key', async () => {
    know('ana', 'member');
    await ask('/mcp/own', bearer('ana'));
    const metrics = await (await internal('/metrics')).text();
    expect(metrics).toMatch(/^claude_env_mcp_request_duration_seconds_count\{server="own",code="400"\} \d+$/m);
    expect(metrics).toMatch(/^mcp_requests_per_second\{server="own"\} [\d.]+$/m);
    expect(metrics).toMatch(/^claude_env_mcp_replicas\{server="own"\} 1$/m);
    expect((await internal('/summary')).status).toBe(401);
    const summary = await internal('/summary', { authorization: `Bearer ${serviceKey}` });
    expect(await summary.json()).toMatchObject({
      servers: [
        { name: 'own', replicas: [{ address: replica().address, open: 0 }], p95Seconds: expect.any(Number) },
        { name: 'close' },
      ],
    });
    expect((await internal('/health')).status).toBe(200);
  });

  it('has no token in it, nor in its log', async () => {
    know('ana', 'member');
    await ask('/mcp/own', bearer('ana'));
    const all = [(await internal('/metrics')).text(), (await internal('/ready')).text(), gateway().output()];
    expect((await Promise.all(all)).join()).not.toMatch(/cet_|service-key/);
  });
});

describe('TLS', () => {
  const span = { from: Date.now(), until: Date.now() + 86_400_000 };
  const made = forTests(
    async () => {
      const authority = await certificates.makeAuthority({ name: 'team', hosts: ['team.example'], ...span });
      const own = await certificates.issue(authority, { hosts: ['127.0.0.1', 'team.example'], ...span });
      const folder = await mkdtemp(join(tmpdir(), 'claude-env-ca-'));
      const file = join(folder, 'ca.pem');
      await writeFile(file, authority.certificate);
      const secrets = { 'tls-cert': own.certificate, 'tls-key': own.key };
      const service = await startGateway({ ...settings(), GATEWAY_CA_FILE: file }, secrets);
      await rm(folder, { recursive: true });
      return { service, ca: authority.certificate, port: service.ports.https ?? 0 };
    },
    ({ service }) => service.stop(),
  );
  const get = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const { ca, port } = made();
    const servername = 'team.example';
    const asked = request({ host: '127.0.0.1', port, path, ca, headers, servername, agent: false }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return { status: answer.statusCode, text: await text(answer) };
  };

  it('shows the certificate of the secrets, and gives out the CA’s', async () => {
    const { status, text: body } = await get('/ca.pem');
    expect(status).toBe(200);
    expect(certificates.fingerprint(body)).toBe(certificates.fingerprint(made().ca));
    const metrics = await fetch(url('/metrics', made().service.ports.internal));
    const [, expires] = /^claude_env_certificate_expiry_timestamp_seconds (\S+)$/m.exec(await metrics.text()) ?? [];
    expect(Number(expires)).toBe(Math.floor(span.until / 1000));
  });

  it('knows the names of its certificate, and no other', async () => {
    expect((await get('/ca.pem', { host: 'team.example:8443' })).status).toBe(200);
    expect((await get('/ca.pem', { host: 'evil.example:8443' })).status).toBe(403);
  });

  it('is 1.2 or newer', async () => {
    const options = { host: '127.0.0.1', port: made().port, ca: made().ca, ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const old = connect({ ...options, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
    const [error] = (await once(old, 'error')) as [Error & { code: string }];
    expect(error.code).toMatch(/PROTOCOL_VERSION/);
    const fine = connect({ ...options, maxVersion: 'TLSv1.2' });
    await once(fine, 'secureConnect');
    expect(fine.getProtocol()).toBe('TLSv1.2');
    fine.destroy();
  });

  it('is not left out because a secret was forgotten', async () => {
    const forgotten = startImageService('gateway', { env: settings(), secrets: { 'service-key': serviceKey } });
    await expect(forgotten).rejects.toThrow(/The secret tls-cert is missing or empty/);
  });
});

describe('told to stop', () => {
  it('it finishes a call, ends streams that listen, and is gone', async () => {
    know('ana', 'member');
    const service = await startGateway(settings());
    const { client, call } = await (await mcpConnector())(url('/mcp/own', service.ports.http), {
      token: tokenOf('ana'),
    });
    const answer = call('steps');
    await replica().hears('waits');
    const direct = await (await mcpConnector())(url('/mcp/own'), { token: tokenOf('ana') });
    const stopped = service.stop();
    await service.line(({ message }) => message === 'stopping');
    await direct.call('go-all');
    expect(await answer).toBe('second');
    expect(await stopped).toBe(0);
    await Promise.all([client.close(), direct.client.close()]);
  });
});
