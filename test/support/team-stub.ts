import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import tar from 'tar-stream';
import { certificates } from '../../main/platform/certificates.ts';

/*
 * As much of a team's services as a dev container asks: who one is, which revision is offered, its archive, and one MCP server.
 * The real ones are in test/team/member.long.test.ts.
 */

const day = 86_400_000;

export interface TeamStub {
  /** What the app brings into a container. */
  readonly delivery: {
    readonly team: string;
    readonly addresses: readonly string[];
    readonly ca: string;
    readonly token: string;
  };
  readonly sha: string;
  readonly close: () => Promise<unknown>;
}

async function pack(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = tar.pack();
  for (const [name, data] of Object.entries(files)) archive.entry({ name }, data);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

/** One that knows nothing, and says so to whoever asks in MCP. */
function answerMcp(body: string): object | undefined {
  const { id, method, params } = JSON.parse(body);
  if (id === undefined) return undefined;
  const results: Readonly<Record<string, object>> = {
    initialize: {
      protocolVersion: params?.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'own', version: '1' },
    },
    'tools/list': { tools: [] },
  };
  return { jsonrpc: '2.0', id, result: results[method] ?? {} };
}

/** @param host an address of this machine, as containers reach it */
export async function startTeamStub(host: string, files: Readonly<Record<string, string>>): Promise<TeamStub> {
  const [token, sha] = [`cet_${'c4nary'.repeat(7)}x`, 'a'.repeat(40)];
  const span = { from: Date.now() - day, to: Date.now() + day };
  const authority = await certificates.makeAuthority({
    name: 'team',
    hosts: ['team.example'],
    from: span.from,
    until: span.to,
  });
  const own = await certificates.issue(authority, { hosts: [host], from: span.from, until: span.to });
  const archive = await pack(files);
  const answers: Readonly<Record<string, object | Buffer>> = {
    '/api/v1/me': { servers: [{ name: 'own', path: '/mcp/own' }] },
    '/api/v1/config': { current: { sha, subject: 'first' } },
    [`/api/v1/config/archive/${sha}`]: archive,
  };
  const server = createServer({ cert: own.certificate, key: own.key }, async (request, response) => {
    const body = await text(request);
    const isMcp = request.url === '/mcp/own' && request.method === 'POST';
    const answer = isMcp ? answerMcp(body) : answers[request.url ?? ''];
    if (request.headers.authorization !== `Bearer ${token}`) response.writeHead(401).end();
    else if (answer === undefined) response.writeHead(isMcp ? 202 : 405).end();
    else if (Buffer.isBuffer(answer)) response.end(answer);
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await once(server.listen(0), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    delivery: { team: 'Rocket', addresses: [`${host}:${port}`], ca: authority.certificate, token },
    sha,
    close: () => {
      server.closeAllConnections();
      return once(server.close(), 'close');
    },
  };
}
