import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/*
 * `node mcp-replica.mjs MODULES`: an MCP server over streamable HTTP as the SDK makes it, with sessions in its own memory. Its tools do what the
 * tests of the gateway need. Says on its output, a line of JSON each, where it listens and what it notices.
 */

const [modules = ''] = process.argv.slice(2);
/** @param {string} path */
const sdk = (path) => import(pathToFileURL(join(modules, '@modelcontextprotocol/sdk/dist/esm', path)).href);
const { Server } = await sdk('server/index.js');
const { StreamableHTTPServerTransport } = await sdk('server/streamableHttp.js');
const { CallToolRequestSchema, isInitializeRequest, ListToolsRequestSchema } = await sdk('types.js');

/** @param {Record<string, unknown>} event */
const say = (event) => console.log(JSON.stringify(event));
/** @param {string} value */
const text = (value) => ({ content: [{ type: 'text', text: value }] });

/** What `steps` waits for, by session. @type {Map<string, () => void>} */
const waiting = new Map();
/** @type {Map<string, InstanceType<typeof StreamableHTTPServerTransport>>} */
const sessions = new Map();

/** @type {Record<string, (args: any, extra: any) => Promise<unknown>>} */
const tools = {
  whoami: async () => text(String(process.pid)),
  echo: async ({ value }) => text(value),
  /** Says one thing, and ends only when the client, having heard it, calls `go`. */
  steps: async (_args, { sessionId, sendNotification }) => {
    const told = new Promise((resolve) => waiting.set(sessionId, () => resolve(undefined)));
    await sendNotification({ method: 'notifications/message', params: { level: 'info', data: 'first' } });
    say({ event: 'waits' });
    await told;
    return text('second');
  },
  go: async (_args, { sessionId }) => {
    waiting.get(sessionId)?.();
    return text('went');
  },
  /** Says something that belongs to no request: it comes by the stream that listens. */
  announce: async (_args, { server }) => {
    await server.notification({ method: 'notifications/message', params: { level: 'info', data: 'news' } });
    return text('announced');
  },
  'go-all': async () => {
    for (const go of waiting.values()) go();
    return text('went');
  },
  /** Never answers; with `first`, says something before. */
  hang: async ({ first }, { sendNotification }) => {
    if (first) await sendNotification({ method: 'notifications/message', params: { level: 'info', data: 'first' } });
    say({ event: 'hangs' });
    return new Promise(() => undefined);
  },
};

function createSession() {
  const server = new Server({ name: 'replica', version: '1.0.0' }, { capabilities: { tools: {}, logging: {} } });
  server.setRequestHandler(ListToolsRequestSchema, async () => ({
    tools: Object.keys(tools).map((name) => ({ name, inputSchema: { type: 'object' } })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async (request, extra) =>
    tools[request.params.name](request.params.arguments ?? {}, { ...extra, server }),
  );
  return server;
}

/** @param {import('node:http').IncomingMessage} request */
async function readJson(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString() || 'null');
}

const http = createServer(async (request, response) => {
  response.once('close', () => {
    if (!response.writableFinished) say({ event: 'left', method: request.method });
  });
  const body = request.method === 'POST' ? await readJson(request) : undefined;
  const id = request.headers['mcp-session-id'];
  if (typeof id === 'string') {
    const transport = sessions.get(id);
    if (transport !== undefined) return transport.handleRequest(request, response, body);
    const error = { code: -32001, message: 'Session not found' };
    return response.writeHead(404).end(JSON.stringify({ jsonrpc: '2.0', error, id: null }));
  }
  if (!isInitializeRequest(body)) return response.writeHead(400).end();
  say({ event: 'opens', headers: request.headers });
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: () => crypto.randomUUID(),
    onsessioninitialized: (/** @type {string} */ opened) => void sessions.set(opened, transport),
    onsessionclosed: (/** @type {string} */ closed) => void sessions.delete(closed),
  });
  await createSession().connect(transport);
  return transport.handleRequest(request, response, body);
});
http.keepAliveTimeout = 65_000;
http.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => say({ event: 'listens', port: http.address()?.port }));
