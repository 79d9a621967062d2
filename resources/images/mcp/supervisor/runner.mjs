// Keeps one server running: starts it, asks it, starts it again when it ends. What happened goes through the reducer.
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { createEndpoint } from './endpoint.mjs';
import { checkCloud, openProbe, probeHeader } from './probe.mjs';
import { toProbeFailure } from './probe-failure.mjs';
import { toMissingKey } from './servers.mjs';
import { createSessions } from './sessions.mjs';
import { reduceServer, toInitialRecord, toRestartDelay, toStatus } from './state.mjs';

/** Between two questions to a server that is ready, in milliseconds; up to a fifth more, so that they do not all fall together. */
const probeEvery = 15_000;
/** Between two attempts to reach a cloud service that did not answer. */
const unreachableDelays = [15_000, 30_000, 60_000];
const cloudEvery = 5 * 60_000;

/**
 * @param {object} options
 * @param {import('./servers.mjs').ServerDefinition} options.definition
 * @param {Record<string, string | undefined>} options.env
 * @param {ReturnType<typeof import('./access.mjs').toAccessRule>} options.rule
 * @param {(status: ReturnType<typeof toStatus>) => void} options.onChange called with each new state, and only then
 */
export function createRunner({ definition, env, rule, onChange }) {
  const secret = randomUUID();
  const sessions = createSessions(definition, env);
  let record = toInitialRecord(definition, Date.now());
  /** @type {ReturnType<typeof sessions.open> | undefined} */
  let own;

  const endpoint = createEndpoint({
    definition,
    rule,
    sessions,
    refusal: () => (record.state === 'needs-setup' ? record.reason : null),
    onOpen: (session, request) => {
      if (request.headers[probeHeader] === secret) {
        own = session;
      }
    },
  });

  /** @param {import('./state.mjs').ServerEvent} event */
  function apply(event) {
    const before = JSON.stringify(toStatus(record));
    record = reduceServer(record, event, Date.now());
    const after = toStatus(record);
    if (JSON.stringify(after) !== before) {
      onChange(after);
    }
  }

  /** Runs the server once, until it ends or stops answering. @param {AbortSignal} signal */
  async function runOnce(signal) {
    own = undefined;
    const probe = await openProbe({ port: definition.port, secret }).catch((error) => {
      // A process that ended says more than the request that it left unanswered.
      apply(toProbeFailure(error, definition));
    });
    if (probe === undefined) {
      stopOwn();
      return;
    }
    try {
      await watchProbe(probe, signal);
    } finally {
      await probe.close();
      stopOwn();
    }
  }

  function stopOwn() {
    own?.process.stop();
  }

  /** @param {Awaited<ReturnType<typeof openProbe>>} probe @param {AbortSignal} signal */
  async function watchProbe(probe, signal) {
    const { process: child } = /** @type {NonNullable<typeof own>} */ (own);
    while (!signal.aborted) {
      const listed = await Promise.race([
        child.ended.then((reason) => ({ reason })),
        probe.listTools().then(
          (tools) => ({ tools }),
          (error) => ({ reason: `does not answer tools/list: ${error.message}` }),
        ),
      ]);
      if ('reason' in listed) {
        return apply({ type: 'ended', reason: listed.reason });
      }
      apply({ type: 'ready', pid: child.pid, tools: listed.tools });
      sessions.closeIdle(Date.now());
      const reason = await endedWithin(child.ended, probeEvery * (1 + Math.random() / 5), signal);
      if (reason !== undefined) {
        return apply({ type: 'ended', reason });
      }
    }
  }

  /** @param {AbortSignal} signal */
  async function run(signal) {
    let attempts = 0;
    while (!signal.aborted) {
      await runOnce(signal);
      if (signal.aborted || record.state === 'needs-setup') {
        return;
      }
      attempts = record.state === 'unreachable' ? attempts + 1 : 0;
      const delay =
        record.state === 'unreachable'
          ? unreachableDelays[Math.min(attempts, unreachableDelays.length) - 1]
          : toRestartDelay(record);
      await wait(delay, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @param {string} url @param {AbortSignal} signal */
  async function watchCloud(url, signal) {
    while (!signal.aborted) {
      const note = await checkCloud(url, signal);
      if (signal.aborted) {
        return;
      }
      apply({ type: 'note', note });
      await wait(note === null ? cloudEvery : cloudEvery / 5, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    status: () => toStatus(record),
    /** Listens, then runs the server until the signal aborts. @param {AbortSignal} signal */
    async start(signal) {
      await new Promise((resolve, reject) => {
        endpoint.once('error', reject);
        endpoint.listen(definition.port, () => resolve(undefined));
      });
      const missing = toMissingKey(definition, env);
      if (missing !== null) {
        apply({ type: 'needs-setup', reason: missing });
        return;
      }
      const watching = definition.cloud === null ? undefined : watchCloud(definition.cloud, signal);
      await run(signal);
      await watching;
    },
    async stop() {
      endpoint.close();
      endpoint.closeAllConnections();
      await sessions.closeAll();
    },
  };
}

/**
 * @param {Promise<string>} ended
 * @param {number} delay ms
 * @param {AbortSignal} signal
 * @returns {Promise<string | undefined>} why it ended, or undefined when the time passed first
 */
async function endedWithin(ended, delay, signal) {
  const timer = new AbortController();
  const passed = wait(delay, undefined, { signal: AbortSignal.any([signal, timer.signal]) }).catch(() => undefined);
  const reason = await Promise.race([ended, passed]);
  timer.abort();
  return reason;
}
