// One server's state as a pure reducer: what happened and when, in; the next state, out. Starting processes, timers and
// sockets are elsewhere (runner.mjs).

/** Waits before the first, second, … restart, in milliseconds. The last one stays. */
export const restartDelays = [250, 500, 1000, 2000, 5000, 10_000];

/** A server that was ready for this long starts over with the shortest wait, in milliseconds. */
export const stableAfter = 30_000;

/** After so many failures in a row it is called failed, and still tried. */
export const failedAfter = 3;

/** @typedef {'starting' | 'ready' | 'needs-setup' | 'unreachable' | 'failed'} ServerState */
/** @typedef {{name: string, description: string}} Tool */
/**
 * @typedef {object} ServerRecord
 * @property {string} server
 * @property {number} port
 * @property {ServerState} state
 * @property {string | null} reason
 * @property {readonly Tool[]} tools kept while a server restarts: they are still what it offers
 * @property {number | null} pid
 * @property {number} restarts how often it had to be started again
 * @property {number} since when it entered this state, in ms of the clock
 * @property {number} failures in a row, with no stable time between
 * @property {string | null} note what is wrong although it is ready
 */
/**
 * @typedef {{type: 'needs-setup', reason: string}
 *   | {type: 'ready', pid: number, tools: readonly Tool[]}
 *   | {type: 'unreachable', reason: string}
 *   | {type: 'ended', reason: string}
 *   | {type: 'lost', reason: string}
 *   | {type: 'note', note: string | null}} ServerEvent
 */

/**
 * @param {{name: string, port: number}} definition
 * @param {number} now
 * @returns {ServerRecord}
 */
export function toInitialRecord(definition, now) {
  return {
    server: definition.name,
    port: definition.port,
    state: 'starting',
    reason: null,
    tools: [],
    pid: null,
    restarts: 0,
    since: now,
    failures: 0,
    note: null,
  };
}

/**
 * @param {ServerRecord} record
 * @param {ServerEvent} event
 * @param {number} now ms of the same clock as in toInitialRecord
 * @returns {ServerRecord}
 */
export function reduceServer(record, event, now) {
  const next = apply(record, event, now);
  return next.state === record.state ? next : { ...next, since: now };
}

/** @type {(record: ServerRecord, event: ServerEvent, now: number) => ServerRecord} */
function apply(record, event, now) {
  switch (event.type) {
    case 'needs-setup':
      return { ...record, state: 'needs-setup', reason: event.reason, pid: null };
    case 'ready':
      return { ...record, state: 'ready', reason: record.note, pid: event.pid, tools: event.tools };
    case 'unreachable':
      // It was not restarted and did not crash: the fault is elsewhere, so no failure is counted.
      return { ...record, state: 'unreachable', reason: event.reason, pid: null, failures: 0 };
    case 'lost':
      // A process of one of its sessions ended, not the one that is asked. It is asked again at once; until then nothing is
      // known for sure.
      return record.state === 'ready'
        ? { ...record, state: 'starting', reason: event.reason, restarts: record.restarts + 1 }
        : record;
    case 'note':
      return { ...record, note: event.note, reason: record.state === 'ready' ? event.note : record.reason };
    case 'ended': {
      const wasStable = record.state === 'ready' && now - record.since >= stableAfter;
      const failures = wasStable ? 1 : record.failures + 1;
      const state = failures >= failedAfter ? 'failed' : 'starting';
      return { ...record, state, reason: event.reason, pid: null, failures, restarts: record.restarts + 1 };
    }
  }
}

/**
 * How long to wait before it is started again.
 * @param {ServerRecord} record
 * @returns {number} ms
 */
export function toRestartDelay(record) {
  const index = Math.min(Math.max(record.failures - 1, 0), restartDelays.length - 1);
  return restartDelays[index] ?? 0;
}

/**
 * What the app sees of it.
 * @param {ServerRecord} record
 */
export function toStatus(record) {
  return {
    server: record.server,
    port: record.port,
    path: '/mcp',
    state: record.state,
    reason: record.reason,
    tools: record.tools,
    pid: record.pid,
    restarts: record.restarts,
    since: new Date(record.since).toISOString(),
  };
}

/**
 * Whether the container is well. A missing key or an unreachable service is nothing that a restart or an alarm mends.
 * @param {readonly {server: string, state: ServerState, reason: string | null}[]} servers
 * @returns {{healthy: boolean, lines: string[]}}
 */
export function toHealth(servers) {
  const healthy = servers.every(({ state }) => state !== 'starting' && state !== 'failed');
  const lines = servers.map(
    ({ server, state, reason }) => `${server}: ${state}${reason === null ? '' : ` (${reason})`}`,
  );
  return { healthy, lines };
}
