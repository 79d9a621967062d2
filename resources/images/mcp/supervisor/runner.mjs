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
  const sessions = createSessions({
    definition,
    env,
    onLoss: (reason, lost) => {
      if (lost !== own?.process) {
        apply({ type: 'lost', reason: `a process of it ${reason}` });
        hurry.abort();
      }
    },
  });
  let record = toInitialRecord(definition, Date.now());
  /** @type {ReturnType<typeof sessions.open> | undefined} the supervisor's own session */
  let own;
  /** Ends the pause between two questions. */
  let hurry = new AbortController();

  const endpoint = createEndpoint({
    definition,
    rule,
    sessions,
    refusal: () => (record.state === 'needs-setup' ? record.reason : null),
    onOpen: (session, request) => {
      if (request.headers[probeHeader] === secret) {
        own = session;
      } else if (record.state === 'ready') {
        sessions.prepare();
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
    sessions.prepare();
    /** @type {string | undefined} */
    let end;
    child.ended.then((reason) => {
      end = reason;
      hurry.abort();
    });
    while (!signal.aborted) {
      // Whatever happens from here on, also while it is asked, shortens the pause after.
      hurry = new AbortController();
      // A process that ends while it is asked answers so (sessions.mjs), and `end` says more.
      const tools = await probe.listTools().catch((error) => {
        end ??= `does not answer tools/list: ${error.message}`;
      });
      if (tools !== undefined && end === undefined) {
        apply({ type: 'ready', pid: child.pid, tools });
        sessions.closeIdle(Date.now());
        const delay = probeEvery * (1 + Math.random() / 5);
        await wait(delay, undefined, { signal: AbortSignal.any([signal, hurry.signal]) }).catch(() => undefined);
      }
      if (end !== undefined) {
        return apply({ type: 'ended', reason: end });
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
