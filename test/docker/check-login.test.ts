import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Bench, openBench } from './support.ts';

/* The engine logs in to a registry that wants a token: distribution.github.io/distribution/spec/auth/token */

let bench: Bench;
const servers: Server[] = [];
beforeAll(async () => {
  bench = await openBench();
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});
afterAll(() => bench.close());

/** Lets ann in with the password `right`, by a token from its own realm; `refresh` is the identity token it gives. */
async function tokenRegistry(refresh?: string, address = '127.0.0.1'): Promise<string> {
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    const { authorization = '' } = request.headers;
    if (request.url?.startsWith('/token')) {
      const isAnn = authorization === `Basic ${Buffer.from('ann:right').toString('base64')}`;
      if (isAnn) json(200, { token: 'let-me-in', ...(refresh && { refresh_token: refresh }) });
      else json(401, { details: 'incorrect username or password' });
    } else if (authorization === 'Bearer let-me-in') json(200, {});
    else {
      const challenge = `Bearer realm="http://${address}:${port}/token",service="test"`;
      json(401, { errors: [{ code: 'UNAUTHORIZED' }] }, { 'www-authenticate': challenge });
    }
  }).listen(0, address);
  servers.push(server);
  await once(server, 'listening');
  return `${address}:${(server.address() as AddressInfo).port}`;
}
const check = (serveraddress: string, password: string) =>
  bench.connection.checkLogin({ username: 'ann', password, serveraddress }, new AbortController().signal);

test('a token registry lets in who has the password, and says which identity token to keep', async () => {
  expect(await check(await tokenRegistry(), 'right')).toEqual({});
  expect(await check(await tokenRegistry('for-later'), 'right')).toEqual({ identityToken: 'for-later' });
});

test('a wrong password is told from a registry that is not there, and from no registry at all', async () => {
  const refused = { error: { code: 'registry.denied', message: expect.stringMatching(/does not know ann/) } };
  await expect(check(await tokenRegistry(), 'wrong')).rejects.toMatchObject(refused);
  await expect(check('127.0.0.1:9', 'right')).rejects.toMatchObject({
    error: { code: 'registry.failed', retry: true },
  });
});

test('no password goes over plain http to anything but loopback', async (context) => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && !one.internal && one.family === 'IPv4')?.address;
  if (outside === undefined || !bench.engine.canInjectFaults) context.skip();
  const host = await tokenRegistry(undefined, outside);
  const seen: (string | undefined)[] = [];
  for (const server of servers) server.on('request', (request) => seen.push(request.headers.authorization));
  await expect(check(host, 'right')).rejects.toMatchObject({
    error: {
      code: 'registry.failed',
      message: expect.stringContaining('does not trust'),
      hint: expect.stringMatching(/certs\.d/),
    },
  });
  expect(seen.filter((header) => header !== undefined)).toEqual([]);
});
