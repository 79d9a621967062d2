import { request as ask } from 'node:http';
import { toController } from './headers.mjs';

/*
 * /ws: the controller's WebSocket. The gateway looks at nothing in it: the controller checks the token of the upgrade.
 */

/** @typedef {import('node:stream').Duplex} Duplex */

const connectMs = 5000;

/** @param {number} status @param {string} text @param {string} body of JSON */
const refusal = (status, text, body) =>
  `HTTP/1.1 ${status} ${text}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;

/** Says it, and lets go: a client that keeps its end open would hold the connection for good. @param {Duplex} socket @param {string} text */
const sayAndClose = (socket, text) => void socket.once('finish', () => socket.destroy()).end(text);

/** @param {Duplex} socket @param {number} status @param {string} text @param {string} message */
export function refuseUpgrade(socket, status, text, message) {
  sayAndClose(socket, refusal(status, text, JSON.stringify({ error: { code: 'gateway.upgrade', message } })));
}

/** @param {readonly string[]} raw */
const headLines = (raw) => raw.reduce((text, part, index) => text + part + (index % 2 === 0 ? ': ' : '\r\n'), '');

/**
 * @param {object} options
 * @param {import('./upstream.mjs').Upstream} options.upstream
 * @param {string} options.serviceKey
 * @returns {{ take: (request: import('node:http').IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>, close: () => void }}
 */
export function createLiveHandler({ upstream, serviceKey }) {
  /** @type {Set<Duplex>} */
  const open = new Set();

  /** @param {Duplex} one @param {Duplex} other */
  function join(one, other) {
    for (const [from, to] of /** @type {const} */ ([
      [one, other],
      [other, one],
    ])) {
      from.pipe(to);
      // One side that is gone ends the other, however it went.
      from.once('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  }

  /**
   * @param {import('./upstream.mjs').Replica} replica
   * @param {import('node:http').IncomingMessage} request @param {Duplex} socket @param {Buffer} head
   * @returns {Promise<boolean>} whether the replica answered, whatever it said
   */
  const tryReplica = (replica, request, socket, head) =>
    new Promise((resolve) => {
      const { hostname, port } = new URL(`http://${replica.address}`);
      const asked = ask({
        host: hostname.replace(/^\[|\]$/g, ''),
        port,
        method: 'GET',
        path: request.url ?? '/ws',
        headers: [...toController(request, serviceKey), 'connection', 'Upgrade', 'upgrade', 'websocket'],
        agent: false,
        timeout: connectMs,
      });
      const leave = () => asked.destroy();
      socket.once('close', leave);
      asked.once('timeout', () => asked.destroy(new Error('no answer')));
      asked.once('error', () => resolve(false));
      asked.once('response', (answer) => {
        resolve(true);
        answer.setEncoding('utf8');
        let text = '';
        answer.on('data', (part) => {
          text += part;
        });
        answer.once('error', () => socket.destroy());
        answer.once('end', () =>
          sayAndClose(socket, refusal(answer.statusCode ?? 502, answer.statusMessage ?? '', text)),
        );
      });
      asked.once('upgrade', (answer, other, first) => {
        resolve(true);
        socket.off('close', leave);
        if (socket.destroyed) {
          other.destroy();
          return;
        }
        replica.open += 1;
        open.add(socket);
        socket.once('close', () => {
          replica.open -= 1;
          open.delete(socket);
        });
        other.setTimeout(0);
        other.setNoDelay(true);
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headLines(answer.rawHeaders)}\r\n`);
        if (first.length > 0) socket.write(first);
        if (head.length > 0) other.write(head);
        join(socket, other);
      });
      asked.end();
    });

  return {
    take: async (request, socket, head) => {
      /** @type {Set<string>} */
      const tried = new Set();
      for (;;) {
        const replica = await upstream.pick(tried);
        if (replica === undefined) return refuseUpgrade(socket, 503, 'Service Unavailable', 'No controller answers.');
        if (await tryReplica(replica, request, socket, head)) return;
        if (socket.destroyed) return;
        tried.add(replica.address);
        await upstream.failed(replica);
      }
    },
    close: () => {
      for (const socket of open) socket.destroy();
    },
  };
}
