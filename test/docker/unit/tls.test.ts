import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Connection, createConnection } from '../../../main/docker/connection.ts';
import { parseEndpoint, type TlsFiles } from '../../../main/docker/endpoint.ts';
import { nodeHost } from '../../../main/docker/host.ts';
import type { EngineState } from '../../../preload/contract/model.ts';
import { createManualClock } from './clock.ts';
import { createFakeEngine, type FakeEngine } from './fake-engine.ts';

/** An engine behind mutual TLS, with an authority of the test's own. */

const directory = mkdtempSync(join(tmpdir(), 'claude-env-tls-'));
const at = (name: string) => join(directory, name);
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
const hasOpenssl = (() => {
  try {
    return openssl('version').length > 0;
  } catch {
    return false;
  }
})();

let fake: FakeEngine;
let server: Server;
let connection: Connection;

beforeAll(async () => {
  if (!hasOpenssl) return;
  const days = ['-days', '2', '-nodes', '-newkey', 'rsa:2048'];
  openssl('req', '-x509', ...days, '-keyout', 'ca-key.pem', '-out', 'ca.pem', '-subj', '/CN=test authority');
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  for (const name of ['server', 'client']) {
    openssl(
      'req',
      '-nodes',
      '-newkey',
      'rsa:2048',
      '-keyout',
      `${name}-key.pem`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
    );
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signed);
  }
  fake = await createFakeEngine();
  await fake.listen();
  const read = (name: string) => readFileSync(at(name));
  const options = { ca: read('ca.pem'), cert: read('server.pem'), key: read('server-key.pem'), requestCert: true };
  server = createServer({ ...options, rejectUnauthorized: true }, (incoming, outgoing) => {
    const { url: path, method, headers } = incoming;
    const onward = request({ socketPath: fake.path, path, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => connection.close());
afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await fake?.remove();
  rmSync(directory, { recursive: true, force: true });
});

async function firstState(tls: TlsFiles | undefined, host = '127.0.0.1'): Promise<EngineState> {
  const { endpoint } = parseEndpoint(`tcp://${host}:${(server.address() as AddressInfo).port}`, tls);
  if (endpoint === undefined) throw new Error('no endpoint');
  const engine = { id: 'env', title: 'env', address: 'tcp', source: 'test', configured: true, endpoint };
  connection = createConnection({ engine, host: nodeHost(), clock: createManualClock() });
  const settled = new Promise<EngineState>((resolve) => connection.onState(resolve));
  connection.start();
  return settled;
}
const all = { ca: at('ca.pem'), cert: at('client.pem'), key: at('client-key.pem') };

test.skipIf(!hasOpenssl)('with its certificates it is connected', async () => {
  expect(await firstState({ ...all, verify: true })).toMatchObject({ kind: 'connected' });
});

test.skipIf(!hasOpenssl)(
  'a server that the authority did not sign is refused, unless verification is off',
  async () => {
    const { cert, key } = all;
    expect(await firstState({ cert, key, verify: true })).toMatchObject({
      error: { message: expect.stringMatching(/No trusted TLS connection/) },
    });
    connection.close();
    expect(await firstState({ cert, key, verify: false })).toMatchObject({ kind: 'connected' });
  },
);

test.skipIf(!hasOpenssl)('a certificate for another name is said', async () => {
  // The same address written otherwise: it arrives, and is not among the certificate's names.
  expect(await firstState({ ...all, verify: true }, '[::ffff:127.0.0.1]')).toMatchObject({
    error: { message: expect.stringMatching(/certificate .* is for another name/) },
  });
});

test.skipIf(!hasOpenssl)('without a client certificate, and without TLS at all', async () => {
  expect(await firstState({ ca: all.ca, verify: true })).toMatchObject({
    error: { message: expect.stringMatching(/wants a certificate of yours/) },
  });
  connection.close();
  expect(await firstState(undefined)).toMatchObject({
    error: { message: expect.stringMatching(/closes the connection without an answer/) },
  });
});
