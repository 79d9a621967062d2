// What our other services ask. README.md lists it.

import { createReadStream } from 'node:fs';
import Fastify from 'fastify';
import { toNews, toRevisions } from './state.mjs';
import { Refused } from './sync.mjs';

const statusOf = { 'revision.unknown': 404, 'revision.older': 409, 'revision.refused': 422 };
const sha = { type: 'string', pattern: '^[0-9a-f]{40}$' };
const ofRevision = { params: { type: 'object', required: ['sha'], properties: { sha } } };
/** @param {string} code @param {string} message */
const failure = (code, message) => ({ error: { code, message } });

/**
 * @param {object} parts
 * @param {(header: string | undefined) => boolean} parts.isService
 * @param {import('prom-client').Registry} parts.registry
 * @param {() => import('./state.mjs').ServiceState} parts.getState
 * @param {ReturnType<typeof import('./sync.mjs').createSync>} parts.sync
 * @param {import('./store.mjs').Store} parts.store
 * @param {() => Promise<void>} parts.syncNow
 * @param {import('../../common/service/log.mjs').Log} parts.log
 */
export function createApi({ isService, registry, getState, sync, store, syncNow, log }) {
  const app = Fastify({ bodyLimit: 16_384, forceCloseConnections: 'idle' });
  const open = ['/health', '/ready', '/metrics'];

  app.addHook('onRequest', async (request, reply) => {
    if (open.includes(request.routeOptions.url ?? '') || isService(request.headers.authorization)) return undefined;
    return reply.code(401).send(failure('service.unauthorized', 'This is for the team’s own services.'));
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(failure('not-found', 'There is no such path.')));
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof Refused) return reply.code(statusOf[error.problem.code] ?? 503).send({ error: error.problem });
    if (error.validation || error.statusCode < 500)
      return reply.code(error.statusCode ?? 400).send(failure('request.invalid', error.message));
    log.error('a request failed', { error: error.message });
    return reply.code(500).send(failure('internal', 'Something is wrong with config-sync itself; its log says what.'));
  });

  app.get('/health', async () => ({ status: 'ok' }));
  app.get('/ready', async () => ({ status: 'ready', revision: store.kept.offered[0]?.sha ?? null }));
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));

  app.get('/state', async () => getState());
  const limit = { type: 'integer', minimum: 1, maximum: 200, default: 50 };
  app.get('/revisions', { schema: { querystring: { type: 'object', properties: { limit } } } }, async ({ query }) =>
    toRevisions({ kept: store.kept, seen: sync.seen }, query.limit),
  );
  app.get('/archive/:sha', { schema: ofRevision }, async ({ params }, reply) => {
    const revision = store.kept.offered.find((one) => one.sha === params.sha);
    if (revision === undefined) {
      return reply.code(404).send(failure('revision.unknown', 'That revision is not offered, or was long ago.'));
    }
    const file = createReadStream(store.archivePath(revision.sha));
    return reply
      .headers({
        'content-type': 'application/gzip',
        'content-length': revision.archive.bytes,
        etag: `"${revision.archive.sha256}"`,
      })
      .send(file);
  });
  const by = { type: 'string', minLength: 1, maxLength: 200 };
  const body = { type: 'object', required: ['by'], properties: { by } };
  app.post('/revisions/:sha/approve', { schema: { ...ofRevision, body } }, async ({ params, body: { by: who } }) => {
    await sync.approve(params.sha, who);
    return { current: getState().current };
  });
  app.post('/sync', async () => {
    const before = { kept: store.kept, pending: sync.seen.pending };
    await syncNow();
    const after = { kept: store.kept, pending: sync.seen.pending };
    return { ...getState(), news: toNews(before, after) };
  });
  return app;
}
