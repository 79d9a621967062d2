import { Counter, Gauge, Histogram } from 'prom-client';
import { createStatistics } from './statistics.mjs';

/*
 * What Prometheus reads, with the names that the dashboards and alerts of resources/stacks/team ask for, and the same figures
 * for /summary, which the controller reads so that the app shows them without any Prometheus.
 */

/**
 * @param {object} options
 * @param {import('prom-client').Registry} options.registry
 * @param {readonly import('./mcp.mjs').Served[]} options.servers
 * @param {() => boolean} options.isAway whether no controller answers
 * @param {number | undefined} options.expires when the certificate ends, in seconds since 1970
 * @param {() => number} options.now milliseconds that never go back
 */
export function createMeasures({ registry, servers, isAway, expires, now }) {
  const registers = [registry];
  const durations = new Histogram({
    name: 'claude_env_mcp_request_duration_seconds',
    help: 'From the request until the whole answer, by server and HTTP code; streams that listen are not counted',
    labelNames: ['server', 'code'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  });
  const refusals = new Counter({
    name: 'claude_env_gateway_refusals_total',
    help: 'Requests that the gateway answered itself, by reason',
    labelNames: ['reason'],
    registers,
  });
  const table = new Map(servers.map((served) => [served.settings.name, { served, statistics: createStatistics(now) }]));

  /** @param {string} name @param {string} help @param {(one: { served: import('./mcp.mjs').Served, statistics: ReturnType<typeof createStatistics> }) => number} read */
  const perServer = (name, help, read) =>
    new Gauge({
      name,
      help,
      labelNames: ['server'],
      registers,
      collect() {
        for (const [server, one] of table) this.set({ server }, read(one));
      },
    });
  perServer(
    'mcp_requests_per_second',
    'Requests a second in the last minute',
    ({ statistics }) => statistics.read().requestsPerSecond,
  );
  perServer('claude_env_mcp_replicas', 'Replicas that the DNS names', ({ served }) => served.upstream.known().length);
  perServer('claude_env_gateway_open_requests', 'Requests under way', ({ served }) =>
    served.upstream.read().reduce((sum, { open }) => sum + open, 0),
  );
  new Gauge({
    name: 'claude_env_introspection_stale',
    help: '1 while no controller answers and earlier answers on tokens still hold',
    registers,
    collect() {
      this.set(isAway() ? 1 : 0);
    },
  });
  if (expires !== undefined) {
    new Gauge({
      name: 'claude_env_certificate_expiry_timestamp_seconds',
      help: 'When the certificate in use ends',
      registers,
    }).set(expires);
  }

  /** Finding the labels costs more than counting. @type {Map<string, import('prom-client').Histogram.Internal<'server' | 'code'>>} */
  const labelled = new Map();

  return {
    /** @param {string} server @param {number} status @param {number} seconds */
    onAnswer: (server, status, seconds) => {
      const key = `${status} ${server}`;
      let child = labelled.get(key);
      if (child === undefined) {
        child = durations.labels(server, String(status));
        labelled.set(key, child);
      }
      child.observe(seconds);
      table.get(server)?.statistics.record(seconds, status >= 500);
    },
    /** @param {string} reason */
    onRefusal: (reason) => refusals.inc({ reason }),
    summary: () => ({
      servers: [...table].map(([name, { served, statistics }]) => ({
        name,
        replicas: served.upstream.read(),
        ...statistics.read(),
      })),
    }),
  };
}
