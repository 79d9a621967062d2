// The sessions of one server. Each MCP session gets a process of its own, as it would if the client had started the server
// itself: one client's browser or line of thought is never another's.
import { randomUUID } from 'node:crypto';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { startServerProcess } from './child.mjs';
import { toRelatedRequest } from './routing.mjs';

/** A session nobody used or listened to for this long is closed, in milliseconds. Clients then start a new one (HTTP 404). */
const idleAfter = 30 * 60_000;
/** More sessions than this at once: the one idle longest makes room. */
const maxSessions = 24;

/**
 * @param {import('./servers.mjs').ServerDefinition} definition
 * @param {Record<string, string | undefined>} env
 */
export function createSessions(definition, env) {
  /** @type {Map<string, ReturnType<typeof openSession>>} */
  const sessions = new Map();

  function open() {
    const session = openSession(definition, env);
    sessions.set(session.id, session);
    session.process.ended.then((reason) => {
      sessions.delete(session.id);
      session.fail(`${definition.name} ${reason}`);
    });
    makeRoom(sessions);
    return session;
  }

  return {
    open,
    /** @param {string} id */
    get: (id) => sessions.get(id),
    /** Closes what nobody uses; called by the runner with each probe. @param {number} now */
    closeIdle(now) {
      for (const session of sessions.values()) {
        if (session.isIdleSince(now - idleAfter)) {
          session.process.stop();
        }
      }
    },
    async closeAll() {
      const all = [...sessions.values()];
      for (const session of all) {
        session.process.stop();
      }
      await Promise.all(all.map((session) => session.process.ended));
    },
  };
}

/** @param {Map<string, ReturnType<typeof openSession>>} sessions */
function makeRoom(sessions) {
  if (sessions.size <= maxSessions) {
    return;
  }
  const idle = [...sessions.values()].filter((session) => session.isIdleSince(Date.now()));
  idle.sort((a, b) => a.lastUsed() - b.lastUsed());
  idle[0]?.process.stop();
}

/**
 * @param {import('./servers.mjs').ServerDefinition} definition
 * @param {Record<string, string | undefined>} env
 */
function openSession(definition, env) {
  const id = randomUUID();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => id });
  /** Requests of the client that wait for an answer, by id; the value is their progress token. @type {Map<string | number, unknown>} */
  const pending = new Map();
  /** @type {string | number | undefined} */
  let initializeId;
  let openRequests = 0;
  let lastUsed = Date.now();

  const child = startServerProcess(definition, env, (message) => {
    if (!('method' in message) && message.id !== undefined) {
      pending.delete(message.id);
    }
    const related = toRelatedRequest('method' in message ? message : {}, pending);
    // A client that has left does not take its answer any more; that ends nothing here.
    const sent = transport
      .send(message, related === undefined ? {} : { relatedRequestId: related })
      .catch((error) => console.error(`${definition.name}: an answer found no one: ${error.message}`));
    // A refused initialize opens no session that anybody could close (magic answers so while its service is away).
    if ('error' in message && message.id === initializeId) {
      sent.then(() => child.stop());
    }
  });

  transport.onmessage = (message) => {
    if ('method' in message && 'id' in message) {
      pending.set(message.id, message.params?._meta?.progressToken);
      initializeId ??= message.id;
    }
    child.send(message);
  };
  transport.onclose = () => child.stop();

  return {
    id,
    process: child,
    lastUsed: () => lastUsed,
    /** @param {number} time */
    isIdleSince: (time) => openRequests === 0 && lastUsed <= time,
    /**
     * Answers one HTTP request of this session.
     * @param {import('node:http').IncomingMessage} request
     * @param {import('node:http').ServerResponse} response
     * @param {unknown} body
     */
    async handle(request, response, body) {
      openRequests += 1;
      response.once('close', () => {
        openRequests -= 1;
        lastUsed = Date.now();
      });
      await transport.handleRequest(request, response, body);
    },
    /** Answers what still waits, then closes: a client must not hang on a process that is gone. @param {string} reason */
    async fail(reason) {
      for (const request of pending.keys()) {
        const error = { code: -32000, message: reason };
        await transport.send({ jsonrpc: '2.0', id: request, error }).catch(() => pending.delete(request));
      }
      await transport.close();
    },
  };
}
