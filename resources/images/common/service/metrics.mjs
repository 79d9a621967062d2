import { collectDefaultMetrics, Registry } from 'prom-client';

/**
 * A registry with what Node says of itself (memory, event loop, file descriptors).
 * @returns {{ registry: Registry, handle: (request: unknown, response: import('node:http').ServerResponse) => Promise<void> }}
 *   `handle` answers `GET /metrics` of a plain node:http server
 */
export function createMetrics() {
  const registry = new Registry();
  // Its usual 10 ms mean a hundred wake-ups a second for a service that does nothing.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 200 });
  // Gauges by the name of counters, of which there are others without `_total`: `promtool check metrics` finds fault with them.
  for (const what of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${what}_total`);
  return {
    registry,
    handle: async (_request, response) => {
      const text = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType }).end(text);
    },
  };
}
