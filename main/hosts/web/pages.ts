import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import * as z from 'zod';
import { programName } from '../shared/program-name.ts';
import { hasOwnHost, hasOwnOrigin, pathOf, securityHeaders } from './guard.ts';
import type { Sessions } from './session.ts';
import type { Shell } from './shell.ts';

const maxBody = 4096;
const exchangeBody = z.strictObject({ token: z.string().min(1).max(256) });

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const plain = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${body}\n`,
  headers,
});
const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
  headers,
});
const notFound = plain(404, 'not found');

/** undefined when it is longer than a token can be. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readToken(text: string): string | undefined {
  try {
    return exchangeBody.safeParse(JSON.parse(text)).data?.token;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function exchange(request: IncomingMessage, { sessions, isOurPeer }: PageOptions): Promise<Answer> {
  if (!hasOwnOrigin(request.headers)) return plain(403, 'foreign origin');
  if (!(await isOurPeer(request.socket))) return plain(403, 'another user');
  // A form or a fetch without preflight cannot send this type, should Origin ever be missing in some browser.
  if (request.headers['content-type']?.split(';', 1)[0]?.trim() !== 'application/json') return plain(415, 'not JSON');
  const body = await readBody(request);
  if (body === undefined) return plain(413, 'too large', { connection: 'close' });
  const token = readToken(body);
  if (token === undefined) return plain(400, 'malformed');
  const result = sessions.exchange(token);
  switch (result.kind) {
    case 'key':
      return json(200, { key: result.key });
    case 'limited':
      return plain(429, 'too many attempts', { 'retry-after': String(result.retryAfter) });
    case 'refused':
      return json(401, {
        error: {
          code: 'session.invalid',
          message: 'This link was used already or has expired.',
          hint: `Get a new one with \`${programName()} open\`.`,
        },
      });
  }
}

async function answerTo(request: IncomingMessage, options: PageOptions): Promise<Answer> {
  if (!hasOwnHost(request, options.port())) return plain(421, 'foreign host');
  const path = pathOf(request);
  if (path === '/session') return request.method === 'POST' ? exchange(request, options) : notFound;
  const file = options.shell.get(path);
  if (file === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return notFound;
  return {
    status: 200,
    type: file.type,
    body: file.body,
    headers: { 'cache-control': file.immutable ? 'private, max-age=31536000, immutable' : 'no-store' },
  };
}

export interface PageOptions {
  readonly shell: Shell;
  readonly sessions: Sessions;
  /** False when the other end surely belongs to another user of this machine. */
  readonly isOurPeer: (socket: Socket) => Promise<boolean>;
  /** Known once the server listens. */
  readonly port: () => number;
}

/** The whole of HTTP here: the built page's files, and `POST /session`. Everything else is 404. */
export const createPages = (options: PageOptions) => async (request: IncomingMessage, response: ServerResponse) => {
  const { status, type, body = '', headers = {} } = await answerTo(request, options);
  response.writeHead(status, {
    ...securityHeaders,
    'cache-control': 'no-store',
    ...(type === undefined ? {} : { 'content-type': type }),
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
};
