import { Counter, Gauge, Histogram } from 'prom-client';

/* What Prometheus reads. The seeds' names where they have one. */

/**
 * @param {import('prom-client').Registry} registry
 * @param {() => import('./state.mjs').ServiceState} getState
 */
export function createMeasures(registry, getState) {
  const registers = [registry];
  const syncs = new Counter({
    name: 'claude_env_sync_total',
    help: 'Syncs by how they ended.',
    labelNames: ['status'],
    registers,
  });
  // Both are there from the start, so that rate() sees the first one.
  for (const status of ['success', 'failure']) syncs.inc({ status }, 0);
  const failures = new Counter({
    name: 'claude_env_sync_failures_total',
    help: 'Failed syncs by reason.',
    labelNames: ['code'],
    registers,
  });
  const duration = new Histogram({
    name: 'claude_env_sync_duration_seconds',
    help: 'How long a sync took.',
    buckets: [0.1, 0.3, 1, 3, 10, 30, 100, 300],
    registers,
  });
  /** @param {string} name @param {string} help @param {(state: import('./state.mjs').ServiceState) => number} pick */
  const gauge = (name, help, pick) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(pick(getState()));
      },
    });
  const toSeconds = (/** @type {string | null | undefined} */ date) => (date ? Date.parse(date) / 1000 : 0);
  gauge('claude_env_sync_last_success_timestamp_seconds', 'When the last sync succeeded; 0: none did.', (state) =>
    toSeconds(state.lastSync),
  );
  gauge(
    'claude_env_config_pending_revisions',
    'Revisions that wait for a signature or an approval.',
    (state) => state.pendingCount,
  );
  gauge(
    'claude_env_config_revision_timestamp_seconds',
    'Since when the offered revision is offered; 0: none is.',
    (state) => toSeconds(state.current?.since),
  );
  new Gauge({
    name: 'claude_env_config_revision_info',
    help: 'The revision that is offered.',
    labelNames: ['sha', 'trust'],
    registers,
    collect() {
      this.reset();
      const { current } = getState();
      if (current) this.set({ sha: current.sha, trust: current.approvedBy === null ? 'signature' : 'approval' }, 1);
    },
  });

  return {
    /** @param {import('./choice.mjs').Problem | null} problem @param {number} seconds */
    count: (problem, seconds) => {
      syncs.inc({ status: problem === null ? 'success' : 'failure' });
      if (problem) failures.inc({ code: problem.code });
      duration.observe(seconds);
    },
  };
}
