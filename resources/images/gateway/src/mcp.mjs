import { bearerOf } from '../../common/service/service-key.mjs';
import { Exchange } from './exchange.mjs';
import { toReplica } from './headers.mjs';
import { isToken } from './introspection.mjs';
import { errorBody, requestIds, serverError, sessionNotFound } from './json-rpc.mjs';
import { mayUse } from './settings.mjs';

/*
 * /mcp/<server>: who asks, how often, which session, and on to the replica that has it.
 */

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */
/** @typedef {import('./introspection.mjs').Person} Person */
/**
 * @typedef {object} Served one server with what belongs to it
 * @property {import('./settings.mjs').McpServer} settings
 * @property {import('./upstream.mjs').Upstream} upstream
 */
/**
 * @typedef {object} Refusal
 * @property {number} status
 * @property {string} message
 * @property {number} [code] of JSON-RPC
 * @property {number} [retryAfter] seconds
 * @property {string} reason one word for the metrics
 * @property {boolean} [isSent] whether the client has been told, at the end of an answer that had begun
 */

/** An address may show this many tokens a minute that are none. */
const wrongPerMinute = 60;
const methods = ['POST', 'GET', 'DELETE'];

/** @type {Readonly<Record<'too large' | 'too much' | 'left', Refusal | undefined>>} */
const bodyRefusals = {
  'too large': { status: 413, reason: 'too-large', message: 'A message may have 8 MB' },
  'too much': { status: 503, reason: 'too-much', message: 'Too much is being sent at once', retryAfter: 1 },
  left: undefined,
};

/** @param {string} server @param {number} tried @returns {Refusal} */
const noReplica = (server, tried) => ({
  status: 503,
  reason: 'no-replica',
  retryAfter: 5,
  message:
    tried === 0 ? `No replica of ${server} is running` : `No replica of ${server} takes connections (${tried} tried)`,
});
/** @param {string} server @returns {Refusal} */
const gone = (server) => ({
  status: 404,
  code: sessionNotFound,
  reason: 'replica-gone',
  message: `The replica of ${server} that had this session is gone, and the session with it. Initialize a new one.`,
});
/** @param {string} server @returns {Refusal} */
const silent = (server) => ({
  status: 503,
  reason: 'replica-silent',
  retryAfter: 5,
  message: `The replica of ${server} that has this session does not answer now. Try again, or initialize a new session.`,
});
/** @param {import('./settings.mjs').McpServer} settings @returns {Refusal} */
const late = ({ name, timeoutMs }) => ({
  status: 504,
  reason: 'late',
  message: `${name} has not begun to answer in ${timeoutMs / 1000} s (GATEWAY_TIMEOUTS)`,
});
/** @param {string} server @returns {Refusal} */
const broken = (server) => ({
  status: 502,
  reason: 'broken',
  message: `The replica of ${server} ended while it worked on this. Whether it was done is not known.`,
});

/**
 * @param {object} options
 * @param {ReturnType<typeof import('./introspection.mjs').createIntrospection>} options.introspection
 * @param {ReturnType<typeof import('./session-ids.mjs').createSessionIds>} options.sessionIds
 * @param {ReturnType<typeof import('./token-buckets.mjs').createTokenBuckets>} options.buckets
 * @param {ReturnType<typeof import('./body.mjs').createBodyReader>} options.readBody
 * @param {{ perMinute: number, openPerPerson: number, recheckMs: number }} options.limits `recheckMs`: whoever is still being answered
 *   is looked at again so often
 * @param {(server: string, status: number, seconds: number) => void} options.onAnswer for each request but the streams that listen
 * @param {(reason: string) => void} options.onRefusal
 * @param {import('../../common/service/log.mjs').Log} options.log
 * @returns {(request: Request, response: Response, served: Served) => Promise<void>}
 */
export function createMcpHandler({ introspection, sessionIds, buckets, readBody, limits, onAnswer, onRefusal, log }) {
  /** Requests under way, by person. @type {Map<string, number>} */
  const open = new Map();
  /** Who is being answered, and what it takes to be. @type {Map<Response, { request: Request, least: import('./settings.mjs').Role }>} */
  const answering = new Map();

  /** A stream has no end of its own: it ends with the token, or the role, that opened it. */
  async function endOfOthers() {
    for (const [response, { request, least }] of answering) {
      const answer = await introspection.check(bearerOf(request.headers.authorization) ?? '');
      // While no controller answers, nobody knows better.
      if (answer !== 'away' && !(answer.active && mayUse(answer.person.role, least))) response.destroy();
    }
  }

  /** @type {NodeJS.Timeout | undefined} */
  let recheck;
  /** From the first answer on, until a look finds that nobody is being answered. */
  function keepLooking() {
    recheck ??= setInterval(() => {
      if (answering.size > 0) return void endOfOthers();
      clearInterval(recheck);
      recheck = undefined;
    }, limits.recheckMs).unref();
  }

  /**
   * @param {Request} request
   * @param {import('./settings.mjs').Role} least
   * @returns {Promise<Person | Refusal>}
   */
  async function identify(request, least) {
    const token = bearerOf(request.headers.authorization);
    if (token === undefined) {
      return { status: 401, reason: 'no-token', message: 'Show your token of this team: Authorization: Bearer cet_…' };
    }
    const checked = isToken(token) ? introspection.check(token) : { active: /** @type {const} */ (false) };
    const answer = checked instanceof Promise ? await checked : checked;
    if (answer === 'away') {
      const message = 'No controller answers, so nobody can say whose token this is. Try again in a few seconds.';
      return { status: 503, reason: 'controller-away', message, retryAfter: 5 };
    }
    if (!answer.active) {
      const wait = buckets.take(`address ${request.socket.remoteAddress}`, wrongPerMinute);
      if (wait > 0) return { status: 429, reason: 'wrong-tokens', message: 'Too many wrong tokens.', retryAfter: wait };
      return { status: 401, reason: 'wrong-token', message: 'This token is not, or no longer, one of this team.' };
    }
    const { person, perMinute = limits.perMinute } = answer;
    if (!mayUse(person.role, least)) {
      return { status: 403, reason: 'role', message: `A ${person.role} may not use this server; a ${least} may.` };
    }
    const wait = buckets.take(person.id, perMinute);
    if (wait > 0) {
      const message = `You may ask ${perMinute} times a minute; the next one in ${wait} s.`;
      return { status: 429, reason: 'rate', message, retryAfter: wait };
    }
    if ((open.get(person.id) ?? 0) >= limits.openPerPerson) {
      const message = `You may have ${limits.openPerPerson} requests under way at once.`;
      return { status: 429, reason: 'open', message, retryAfter: 5 };
    }
    return person;
  }

  /**
   * @param {Request} request
   * @param {Served} served
   * @param {Person} person
   * @returns {{ replica: import('./upstream.mjs').Replica, id: string } | undefined | Refusal} undefined: it shows no session
   */
  function findSession(request, { settings, upstream }, person) {
    const shown = request.headers['mcp-session-id'];
    if (typeof shown !== 'string') return undefined;
    const session = sessionIds.open(settings.name, shown);
    if (session === undefined || session.person !== person.id) {
      return { status: 404, code: sessionNotFound, reason: 'no-session', message: 'Session not found' };
    }
    return { replica: upstream.get(session.replica), id: session.upstream };
  }

  /**
   * Sends it to one replica.
   * @param {{ request: Request, response: Response, served: Served, person: Person, body: Buffer | undefined, replica: import('./upstream.mjs').Replica, id: string | undefined, mayTryElsewhere: boolean }} message
   */
  async function send({ request, response, served, person, body, replica, id, mayTryElsewhere }) {
    const { settings, upstream } = served;
    const { method = 'GET' } = request;
    const exchange = new Exchange({
      replica,
      response,
      message: {
        method,
        path: '/mcp',
        headers: toReplica(request.headers, { host: replica.host, session: id }),
        body,
      },
      timeoutMs: settings.timeoutMs,
      listens: method === 'GET',
      mayTryElsewhere,
      onHead: (headers, status) => {
        if (id !== undefined && (status === 404 || (method === 'DELETE' && status < 300))) upstream.end(replica, id);
        else if (id !== undefined) upstream.use(replica, id);
        const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'mcp-session-id');
        if (at < 0) return;
        const own = /** @type {string} */ (headers[at + 1]);
        if (own === id) {
          headers[at + 1] = /** @type {string} */ (request.headers['mcp-session-id']);
          return;
        }
        const sealed = sessionIds.seal(settings.name, { replica: replica.address, person: person.id, upstream: own });
        if (sealed === undefined) return void headers.splice(at, 2);
        headers[at + 1] = sealed;
        upstream.use(replica, own);
      },
    });
    return { exchange, outcome: await exchange.run() };
  }

  /**
   * @param {Request} request @param {Response} response @param {Served} served @param {Person} person
   * @param {Buffer | undefined} body
   * @returns {Promise<Refusal | undefined>} what is left to be answered
   */
  async function forward(request, response, served, person, body) {
    const { settings, upstream } = served;
    const session = findSession(request, served, person);
    if (session !== undefined && 'status' in session) return session;
    /** @type {Set<string>} */
    const tried = new Set();
    for (;;) {
      const replica = session?.replica ?? (await upstream.claim(tried));
      if (replica === undefined) return noReplica(settings.name, tried.size);
      const mayTryElsewhere = session === undefined && upstream.known().length > tried.size + 1;
      const about = { request, response, served, person, body, replica, id: session?.id, mayTryElsewhere };
      const listens = request.method === 'GET' && session !== undefined;
      if (listens) upstream.listen(replica, session.id, 1);
      const { exchange, outcome } = await send(about);
      if (listens) upstream.listen(replica, session.id, -1);
      if (session === undefined) upstream.release(replica);
      if (outcome === 'answered' || outcome === 'left') return undefined;
      if (outcome === 'refused' || outcome === 'busy') {
        const isNamed = outcome === 'busy' || (await upstream.failed(replica));
        if (session === undefined) {
          tried.add(replica.address);
          continue;
        }
        log.warn('a session cannot be reached', { server: settings.name, replica: replica.address, isNamed });
        if (isNamed && exchange.isSilent) return silent(settings.name);
        upstream.end(replica, session.id);
        return gone(settings.name);
      }
      log.warn('a call was not answered', { server: settings.name, replica: replica.address, outcome });
      const refusal = outcome === 'late' ? late(settings) : broken(settings.name);
      if (!response.headersSent) return refusal;
      exchange.breakOff(refusal.message);
      return { ...refusal, isSent: true };
    }
  }

  /** @param {Response} response @param {Refusal} refusal @param {Buffer} [body] as far as it was read */
  function refuse(response, { status, message, code, retryAfter, reason, isSent }, body) {
    onRefusal(reason);
    if (isSent === true || response.destroyed) return;
    if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter));
    if (status === 401) response.setHeader('www-authenticate', 'Bearer realm="claude-env team"');
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(errorBody(requestIds(body), message, code ?? serverError));
  }

  /**
   * @param {Request} request @param {Response} response @param {Served} served @param {Person} person
   * @returns {Promise<Refusal | undefined>}
   */
  async function answer(request, response, served, person) {
    const body = request.method === 'POST' ? await readBody(request, person.id) : undefined;
    if (body !== undefined && 'refused' in body) {
      const refusal = bodyRefusals[body.refused];
      if (refusal !== undefined) refuse(response, refusal);
      return refusal;
    }
    try {
      const refusal = await forward(request, response, served, person, body?.bytes);
      if (refusal !== undefined) refuse(response, refusal, body?.bytes);
      return refusal;
    } finally {
      body?.release();
    }
  }

  /** @param {Request} request @param {Response} response @param {Served} served @returns {Promise<Refusal | undefined>} */
  async function admit(request, response, served) {
    const person = await identify(request, served.settings.role);
    if ('status' in person) {
      refuse(response, person);
      return person;
    }
    open.set(person.id, (open.get(person.id) ?? 0) + 1);
    answering.set(response, { request, least: served.settings.role });
    keepLooking();
    try {
      return await answer(request, response, served, person);
    } finally {
      answering.delete(response);
      const left = (open.get(person.id) ?? 1) - 1;
      if (left === 0) open.delete(person.id);
      else open.set(person.id, left);
    }
  }

  return async (request, response, served) => {
    const begun = performance.now();
    if (!methods.includes(request.method ?? '')) {
      response.setHeader('allow', methods.join(', '));
      return refuse(response, { status: 405, reason: 'method', message: 'MCP knows POST, GET and DELETE' });
    }
    const refusal = await admit(request, response, served);
    // A stream that listens has no duration worth a figure, and a client that left has got no answer.
    if (request.method === 'GET' || (refusal === undefined && !response.writableEnded)) return;
    onAnswer(served.settings.name, refusal?.status ?? response.statusCode, (performance.now() - begun) / 1000);
  };
}
