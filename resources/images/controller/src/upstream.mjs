import { resolve4, resolve6 } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Failure } from './failure.mjs';

/*
 * The other services of the stack, asked with the service key. Each may be away: then what it knows is not known.
 */

/** @typedef {{ readonly success: number, readonly failure: number }} Counts */
/**
 * @typedef {object} SyncState of config-sync's GET /state, what is used of it
 * @property {string | null} [remote] null: none is set
 * @property {string | null} lastSync
 * @property {{ readonly message: string } | null} error
 * @property {string | null} remoteHead
 * @property {{ sha: string, since: string, subject: string, signedBy: string | null, approvedBy: string | null } | null} current
 * @property {{ readonly fiveMinutes?: Counts, readonly hour?: Counts, readonly day?: Counts }} [syncs]
 */

/**
 * @typedef {object} Looked what a look at the repository has brought
 * @property {boolean} done false: config-sync is still at it
 * @property {{ message: string, hint?: string } | null} error
 * @property {{ sha: string, subject: string } | null} offered to members since this look
 * @property {readonly { sha: string, subject: string, refused: { message: string } | null }[]} waiting seen for the first time
 * @property {number} pending all that wait
 */

/** For a look at the repository; the gateway waits for 30 s. */
const lookPatience = 25_000;

/** An answer is asked for once by all who ask within so many milliseconds. */
const fresh = 2000;

/**
 * @template T
 * @param {() => Promise<T>} ask
 * @returns {(() => Promise<T>) & { forget: () => void }} `forget`: the next one asks anew
 */
export function shared(ask) {
  /** @type {{ at: number, answer: Promise<T> } | undefined} */
  let last;
  const answer = () => {
    if (last === undefined || performance.now() - last.at > fresh) last = { at: performance.now(), answer: ask() };
    return last.answer;
  };
  return Object.assign(answer, {
    forget: () => {
      last = undefined;
    },
  });
}

/**
 * @param {import('./settings.mjs').Settings} settings
 * @param {string} serviceKey
 */
export function createUpstream({ configSync, engineView, gateway }, serviceKey) {
  const headers = { authorization: `Bearer ${serviceKey}` };
  /** @param {string} url @param {RequestInit} [init] @param {number} [timeout] */
  const call = (url, init, timeout = 4000) =>
    fetch(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
      ...init,
      headers: { ...headers, .../** @type {Record<string, string> | undefined} */ (init?.headers) },
    });

  /** @param {string} url @returns {Promise<any>} undefined where it does not answer as it should */
  const read = async (url) => {
    try {
      const answer = await call(url);
      if (answer.ok) return await answer.json();
      await answer.body?.cancel();
      return undefined;
    } catch {
      // Away: whoever asked says so.
      return undefined;
    }
  };

  /** Of a name with several addresses each one: `tasks.gateway`. */
  const gateways = async () => {
    if (isIP(gateway.host) !== 0) return [gateway.host];
    const found = await Promise.allSettled([resolve4(gateway.host), resolve6(gateway.host)]);
    return found.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  };

  /** @type {(() => Promise<SyncState | undefined>) & { forget: () => void }} */
  const sync = shared(() => read(`${configSync}/state`));
  /** @type {(() => Promise<{ offered?: readonly object[], pending?: readonly object[] } | undefined>) & { forget: () => void }} */
  const revisions = shared(() => read(`${configSync}/revisions?limit=100`));

  const forget = () => {
    sync.forget();
    revisions.forget();
  };

  return {
    sync,
    revisions,
    /** What config-sync has said is no longer so. */
    forget,
    /** @type {() => Promise<any>} as it is: engine-view has chosen what may be seen */
    swarm: shared(() => read(`${engineView}/swarm`)),
    /** @type {() => Promise<readonly import('./view.mjs').Summary[] | undefined>} */
    summaries: shared(async () => {
      const hosts = await gateways();
      const answers = await Promise.all(
        hosts.map((host) => read(`http://${isIP(host) === 6 ? `[${host}]` : host}:${gateway.port}/summary`)),
      );
      const said = answers.filter((answer) => Array.isArray(answer?.servers));
      return said.length === 0 ? undefined : said;
    }),
    /**
     * @param {string} sha
     * @returns {Promise<{ body: ReadableStream, bytes: string | null }>}
     */
    archive: async (sha) => {
      const answer = await call(`${configSync}/archive/${sha}`, {}, 60_000).catch(() => undefined);
      if (answer === undefined) throw unknownConfig();
      if (answer.ok && answer.body !== null) return { body: answer.body, bytes: answer.headers.get('content-length') };
      await answer.body?.cancel();
      if (answer.status === 404)
        throw new Failure(404, 'revision.unknown', 'This revision of the configuration is not offered.');
      throw unknownConfig();
    },
    /** A look at the repository that begins now. @returns {Promise<Looked>} */
    look: async () => {
      /** @type {Response | 'late' | undefined} */
      const answer = await call(`${configSync}/sync`, { method: 'POST' }, lookPatience).catch((error) =>
        error.name === 'TimeoutError' ? 'late' : undefined,
      );
      forget();
      // It goes on by itself, and what it finds is seen as every other sync's.
      if (answer === 'late') return { done: false, error: null, offered: null, waiting: [], pending: 0 };
      const state = /** @type {any} */ (answer?.ok ? await answer.json().catch(() => undefined) : undefined);
      if (state === undefined) {
        await answer?.body?.cancel().catch(() => undefined);
        throw unknownConfig();
      }
      return toLooked(state);
    },
    /** @param {string} sha @param {string} by an operator's name */
    approve: async (sha, by) => {
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ by }),
      };
      const answer = await call(`${configSync}/revisions/${sha}/approve`, init, 30_000).catch(() => undefined);
      const said = /** @type {any} */ (await answer?.json().catch(() => undefined));
      if (answer === undefined || said === undefined) throw unknownConfig();
      // Who is told of it asks at once.
      forget();
      if (answer.ok) return said;
      const { code, message, hint } = said.error ?? {};
      // It says by 503 what stands in its own way, such as a full disk.
      if (
        answer.status < 400 ||
        (answer.status > 499 && answer.status !== 503) ||
        answer.status === 401 ||
        typeof message !== 'string'
      )
        throw unknownConfig();
      throw new Failure(answer.status, String(code), message, typeof hint === 'string' ? { hint } : {});
    },
    /**
     * Resolves when the stream ends, or at once when there is none.
     * @param {() => void} onChange
     * @param {AbortSignal} signal
     */
    followSwarm: async (onChange, signal) => {
      const answer = await fetch(`${engineView}/changes`, { headers, redirect: 'error', signal });
      if (!answer.ok || answer.body === null) return void (await answer.body?.cancel());
      for await (const _chunk of answer.body) onChange();
    },
  };
}

/** @param {any} state of config-sync's POST /sync @returns {Looked} */
const toLooked = ({ error, pendingCount, news: { offered, waiting } }) => ({
  done: true,
  error: error && { message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) },
  offered: offered && { sha: offered.sha, subject: offered.subject },
  waiting: waiting.map((/** @type {Looked['waiting'][number]} */ { sha, subject, refused }) => ({
    sha,
    subject,
    refused: refused && { message: refused.message },
  })),
  pending: pendingCount,
});

export const unknownConfig = () =>
  new Failure(503, 'config.unknown', 'config-sync does not answer now.', { retryAfter: 3 });

/** @typedef {ReturnType<typeof createUpstream>} Upstream */
