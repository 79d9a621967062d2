import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { toAccessRule } from '../../resources/images/mcp/supervisor/access.mjs';
import { keepHealthFile } from '../../resources/images/mcp/supervisor/health.mjs';
import { reduceServer, toInitialRecord, toStatus } from '../../resources/images/mcp/supervisor/state.mjs';
import { createStatusHub, createStatusServer } from '../../resources/images/mcp/supervisor/status.mjs';

const records = [
  toInitialRecord({ name: 'context7', port: 3001 }, 0),
  toInitialRecord({ name: 'magic', port: 3003 }, 0),
];
const [context7, magic] = records.map((record) =>
  toStatus(reduceServer(record, { type: 'ready', pid: record.port, tools: [] }, 1)),
);
const folders: string[] = [];
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function toFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-status-'));
  folders.push(folder);
  return folder;
}

async function listen(options: Parameters<typeof createStatusServer>[0]): Promise<string> {
  const socketPath = join(toFolder(), 's');
  const server = createStatusServer(options).listen(socketPath);
  servers.push(server);
  await once(server, 'listening');
  return socketPath;
}

async function get(socketPath: string, path: string, host = 'localhost') {
  const asked = request({ socketPath, path, headers: { host } }).end();
  const [response] = await once(asked, 'response');
  const chunks: string[] = [];
  for await (const chunk of response.setEncoding('utf8')) chunks.push(chunk);
  return { status: response.statusCode, text: chunks.join('') };
}

describe('the status of the bundle', () => {
  it('is a snapshot', async () => {
    const hub = createStatusHub(records.map(toStatus));
    if (context7) hub.change(context7);
    const answer = await get(await listen({ hub, events: true }), '/status');
    expect(JSON.parse(answer.text)).toMatchObject({
      type: 'snapshot',
      servers: [
        { server: 'context7', state: 'ready' },
        { server: 'magic', state: 'starting' },
      ],
    });
  });

  it('is a snapshot and then each change as an event', async () => {
    const hub = createStatusHub(records.map(toStatus));
    const socketPath = await listen({ hub, events: true });
    const [response] = await once(request({ socketPath, path: '/events' }).end(), 'response');
    response.setEncoding('utf8');
    const [first] = await once(response, 'data');
    expect(JSON.parse(first.replace(/^data: /, ''))).toMatchObject({ type: 'snapshot' });
    if (magic) hub.change(magic);
    const [second] = await once(response, 'data');
    expect(second).toBe(`data: ${JSON.stringify({ type: 'change', server: magic })}\n\n`);
  });

  it('is read-only inside the network, without events, and checks the host', async () => {
    const hub = createStatusHub(records.map(toStatus));
    const socketPath = await listen({ hub, rule: toAccessRule({}, 'x'), events: false });
    expect((await get(socketPath, '/status', 'mcp-bundle:3000')).status).toBe(200);
    expect((await get(socketPath, '/status', 'evil.example')).status).toBe(403);
    expect((await get(socketPath, '/events', 'mcp-bundle:3000')).status).toBe(404);
  });

  it('leaves its short form for the health check', () => {
    const file = join(toFolder(), 'health');
    const hub = createStatusHub(records.map(toStatus));
    keepHealthFile(file, hub);
    expect(readFileSync(file, 'utf8')).toBe('unhealthy\ncontext7: starting\nmagic: starting\n');
    for (const status of [context7, magic]) if (status) hub.change(status);
    expect(readFileSync(file, 'utf8')).toBe('healthy\ncontext7: ready\nmagic: ready\n');
  });
});
