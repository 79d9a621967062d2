// The HTTP endpoint of one server: checks who asks, finds the session, and hands the request to it.
import { createServer } from 'node:http';
import { checkAccess } from './access.mjs';

const maxBody = 8 * 1024 * 1024;

/**
 * @param {object} options
 * @param {import('./servers.mjs').ServerDefinition} options.definition
 * @param {ReturnType<typeof import('./access.mjs').toAccessRule>} options.rule
 * @param {ReturnType<typeof import('./sessions.mjs').createSessions>} options.sessions
 * @param {() => string | null} options.refusal why no session can be opened now, or null
 * @param {(session: ReturnType<ReturnType<typeof import('./sessions.mjs').createSessions>['open']>, request: import('node:http').IncomingMessage) => void} options.onOpen
 */
export function createEndpoint({ definition, rule, sessions, refusal, onOpen }) {
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error(`${definition.name}: ${error.message}`);
      if (!response.headersSent) {
        refuse(response, 500, error.message);
      } else {
        response.destroy();
      }
    });
  });
  // An SSE stream stays open as long as its client listens.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 65_000;

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async function answer(request, response) {
    const access = checkAccess(rule, request.headers);
    if (!access.allowed) {
      return refuse(response, 403, access.reason);
    }
    if (access.origin !== undefined) {
      allowOrigin(response, access.origin);
      if (request.method === 'OPTIONS') {
        return response.writeHead(204).end();
      }
    }
    if (new URL(request.url ?? '/', 'http://x').pathname !== '/mcp') {
      return refuse(response, 404, `${definition.name} is served at /mcp`);
    }
    const id = request.headers['mcp-session-id'];
    if (typeof id === 'string') {
      const session = sessions.get(id);
      return session === undefined
        ? refuse(response, 404, 'Session not found', -32001)
        : session.handle(request, response, await readBody(request));
    }
    const body = await readBody(request);
    if (body?.method !== 'initialize') {
      return refuse(response, 400, 'Bad Request: Mcp-Session-Id header is required');
    }
    const reason = refusal();
    if (reason !== null) {
      return refuse(response, 503, `${definition.name}: ${reason}`);
    }
    const session = sessions.open();
    onOpen(session, request);
    await session.handle(request, response, body);
    // An initialize that the transport itself refuses (a wrong Accept header) leaves a process without a session.
    if (response.statusCode >= 400) {
      session.process.stop();
    }
  }

  return server;
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {string} message */
function refuse(response, status, message, code = -32000) {
  const body = JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null });
  // Without this a refused upload would go on being received.
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' }).end(body);
}

/** @param {import('node:http').ServerResponse} response @param {string} origin */
function allowOrigin(response, origin) {
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Vary', 'Origin');
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE');
  response.setHeader(
    'Access-Control-Allow-Headers',
    'Content-Type, Accept, Mcp-Session-Id, Mcp-Protocol-Version, Last-Event-ID',
  );
  response.setHeader('Access-Control-Expose-Headers', 'Mcp-Session-Id');
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<any>} the JSON body of a POST; undefined for other methods
 */
async function readBody(request) {
  if (request.method !== 'POST') {
    return undefined;
  }
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBody) {
      throw new Error(`a request may have at most ${maxBody} bytes`);
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    // The transport answers a body that is no message with the proper JSON-RPC error.
    return { invalid: String(error) };
  }
}
