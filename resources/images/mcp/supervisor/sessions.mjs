// The sessions of one server. Each MCP session gets a process of its own, as it would if the client had started the server
// itself: one client's browser or line of thought is never another's.
import { randomUUID } from 'node:crypto';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { startServerProcess } from './child.mjs';
import { toRelatedRequest } from './routing.mjs';

/** A session nobody used for this long is closed, in milliseconds. A client that is still there starts a new one (HTTP 404). */
const idleAfter = 30 * 60_000;
/** One whose client listened and then hung up: it has left, unless it comes back this soon (Claude Code never says goodbye). */
const goneAfter = 60_000;
/** A process that waits for a session which does not come is not kept longer than this. */
const spareFor = 10 * 60_000;
/** More sessions than this at once: the one idle longest makes room. */
const maxSessions = 24;

/**
 * @param {object} options
 * @param {import('./servers.mjs').ServerDefinition} options.definition
 * @param {Record<string, string | undefined>} options.env
 * @param {(reason: string, process: import('./child.mjs').ServerProcess) => void} options.onLoss a process ended that nobody had asked to
 */
export function createSessions({ definition, env, onLoss }) {
  /** @type {Map<string, ReturnType<typeof openSession>>} */
  const sessions = new Map();
  /** @type {{process: import('./child.mjs').ServerProcess, since: number} | undefined} */
  let spare;

  function start() {
    const child = startServerProcess(definition, env);
    child.ended.then((reason) => {
      if (spare?.process === child) {
        spare = undefined;
      }
      if (!child.isStopping()) {
        onLoss(reason, child);
      }
    });
    return child;
  }

  function open() {
    const child = spare?.process ?? start();
    spare = undefined;
    const session = openSession(definition.name, child);
    sessions.set(session.id, session);
    child.ended.then((reason) => {
      sessions.delete(session.id);
      session.fail(`${definition.name} ${reason}`);
    });
    makeRoom(sessions);
    return session;
  }

  return {
    open,
    /**
     * Starts the process of the next session ahead, so that its client need not wait for Node to load the server
     * (half a second of work; clients give up after five on a busy machine).
     */
    prepare() {
      spare ??= { process: start(), since: Date.now() };
    },
    /** @param {string} id */
    get: (id) => sessions.get(id),
    /** Closes what nobody uses; called by the runner with each probe. @param {number} now */
    closeIdle(now) {
      for (const session of sessions.values()) {
        if (session.isIdleSince(now - (session.hasListened() ? goneAfter : idleAfter))) {
          session.process.stop();
        }
      }
      if (spare !== undefined && spare.since < now - spareFor) {
        spare.process.stop();
        spare = undefined;
      }
    },
    async closeAll() {
      const all = [...sessions.values()].map((session) => session.process);
      if (spare !== undefined) {
        all.push(spare.process);
      }
      for (const child of all) {
        child.stop();
      }
      await Promise.all(all.map((child) => child.ended));
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

/** @param {string} name @param {import('./child.mjs').ServerProcess} child */
function openSession(name, child) {
  const id = randomUUID();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => id });
  /** Requests of the client that wait for an answer, by id; the value is their progress token. @type {Map<string | number, unknown>} */
  const pending = new Map();
  /** @type {string | number | undefined} */
  let initializeId;
  let openRequests = 0;
  let lastUsed = Date.now();
  let hasListened = false;

  child.listen((message) => {
    if (!('method' in message) && message.id !== undefined) {
      pending.delete(message.id);
    }
    const related = toRelatedRequest('method' in message ? message : {}, pending);
    // A client that has left does not take its answer any more; that ends nothing here.
    const sent = transport
      .send(message, related === undefined ? {} : { relatedRequestId: related })
      .catch((error) => console.error(`${name}: an answer found no one: ${error.message}`));
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
    hasListened: () => hasListened,
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
      hasListened ||= request.method === 'GET';
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
