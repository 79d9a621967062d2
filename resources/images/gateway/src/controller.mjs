import { Exchange } from './exchange.mjs';
import { toController } from './headers.mjs';

/*
 * What the gateway has to do with the controller: it asks whose a token is, and hands over what is under /api as it came.
 */

/** @typedef {import('./upstream.mjs').Upstream} Upstream */

const askMs = 2000;
const answerMs = 30_000;
/** Of one address at once: many people may come from one, and one connection may ask thousands of times before it is answered. */
const openPerAddress = 256;

/** @param {import('node:http').ServerResponse} response @param {number} status @param {string} code @param {string} message */
export function refuseJson(response, status, code, message) {
  if (response.destroyed) return;
  if (status === 503) response.setHeader('retry-after', '5');
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { code, message } }));
}

/**
 * @param {object} options
 * @param {Upstream} options.upstream
 * @param {string} options.serviceKey
 * @returns {(token: string) => Promise<import('./introspection.mjs').Answer>} rejects when no controller answers
 */
export function createQuestion({ upstream, serviceKey }) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${serviceKey}` };

  /** @param {import('./upstream.mjs').Replica} replica @param {string} body */
  async function ask({ pool, host }, body) {
    const { statusCode, body: answer } = await pool.request({
      method: 'POST',
      path: '/internal/introspect',
      headers: { ...headers, host },
      body,
      signal: AbortSignal.timeout(askMs),
    });
    if (statusCode !== 200) {
      await answer.dump();
      throw new Error(`the controller answers ${statusCode}`);
    }
    return parseAnswer(await answer.json());
  }

  return async (token) => {
    const body = JSON.stringify({ token });
    /** @type {Set<string>} */
    const tried = new Set();
    let last = new Error('no controller is running');
    // Two of them: a third would make whoever waits give up.
    while (tried.size < 2) {
      const replica = await upstream.pick(tried);
      if (replica === undefined) break;
      try {
        return await ask(replica, body);
      } catch (error) {
        last = error;
        tried.add(replica.address);
        void upstream.failed(replica);
      }
    }
    throw last;
  };
}

/**
 * @param {unknown} json
 * @returns {import('./introspection.mjs').Answer}
 * @throws {Error} where it is not what the two have agreed on
 */
export function parseAnswer(json) {
  const { active, person, perMinute } = /** @type {Record<string, any>} */ (json ?? {});
  if (active === false) return { active };
  const { id, name, role } = person ?? {};
  const isPerson = typeof id === 'string' && id !== '' && typeof name === 'string';
  if (active !== true || !isPerson || !['guest', 'member', 'operator'].includes(role)) {
    throw new Error('the controller answers in a form that this gateway does not know');
  }
  const limit = Number.isInteger(perMinute) && perMinute > 0 ? { perMinute } : {};
  return { active, person: { id, name, role }, ...limit };
}

/**
 * @param {object} options
 * @param {Upstream} options.upstream
 * @param {string} options.serviceKey
 * @param {ReturnType<typeof import('./body.mjs').createBodyReader>} options.readBody
 * @returns {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => Promise<void>}
 */
export function createApiHandler({ upstream, serviceKey, readBody }) {
  /** By address. @type {Map<string, number>} */
  const open = new Map();

  return async (request, response) => {
    const { remoteAddress = '' } = request.socket;
    const others = open.get(remoteAddress) ?? 0;
    if (others >= openPerAddress) return refuseJson(response, 429, 'gateway.open', 'Too much is asked at once.');
    open.set(remoteAddress, others + 1);
    try {
      await answer(request, response, remoteAddress);
    } finally {
      const left = (open.get(remoteAddress) ?? 1) - 1;
      if (left === 0) open.delete(remoteAddress);
      else open.set(remoteAddress, left);
    }
  };

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response @param {string} sender */
  async function answer(request, response, sender) {
    const body = await readBody(request, sender);
    if ('refused' in body) {
      if (body.refused === 'too large') refuseJson(response, 413, 'body.large', 'A request may have 1 MB.');
      else if (body.refused === 'too much')
        refuseJson(response, 503, 'gateway.busy', 'Too much is being sent at once.');
      return;
    }
    await forward(request, response, body.bytes).finally(body.release);
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response @param {Buffer} body */
  async function forward(request, response, body) {
    const { method = 'GET', url = '/' } = request;
    /** @type {Set<string>} */
    const tried = new Set();
    for (;;) {
      const replica = await upstream.pick(tried);
      if (replica === undefined) return refuseJson(response, 503, 'controller.away', 'No controller answers.');
      const message = { method, path: url, headers: toController(request, serviceKey), body };
      const exchange = new Exchange({
        replica,
        response,
        message,
        timeoutMs: answerMs,
        listens: false,
        mayTryElsewhere: false,
      });
      const outcome = await exchange.run();
      if (outcome === 'answered' || outcome === 'left') return;
      if (outcome === 'refused') {
        tried.add(replica.address);
        await upstream.failed(replica);
        continue;
      }
      if (response.headersSent) exchange.breakOff('');
      else if (outcome === 'late')
        refuseJson(response, 504, 'controller.late', 'The controller did not answer in 30 s.');
      else refuseJson(response, 502, 'controller.broken', 'The controller ended before it had answered.');
      return;
    }
  }
}
