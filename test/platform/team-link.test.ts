import { once } from 'node:events';
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { certificates } from '../../main/platform/certificates.ts';
import { createTeamLink } from '../../main/platform/team-link.ts';
import type { TeamPlace } from '../../main/services/ports.ts';

/* Real TLS on loopback: who is believed, who is not, and what is said when nobody answers. */

const day = 86_400_000;
const span = { from: Date.now() - day, until: Date.now() + day };
const name = 'team.claude-env.internal';
const token = `cet_${'s3cret'.repeat(7)}x`;
const authority = await certificates.makeAuthority({ name: 'team', hosts: [name], ...span });
const own = await certificates.issue(authority, { hosts: [name, '10.9.8.7'], ...span });
const link = createTeamLink();

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(handle: Handle, { certificate, key } = own) {
  const server = createServer({ cert: certificate, key }, handle);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  stops.push(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, place: { address, ca: authority.certificate, token } satisfies TeamPlace };
}
const get = { method: 'GET', path: '/api/v1/me' } as const;

it('asks with the token in a header alone, and gives back what was answered', async () => {
  const seen: { url: string | undefined; headers: IncomingMessage['headers']; body: string }[] = [];
  const { place } = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    seen.push({ url: request.url, headers: request.headers, body });
    response.writeHead(503, { 'retry-after': '7' }).end('{"error":{}}');
  });
  const answer = await link.request(place, { method: 'POST', path: '/api/v1/invites', body: { name: 'Bö' } });
  expect(answer).toMatchObject({ kind: 'answer', status: 503, retryAfter: 7 });
  expect(seen).toMatchObject([
    { url: '/api/v1/invites', body: '{"name":"Bö"}', headers: { authorization: `Bearer ${token}` } },
  ]);
});

it('follows no redirect', async () => {
  let asked = 0;
  const { place } = await serve((_request, response) => {
    asked += 1;
    response.writeHead(302, { location: '/api/v1/elsewhere' }).end();
  });
  expect(await link.request(place, get)).toMatchObject({ kind: 'answer', status: 302 });
  expect(asked).toBe(1);
});

it('believes the team’s own CA and nobody else, and sends nothing to others', async () => {
  const stranger = await certificates.makeAuthority({ name: 'team', hosts: [name], ...span });
  const theirs = await certificates.issue(stranger, { hosts: [name, '127.0.0.1'], ...span });
  let asked = 0;
  const { place } = await serve((_request, response) => {
    asked += 1;
    response.end('{}');
  }, theirs);
  expect(await link.request(place, get)).toMatchObject({ kind: 'other' });
  expect(await link.open(place, { onMessage: () => undefined, onClose: () => undefined })).toMatchObject({
    kind: 'other',
  });
  expect(asked).toBe(0);
  expect(await link.request({ ...place, ca: stranger.certificate }, get)).toMatchObject({ kind: 'answer' });
});

it.each([
  ['for another host', { hosts: ['10.9.8.7'], ...span }, 'other'],
  ['that has ended', { hosts: [name], from: span.from - 2 * day, until: span.from }, 'expired'],
])('does not believe a certificate of the team’s CA %s', async (_what, about, kind) => {
  const { place } = await serve((_request, response) => response.end(), await certificates.issue(authority, about));
  expect(await link.request(place, get)).toMatchObject({ kind });
});

it('tells when the certificate ends that it was shown', async () => {
  const { place } = await serve((_request, response) => response.end('{}'));
  const answer = await link.request(place, get);
  // To the second, as a certificate has it.
  expect(answer).toMatchObject({ kind: 'answer', certificateEnds: Math.floor(span.until / 1000) * 1000 });
});

it('believes a server whose address is in the certificate, though its name is not', async () => {
  const older = await certificates.issue(authority, { hosts: ['127.0.0.1'], ...span });
  const { place } = await serve((_request, response) => response.end('{}'), older);
  expect(await link.request(place, get)).toMatchObject({ kind: 'answer', status: 200 });
});

it('an answer without end is given up', async () => {
  const { place } = await serve((_request, response) => {
    const fill = () => response.write('x'.repeat(64 * 1024), () => setImmediate(fill));
    fill();
  });
  expect(await link.request(place, { ...get, maxBytes: 1024 * 1024 })).toMatchObject({ kind: 'lost' });
});

it('one that does not come is given up, and so is one that was called off', async () => {
  let asked = () => {};
  const arrived = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const { place } = await serve(() => asked());
  expect(await link.request(place, { ...get, timeout: 200 })).toMatchObject({ kind: 'lost' });
  const stop = new AbortController();
  const call = link.request(place, get, stop.signal);
  await arrived;
  stop.abort();
  await expect(call).rejects.toMatchObject({ error: { code: 'cancelled' } });
});

it('nobody there, and somebody without TLS, are told apart from the team', async () => {
  const plain = createPlain((_request, response) => response.end('{}'));
  await once(plain.listen(0, '127.0.0.1'), 'listening');
  const address = `127.0.0.1:${(plain.address() as AddressInfo).port}`;
  const place = { address, ca: authority.certificate };
  expect(await link.request(place, get)).toMatchObject({ kind: 'unreachable', why: 'who answers speaks no TLS' });
  await once(plain.close(), 'close');
  expect(await link.request(place, get)).toEqual({ kind: 'unreachable', why: 'nobody listens there' });
  expect(await link.fetchCa(address)).toEqual({ kind: 'unreachable', why: 'nobody listens there' });
});

it('takes one certificate from /ca.pem, with the digest that an invite has', async () => {
  let pem = `${authority.certificate}\n${own.certificate}`;
  const { place } = await serve((request, response) => {
    response.statusCode = request.url === '/ca.pem' && request.headers.authorization === undefined ? 200 : 400;
    response.end(pem);
  });
  const sha256 = certificates.fingerprint(authority.certificate);
  const found = await link.fetchCa(place.address);
  expect(found).toMatchObject({ kind: 'ca', sha256 });
  if (found.kind === 'ca') expect(found.pem.match(/BEGIN/g)).toHaveLength(1);
  pem = 'no certificate';
  expect(await link.fetchCa(place.address)).toMatchObject({ kind: 'unreachable' });
});

it('keeps a stream open, says what comes, and how it ended', async () => {
  const { server, place } = await serve((_request, response) => response.end());
  const sockets = new WebSocketServer({ server });
  stops.unshift(async () => sockets.close());
  const heard: string[] = [];
  let ended = (_code: number) => {};
  const end = new Promise<number>((resolve) => {
    ended = resolve;
  });
  const arrived = once(sockets, 'connection') as Promise<[import('ws').WebSocket, IncomingMessage]>;
  const opened = await link.open(place, { onMessage: (text) => heard.push(text), onClose: ended });
  if (opened.kind !== 'open') throw new Error(JSON.stringify(opened));
  const [socket, request] = await arrived;
  expect(request.headers.authorization).toBe(`Bearer ${token}`);
  expect(request.url).toBe('/ws');
  opened.socket.send('{"type":"environment"}');
  expect(String((await once(socket, 'message'))[0])).toBe('{"type":"environment"}');
  socket.send('{"type":"hello"}');
  socket.close(4401);
  expect(await end).toBe(4401);
  expect(heard).toEqual(['{"type":"hello"}']);
});

it('a stream that is refused is told by its status', async () => {
  const { server, place } = await serve((_request, response) => response.end());
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n'));
  expect(await link.open(place, { onMessage: () => undefined, onClose: () => undefined })).toEqual({
    kind: 'refused',
    status: 401,
  });
});
