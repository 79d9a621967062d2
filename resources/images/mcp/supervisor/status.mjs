// What the servers are doing, for others: a snapshot, and each change as it happens.
import { createServer } from 'node:http';
import { checkAccess } from './access.mjs';

const heartbeatMs = 15_000;

/**
 * @typedef {ReturnType<typeof import('./state.mjs').toStatus>} Status
 * @typedef {{type: 'snapshot', servers: Status[]} | {type: 'change', server: Status}} StatusMessage
 */

/** Holds the newest status of each server and tells listeners about changes. @param {readonly Status[]} initial */
export function createStatusHub(initial) {
  /** @type {Map<string, Status>} */
  const servers = new Map(initial.map((status) => [status.server, status]));
  /** @type {Set<(message: StatusMessage) => void>} */
  const listeners = new Set();
  return {
    /** @returns {{type: 'snapshot', servers: Status[]}} */
    snapshot: () => ({ type: 'snapshot', servers: [...servers.values()] }),
    /** @param {Status} status */
    change(status) {
      servers.set(status.server, status);
      for (const listener of listeners) {
        listener({ type: 'change', server: status });
      }
    },
    /** @param {(message: StatusMessage) => void} listener @returns {() => void} ends it */
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/**
 * `GET /status` and, where `events` is set, `GET /events` (server-sent events: the snapshot first).
 * @param {object} options
 * @param {ReturnType<typeof createStatusHub>} options.hub
 * @param {ReturnType<typeof import('./access.mjs').toAccessRule>} [options.rule] absent on the unix socket, which only root can open
 * @param {boolean} options.events
 */
export function createStatusServer({ hub, rule, events }) {
  const server = createServer((request, response) => {
    const access = rule === undefined ? undefined : checkAccess(rule, request.headers);
    if (access?.allowed === false) {
      response.writeHead(403).end(`${access.reason}\n`);
    } else if (request.method !== 'GET') {
      response.writeHead(405, { Allow: 'GET' }).end();
    } else if (request.url === '/status') {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(hub.snapshot()));
    } else if (request.url === '/events' && events) {
      streamEvents(hub, response);
    } else {
      response.writeHead(404).end();
    }
  });
  server.requestTimeout = 0;
  return server;
}

/** @param {ReturnType<typeof createStatusHub>} hub @param {import('node:http').ServerResponse} response */
function streamEvents(hub, response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  /** @param {StatusMessage} message */
  const write = (message) => response.write(`data: ${JSON.stringify(message)}\n\n`);
  write(hub.snapshot());
  const end = hub.listen(write);
  const heartbeat = setInterval(() => response.write(': still here\n\n'), heartbeatMs);
  response.once('close', () => {
    clearInterval(heartbeat);
    end();
  });
}
