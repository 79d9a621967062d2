import { Gauge, Histogram } from 'prom-client';

/**
 * The controller's metrics. Each replica reports the team's numbers; they are the same.
 * @param {object} options
 * @param {import('prom-client').Registry} options.registry
 * @param {string} options.team
 * @param {import('./database.mjs').Database} options.database
 * @param {import('./fan-out.mjs').FanOut} options.fanOut
 * @param {import('./picture.mjs').Picture} options.picture
 * @param {() => number} options.clients
 */
export function createFigures({ registry, team, database, fanOut, picture, clients }) {
  /** @param {string} name @param {string} help @param {() => number} read */
  const gauge = (name, help, read) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge('claude_env_database_up', 'Whether Postgres answered last', () => Number(database.isUp()));
  gauge('claude_env_redis_up', 'Whether Redis answers', () => Number(fanOut.isUp()));
  gauge('claude_env_database_connections_active', 'In use', () => database.connections().active);
  gauge('claude_env_database_connections_max', 'That the pool may have', () => database.connections().max);
  gauge('claude_env_websocket_clients', 'Connected to this replica', clients);

  /** Not known is no number: the series is absent then. */
  const known = async () => picture.figures().catch(() => undefined);
  new Gauge({
    name: 'claude_env_environment_status',
    help: 'Number of environments by state',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const [state, count] of Object.entries((await known())?.states ?? {})) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'claude_env_config_drift_percentage',
    help: 'Environments whose configuration is not what the team offers',
    labelNames: ['team'],
    registers: [registry],
    async collect() {
      this.reset();
      const percent = (await known())?.drift;
      if (typeof percent === 'number') this.set({ team }, percent);
    },
  });
  return new Histogram({
    name: 'claude_env_http_request_duration_seconds',
    help: 'Until the answer was sent',
    labelNames: ['method', 'route', 'code'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
}
