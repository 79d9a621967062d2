import { createServer } from 'node:http';

/*
 * The HTTP side. An address is answered when it is, letter by letter, one of the list; it is neither decoded nor resolved, and
 * no part of a request goes any further.
 */

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */
/**
 * @typedef {object} Route
 * @property {(request: Request, response: Response) => Promise<void> | void} answer
 * @property {boolean} [open] without the service key
 */

/** At once, for all who ask. */
const connections = 128;

/** @param {Response} response @param {number} status @param {unknown} value @param {Record<string, string>} [headers] */
export function sendJson(response, status, value, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(value));
}

/** @param {Response} response @param {number} status @param {string} code @param {string} message @param {Record<string, string>} [headers] */
export const sendError = (response, status, code, message, headers) =>
  sendJson(response, status, { error: { code, message } }, headers);

/** @param {Request} request */
const hasBody = ({ headers }) =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

/**
 * @param {object} input
 * @param {ReadonlyMap<string, Route>} input.routes by the whole address as it is asked for
 * @param {(header: string | undefined) => boolean} input.isService whether an Authorization header carries the service key
 * @param {import('../../common/service/log.mjs').Log} input.log
 */
export function createViewServer({ routes, isService, log }) {
  /** @param {Request} request @param {Response} response */
  const handle = async (request, response) => {
    // Of one who sends what nobody asked for, nothing more is read.
    if (hasBody(request) || request.headers.upgrade !== undefined)
      return sendError(response, 400, 'request.refused', 'Nothing but GET without a body.', { connection: 'close' });
    if (request.method !== 'GET')
      return sendError(response, 405, 'method.unknown', 'Nothing but GET.', { allow: 'GET', connection: 'close' });
    const route = routes.get(request.url ?? '');
    if (route === undefined) return sendError(response, 404, 'path.unknown', 'There is nothing here.');
    if (route.open !== true && !isService(request.headers.authorization))
      return sendError(response, 401, 'key.missing', 'The service key is missing or wrong.');
    await route.answer(request, response);
  };
  const server = createServer(
    {
      maxHeaderSize: 8192,
      headersTimeout: 5000,
      requestTimeout: 10_000,
      keepAliveTimeout: 20_000,
      insecureHTTPParser: false,
    },
    (request, response) => {
      handle(request, response).catch((error) => {
        // Failures of the engine have words of their own; anything else is ours.
        const known = error.name === 'EngineFailure';
        if (!known) log.error('failed', { path: request.url, error: error.message });
        if (response.headersSent) response.destroy();
        else if (known) sendError(response, 503, error.code, error.message, { 'retry-after': '5' });
        else sendError(response, 500, 'view.failed', 'This failed; the log has more.');
      });
    },
  );
  server.maxConnections = connections;
  // Without a listener Node would hand an upgrade over as a request, and close a CONNECT; both end here.
  server.on('connect', (_request, socket) => socket.destroy());
  return server;
}
