import { createServer } from 'node:http';

/*
 * What the stack's own network sees: /health, /ready and /metrics for everybody there, /summary for whoever has the service key.
 */

/**
 * @param {object} options
 * @param {() => Readonly<Record<string, unknown>> & { ready: boolean }} options.readiness
 * @param {() => unknown} options.summary
 * @param {(header: string | undefined) => boolean} options.hasKey
 * @param {(request: unknown, response: import('node:http').ServerResponse) => Promise<void>} options.metrics
 */
export function createInternalServer({ readiness, summary, hasKey, metrics }) {
  return createServer((request, response) => {
    /** @param {number} status @param {unknown} body */
    const answer = (status, body) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.method !== 'GET') return answer(405, { error: { code: 'method', message: 'Only GET.' } });
    switch (request.url) {
      case '/health':
        return answer(200, { healthy: true });
      case '/ready': {
        const state = readiness();
        return answer(state.ready ? 200 : 503, state);
      }
      case '/metrics':
        return void metrics(request, response).catch(() => response.destroy());
      case '/summary':
        if (hasKey(request.headers.authorization)) return answer(200, summary());
        return answer(401, { error: { code: 'key', message: 'This needs the service key.' } });
      default:
        return answer(404, {
          error: { code: 'unknown', message: 'There are /health, /ready, /metrics and /summary.' },
        });
    }
  });
}
