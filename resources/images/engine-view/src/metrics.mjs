import { Gauge } from 'prom-client';

/* What alerts need of the Swarm: looked at when it is scraped. */

/**
 * @param {import('prom-client').Registry} registry
 * @param {import('./look.mjs').Look} look
 */
export function registerSwarmMetrics(registry, look) {
  /**
   * Each is emptied before it is filled: what is gone, or cannot be seen now, has no number.
   * @param {string} name
   * @param {string} help
   * @param {readonly string[]} labelNames
   * @param {(gauge: Gauge) => Promise<void>} fill
   */
  const gauge = (name, help, labelNames, fill) =>
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      async collect() {
        this.reset();
        // claude_env_swarm_up says that nothing could be seen.
        await fill(this).catch(() => this.reset());
      },
    });
  // Jobs are over when they have run.
  const lasting = async () => (await look.services()).filter(({ mode }) => !mode.endsWith('-job'));

  gauge(
    'claude_env_service_tasks_running',
    'Tasks of a service that run on nodes that answer.',
    ['service'],
    async (to) => {
      for (const { name, running } of await lasting()) to.set({ service: name }, running);
    },
  );
  gauge('claude_env_service_tasks_desired', 'Tasks that a service should have.', ['service'], async (to) => {
    for (const { name, desired } of await lasting()) to.set({ service: name }, desired);
  });
  gauge('claude_env_swarm_nodes', 'Nodes by state and role.', ['state', 'role'], async (to) => {
    for (const { state, role } of await look.nodes()) to.inc({ state, role });
  });
  gauge('claude_env_swarm_up', '1: the engine and the Swarm’s leader answer.', [], async (to) => {
    const seen = await look.nodes().then(
      () => 1,
      () => 0,
    );
    to.set(seen);
  });
}
