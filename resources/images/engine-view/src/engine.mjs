import { Agent, request } from 'node:http';

/*
 * The engine's API, as far as this program can say it: GET of the paths below and nothing else. Nothing that a client sends
 * has any part in a request to the engine: callers choose a name out of this list.
 */

/** @param {Readonly<Record<string, readonly string[]>>} filters */
const filtered = (filters) => `?filters=${encodeURIComponent(JSON.stringify(filters))}`;

const paths = Object.freeze({
  info: '/info',
  nodes: '/nodes',
  services: '/services?status=true',
  tasks: '/tasks',
  configs: `/configs${filtered({ label: ['io.claude-env.deploy'] })}`,
});
const eventsPath = `/events${filtered({ type: ['node', 'service', 'config'], scope: ['swarm'] })}`;

/** @typedef {keyof typeof paths} Question */

/** Milliseconds: longer than any manager took that has a leader (measured for main/docker/swarm-observe.ts). */
const patience = 9000;
/** Bytes of an answer: a Swarm of 1,000 tasks answers about 2 MB. */
const largest = 64 * 1024 * 1024;

/** What went wrong, in words of ours: the engine's own may name paths and addresses of the machine. */
export class EngineFailure extends Error {
  /** @param {'engine.unreachable' | 'engine.forbidden' | 'swarm.none' | 'swarm.no-leader' | 'engine.failed'} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.name = 'EngineFailure';
    this.code = code;
  }
}

/** @param {NodeJS.ErrnoException} error */
function unreachable({ code }) {
  if (code === 'EACCES' || code === 'EPERM')
    return new EngineFailure('engine.forbidden', 'The engine’s socket may not be read by this program.');
  return new EngineFailure('engine.unreachable', 'The engine does not answer.');
}

/** @param {number} status @param {string} body */
function refused(status, body) {
  // Seen with 20.10: 503 for both, 406 where it is a worker.
  if (/not a swarm manager|not part of a swarm/i.test(body))
    return new EngineFailure('swarm.none', 'This machine is no manager of a Swarm.');
  if (/leader|quorum|context deadline exceeded|rpc error/i.test(body))
    return new EngineFailure('swarm.no-leader', 'The Swarm has no leader.');
  return new EngineFailure('engine.failed', `The engine answers ${status}.`);
}

/** @param {string} socketPath */
export function createEngine(socketPath) {
  const agent = new Agent({ keepAlive: true, maxSockets: 6, maxFreeSockets: 2 });
  /** `/v1.41`: an engine may refuse paths without a version. @type {Promise<string> | undefined} */
  let version;

  /**
   * @param {string} path
   * @param {{ agent: Agent | false, signal: AbortSignal }} options
   * @returns {Promise<import('node:http').IncomingMessage>}
   */
  const send = (path, options) =>
    new Promise((resolve, reject) => {
      // The signal goes on to the answer's body.
      request({ socketPath, path, method: 'GET', headers: { host: 'engine' }, ...options })
        .on('response', resolve)
        .on('error', (error) => reject(unreachable(error)))
        .end();
    });

  /** @param {import('node:http').IncomingMessage} answer */
  async function readAll(answer) {
    /** @type {Buffer[]} */
    const parts = [];
    let size = 0;
    try {
      for await (const part of answer) {
        size += part.length;
        if (size > largest) throw new EngineFailure('engine.failed', 'The engine’s answer is too large.');
        parts.push(part);
      }
    } catch (error) {
      throw error instanceof EngineFailure ? error : unreachable(error);
    }
    return Buffer.concat(parts).toString('utf8');
  }

  /** @param {string} path */
  async function get(path) {
    const answer = await send(path, { agent, signal: AbortSignal.timeout(patience) });
    const body = await readAll(answer);
    const { statusCode = 0 } = answer;
    if (statusCode !== 200) throw refused(statusCode, body);
    return { body, headers: answer.headers };
  }

  async function askVersion() {
    const { 'api-version': said } = (await get('/_ping')).headers;
    return /^\d+\.\d+$/.test(String(said)) ? `/v${said}` : '';
  }

  /** @param {string} path */
  async function versioned(path) {
    version ??= askVersion();
    try {
      return `${await version}${path}`;
    } catch (error) {
      version = undefined;
      throw error;
    }
  }

  return {
    /**
     * @param {Question} question
     * @returns {Promise<unknown>} what the engine says, all of it
     * @throws {EngineFailure}
     */
    ask: async (question) => {
      try {
        return JSON.parse((await get(await versioned(paths[question]))).body);
      } catch (error) {
        // After a restart it may be another engine.
        version = undefined;
        throw error instanceof EngineFailure
          ? error
          : new EngineFailure('engine.failed', 'The engine’s answer is no JSON.');
      }
    },
    /**
     * Calls back with each event of the Swarm's nodes, services and configs; ends when the engine's stream does.
     * @param {() => void} onEvent
     * @param {AbortSignal} signal
     * @throws {EngineFailure} when it cannot begin
     */
    follow: async (onEvent, signal) => {
      const answer = await send(await versioned(eventsPath), { agent: false, signal });
      if (answer.statusCode !== 200) throw refused(answer.statusCode ?? 0, await readAll(answer));
      try {
        for await (const _ of answer) onEvent();
      } catch (error) {
        if (!signal.aborted) throw unreachable(error);
      }
    },
    close: () => agent.destroy(),
  };
}

/** @typedef {ReturnType<typeof createEngine>} Engine */
