import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import { checkServerIdentity, type PeerCertificate, TLSSocket } from 'node:tls';
import { AppFailure } from '../core/app-failure.ts';
import type { TeamAnswer, TeamCall, TeamLink, TeamPlace, TeamSilence } from '../services/ports.ts';

/*
 * The way to a team's services. TLS with exactly the team's own CA: neither the system's certificates nor those of the
 * environment count, redirects are answers, and no proxy is asked, because the services are on the team's own network.
 */

/** In every certificate that the team's CA signs for a gateway, beside the addresses that it had then. */
const gatewayName = 'team.claude-env.internal';

const connectPatience = 3000;
const answerPatience = 10_000;
const silenceUntilGone = 20_000;
const largestAnswer = 4 * 1024 ** 2;
const largestCa = 64 * 1024;

export const createTeamLink = (): TeamLink => ({ fetchCa, request, open });

interface Target {
  readonly host: string;
  readonly port: number;
}
const split = (address: string): Target => {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
};

/** Servers come and go, and get the same name: that one does as well as the address that was asked for. */
const identify = (host: string, certificate: PeerCertificate): Error | undefined =>
  checkServerIdentity(gatewayName, certificate) === undefined ? undefined : checkServerIdentity(host, certificate);

/** For one connection, which believes the one CA alone. */
const believer = ({ address, ca }: TeamPlace): Agent =>
  new Agent({
    ca: [ca],
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    servername: gatewayName,
    checkServerIdentity: (_name, certificate) => identify(split(address).host, certificate),
  });

const cancelled = (): AppFailure => new AppFailure({ code: 'cancelled', message: 'It was called off.' });

/** OpenSSL's words for a chain that does not end at the one CA, and for a certificate that is not (or no longer) valid. */
const isOther = (code: string): boolean =>
  /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH/.test(code);

function toSilence(error: NodeJS.ErrnoException): TeamSilence {
  const code = error.code ?? '';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return { kind: 'expired', why: error.message };
  if (isOther(code)) return { kind: 'other', why: code === '' ? error.message : `${code}: ${error.message}` };
  const known: Partial<Record<string, string>> = {
    ECONNREFUSED: 'nobody listens there',
    ENOTFOUND: 'there is no such name',
    EHOSTUNREACH: 'there is no way to that machine',
    ENETUNREACH: 'there is no way to that network',
    ETIMEDOUT: 'no answer',
    ECONNRESET: 'the connection was closed at once',
  };
  const why = known[code] ?? (code.startsWith('ERR_SSL') || code === 'EPROTO' ? 'who answers speaks no TLS' : code);
  return { kind: 'unreachable', why: why === '' ? error.message : why };
}

interface Asked {
  readonly options: RequestOptions;
  readonly text?: string;
  readonly maxBytes: number;
  readonly timeout: number;
}

/** One request on a connection of its own; `sent` from the moment that TLS stands. */
function ask({ options, text, maxBytes, timeout }: Asked, signal?: AbortSignal): Promise<TeamAnswer> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled());
    let sent = false;
    let certificateEnds: number | undefined;
    const call = httpsRequest(options);
    const late = setTimeout(() => end({ kind: 'lost', why: `no answer within ${timeout / 1000} s` }), timeout);
    const tooSlow = setTimeout(() => end({ kind: 'unreachable', why: 'no answer' }), connectPatience);
    const abort = () => end(undefined);
    const end = (answer: TeamAnswer | undefined) => {
      clearTimeout(late);
      clearTimeout(tooSlow);
      signal?.removeEventListener('abort', abort);
      // What it says after this is of no interest.
      call.on('error', () => undefined);
      call.destroy();
      if (answer === undefined) reject(cancelled());
      else resolve(answer);
    };
    signal?.addEventListener('abort', abort, { once: true });
    call.on('socket', (socket) =>
      socket.once('secureConnect', () => {
        sent = true;
        clearTimeout(tooSlow);
        if (socket instanceof TLSSocket) certificateEnds = Date.parse(socket.getPeerCertificate().valid_to);
      }),
    );
    call.once('error', (error: NodeJS.ErrnoException) =>
      end(sent ? { kind: 'lost', why: error.code ?? error.message } : toSilence(error)),
    );
    call.once(
      'response',
      (response) =>
        void collect(response, maxBytes).then((answer) =>
          end(answer.kind !== 'answer' || !certificateEnds ? answer : { ...answer, certificateEnds }),
        ),
    );
    call.end(text);
  });
}

async function collect(response: IncomingMessage, maxBytes: number): Promise<TeamAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) return { kind: 'lost', why: `the answer has more than ${maxBytes} bytes` };
      chunks.push(chunk);
    }
  } catch (error) {
    return { kind: 'lost', why: error instanceof Error ? error.message : 'the answer broke off' };
  }
  const after = Number(response.headers['retry-after']);
  return {
    kind: 'answer',
    status: response.statusCode ?? 0,
    ...(Number.isFinite(after) && after > 0 ? { retryAfter: after } : {}),
    body: Buffer.concat(chunks),
  };
}

const authorization = ({ token }: TeamPlace) => (token === undefined ? {} : { authorization: `Bearer ${token}` });

function request(place: TeamPlace, call: TeamCall, signal?: AbortSignal): Promise<TeamAnswer> {
  const { host, port } = split(place.address);
  const text = call.body === undefined ? undefined : JSON.stringify(call.body);
  return ask(
    {
      options: {
        host,
        port,
        method: call.method,
        path: call.path,
        agent: believer(place),
        headers: {
          host: place.address,
          accept: 'application/json',
          ...authorization(place),
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      },
      ...(text === undefined ? {} : { text }),
      maxBytes: call.maxBytes ?? largestAnswer,
      timeout: call.timeout ?? answerPatience,
    },
    signal,
  );
}

/** Nobody is believed for this one: what comes is compared with the invite's digest before it is used. */
async function fetchCa(address: string, signal?: AbortSignal): ReturnType<TeamLink['fetchCa']> {
  const { host, port } = split(address);
  const options = {
    ...{ host, port, method: 'GET', path: '/ca.pem', headers: { host: address } },
    ...{ agent: new Agent({ servername: gatewayName, rejectUnauthorized: false }) },
  };
  const answer = await ask({ options, maxBytes: largestCa, timeout: 5000 }, signal);
  if (answer.kind === 'lost') return { kind: 'unreachable', why: answer.why };
  if (answer.kind !== 'answer') return answer;
  if (answer.status !== 200) return { kind: 'unreachable', why: `it has no /ca.pem (${answer.status})` };
  try {
    // One certificate, written anew: nothing that stands beside it counts.
    const certificate = new X509Certificate(Buffer.from(answer.body));
    const sha256 = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    return { kind: 'ca', pem: certificate.toString(), sha256 };
  } catch {
    return { kind: 'unreachable', why: 'its /ca.pem is no certificate' };
  }
}

async function open(
  place: TeamPlace,
  live: Parameters<TeamLink['open']>[1],
  signal?: AbortSignal,
): ReturnType<TeamLink['open']> {
  // Loaded by whoever follows: a command asks once and needs none of it.
  const { WebSocket } = await import('ws');
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled());
    const socket = new WebSocket(`wss://${place.address}/ws`, {
      agent: believer(place),
      headers: authorization(place),
      handshakeTimeout: 5000,
      maxPayload: largestAnswer,
      perMessageDeflate: false,
      followRedirects: false,
    });
    let isOpen = false;
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => socket.terminate(), silenceUntilGone);
    };
    const abort = () => {
      socket.terminate();
      if (!isOpen) reject(cancelled());
    };
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('unexpected-response', (call, response) => {
      resolve({ kind: 'refused', status: response.statusCode ?? 0 });
      call.destroy();
    });
    // After the handshake an error is followed by the end, which tells.
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(toSilence(error)));
    socket.on('ping', heard);
    socket.on('message', (data, isBinary) => {
      heard();
      if (!isBinary) live.onMessage(String(data));
    });
    socket.once('open', () => {
      isOpen = true;
      heard();
      resolve({
        kind: 'open',
        socket: {
          send: (text) => {
            if (socket.readyState === WebSocket.OPEN) socket.send(text);
          },
          close: () => socket.close(1000),
        },
      });
    });
    socket.once('close', (code) => {
      clearTimeout(silence);
      signal?.removeEventListener('abort', abort);
      if (isOpen) live.onClose(code);
    });
  });
}
