import { once } from 'node:events';
import { refuseJson } from './controller.mjs';
import { refuseUpgrade } from './live.mjs';

/*
 * What is reachable from outside: /mcp/<server>, /api/…, /ws and /ca.pem. Nothing else is there.
 */

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */

/** @param {Request} request */
const pathOf = ({ url = '/' }) => {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
};

/**
 * A web page of an origin that was allowed by name.
 * @param {Response} response @param {string} origin
 */
function allowOrigin(response, origin) {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('vary', 'Origin');
  response.setHeader('access-control-allow-methods', 'GET, POST, DELETE');
  response.setHeader(
    'access-control-allow-headers',
    'authorization, content-type, accept, mcp-session-id, mcp-protocol-version, last-event-id',
  );
  response.setHeader('access-control-expose-headers', 'mcp-session-id');
}

/**
 * @param {object} options
 * @param {ReturnType<typeof import('./access.mjs').createAccessCheck>} options.checkAccess
 * @param {ReadonlyMap<string, import('./mcp.mjs').Served>} options.servers
 * @param {ReturnType<typeof import('./mcp.mjs').createMcpHandler>} options.onMcp
 * @param {ReturnType<typeof import('./controller.mjs').createApiHandler>} options.onApi
 * @param {ReturnType<typeof import('./live.mjs').createLiveHandler>} options.live
 * @param {string | undefined} options.ca PEM
 * @param {(error: Error) => void} options.onDefect
 */
export function createEdge({ checkAccess, servers, onMcp, onApi, live, ca, onDefect }) {
  /** What is being answered, and whether it is a stream. @type {Map<Response, boolean>} */
  const open = new Map();
  let stopping = false;
  /** @this {Response} */
  function onClose() {
    open.delete(this);
  }

  /** @param {Request} request @param {Response} response @returns {Promise<void> | void} */
  function route(request, response) {
    const path = pathOf(request);
    if (path.startsWith('/mcp/')) {
      const served = servers.get(path.slice('/mcp/'.length));
      if (served !== undefined) return onMcp(request, response, served);
      const names = [...servers.keys()].join(', ');
      return refuseJson(response, 404, 'mcp.unknown', `There is no such server here; there are: ${names}.`);
    }
    if (path.startsWith('/api/')) return onApi(request, response);
    if (path === '/ca.pem' && ca !== undefined) {
      response.writeHead(200, { 'content-type': 'application/x-pem-file', 'cache-control': 'no-cache' });
      return void response.end(ca);
    }
    if (path === '/ws') return refuseJson(response, 426, 'gateway.upgrade', 'This is a WebSocket.');
    return refuseJson(response, 404, 'gateway.unknown', 'There are /mcp/<server>, /api/v1/…, /ws and /ca.pem.');
  }

  /** @param {Request} request @param {Response} response @returns {Promise<void> | void} */
  function onRequest(request, response) {
    const refused = checkAccess(request.headers);
    if (refused !== undefined) return refuseJson(response, 403, 'gateway.host', refused);
    if (request.headers.origin !== undefined) {
      allowOrigin(response, request.headers.origin);
      if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    }
    return route(request, response);
  }

  return {
    /** @param {Request} request @param {Response} response */
    onRequest: (request, response) => {
      open.set(response, request.method === 'GET' && request.url?.startsWith('/mcp/') === true);
      response.once('close', onClose);
      if (stopping) response.setHeader('connection', 'close');
      onRequest(request, response)?.catch((error) => {
        onDefect(error);
        if (response.headersSent) response.destroy();
        else refuseJson(response, 500, 'gateway.defect', 'The gateway made a mistake; its log has more.');
      });
    },
    /** @param {Request} request @param {import('node:stream').Duplex} socket @param {Buffer} head */
    onUpgrade: (request, socket, head) => {
      // Node listens no more: a client that is gone before it is answered would end all of this.
      socket.on('error', () => socket.destroy());
      const refused = checkAccess(request.headers);
      if (refused !== undefined) return refuseUpgrade(socket, 403, 'Forbidden', refused);
      if (pathOf(request) !== '/ws') return refuseUpgrade(socket, 404, 'Not Found', 'Only /ws is a WebSocket.');
      live.take(request, socket, head).catch((error) => {
        onDefect(error);
        socket.destroy();
      });
    },
    /** Lets what is under way end; streams that only listen have no end of their own, and are cut. */
    finish: async () => {
      stopping = true;
      const left = [...open.keys()].map((response) => once(response, 'close'));
      for (const [response, isStream] of open) if (isStream) response.destroy();
      await Promise.all(left);
    },
  };
}
