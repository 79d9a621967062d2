import { expect, test } from 'vitest';
import { AppFailure } from '../../../main/core/app-failure.ts';
import type { Endpoint } from '../../../main/docker/endpoint.ts';
import { sentenceOf, statusOf, toFailure } from '../../../main/docker/errors.ts';
import { describeUnreachable, isConnectionError } from '../../../main/docker/unreachable.ts';

/** As docker-modem throws it: json for plain calls, only the decorated message for streams. */
const refusal = (status: number, sentence: string, json: unknown = { message: sentence }, reason = 'server error') =>
  Object.assign(new Error(`(HTTP code ${status}) ${reason} - ${sentence} `), { statusCode: status, reason, json });
const system = (code: string, syscall: string, message = `${syscall} ${code}`) =>
  Object.assign(new Error(message), { code, syscall });

test('the engine’s sentence, from either form', () => {
  expect(sentenceOf(refusal(409, 'name is taken'))).toBe('name is taken');
  expect(sentenceOf(refusal(404, 'no such - thing', null, 'no such container - or image'))).toBe('no such - thing');
  expect(statusOf(toFailure('x', refusal(409, 'y')))).toBe(409);
  expect(statusOf(new Error('x'))).toBeUndefined();
});

test.each([
  [
    500,
    'driver failed programming external connectivity: Bind for 0.0.0.0:80 failed: port is already allocated',
    'port.taken',
  ],
  [500, 'listen tcp4 127.0.0.1:80: bind: address already in use', 'port.taken'],
  [404, 'No such image: x:1', 'image.not-found'],
  [404, 'manifest for x:1 not found: manifest unknown', 'image.not-found'],
  [409, 'Conflict. The container name "/web" is already in use by container "0123456789abcdef"', 'engine.conflict'],
  [409, 'remove data: volume is in use - [abc]', 'engine.conflict'],
  [403, 'error while removing network: network x id y has active endpoints', 'engine.conflict'],
  [500, 'write /x: no space left on device', 'engine.error'],
  [400, 'client version 1.41 is too old. Minimum supported API version is 1.44', 'unsupported'],
  [400, 'anything else', 'engine.error'],
  [409, 'anything else', 'engine.conflict'],
])('%i %s → %s', (status, sentence, code) => {
  const { error } = toFailure('Doing', refusal(status, sentence));
  expect(error).toMatchObject({ code, message: `Doing: ${sentence}` });
});

test('the hint of a name conflict names the command that mends it', () => {
  const { error } = toFailure(
    'x',
    refusal(409, 'The container name "/web" is already in use by container "0123456789abcdef"'),
  );
  expect(error.hint).toContain('docker rm 0123456789ab');
});

test('what is an AppFailure stays what it is', () => {
  const failure = new AppFailure({ code: 'cancelled', message: 'm' });
  expect(toFailure('x', failure)).toBe(failure);
});

const unix: Endpoint = { kind: 'unix', path: '/run/x.sock' };
const tcp: Endpoint = { kind: 'tcp', host: 'build', port: 2376, tls: { verify: true } };

test.each<[Endpoint, Error, RegExp, RegExp]>([
  [unix, system('ENOENT', 'connect'), /there is no \/run\/x\.sock/, /systemctl start docker/],
  [unix, system('EACCES', 'connect'), /may not use \/run\/x\.sock/, /usermod -aG docker/],
  [unix, system('ECONNREFUSED', 'connect'), /Nothing answers/, /Start Docker/],
  [tcp, system('ENOTFOUND', 'getaddrinfo'), /name build cannot be resolved/, /VPN/],
  [tcp, system('ECONNREFUSED', 'connect'), /build refuses connections on port 2376/, /listens/],
  [tcp, system('ETIMEDOUT', 'connect'), /does not answer/, /firewall/],
  [
    tcp,
    system('SELF_SIGNED_CERT_IN_CHAIN', '', 'self-signed certificate'),
    /No trusted TLS connection .*: self-signed/,
    /ca\.pem/,
  ],
  [tcp, system('CERT_HAS_EXPIRED', ''), /has expired/, /renew/],
  [
    { kind: 'tcp', host: 'build', port: 2376 },
    refusal(400, 'Client sent an HTTP request to an HTTPS server.'),
    /tcp:\/\/build:2376 wants TLS/,
    /DOCKER_TLS_VERIFY/,
  ],
  [unix, new Error('odd'), /cannot be used: odd/, /docker version/],
])('%j %s', (endpoint, error, message, hint) => {
  const described = describeUnreachable(endpoint, error, 'linux');
  expect(described).toMatchObject({ code: 'engine.unreachable', retry: true });
  expect(described.message).toMatch(message);
  expect(described.hint).toMatch(hint);
});

test('the way to the engine is told from refusals, files of ours and defects', () => {
  expect(isConnectionError(system('ECONNREFUSED', 'connect'))).toBe(true);
  expect(isConnectionError(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }))).toBe(true);
  expect(isConnectionError(system('ENOENT', 'open'))).toBe(false);
  expect(isConnectionError(refusal(500, 'x'))).toBe(false);
  expect(isConnectionError(new TypeError('x'))).toBe(false);
});
