import swagger from '@fastify/swagger';
import fastify from 'fastify';
import { describeError } from '../../common/service/log.mjs';
import { bearerOf } from '../../common/service/service-key.mjs';
import { allRoutes } from './api/routes.mjs';
import { Failure, toBody, toFailure } from './failure.mjs';
import { allows } from './roles.mjs';
import { failure as failureSchema } from './schemas.mjs';

/*
 * fastify with our rules: closed schemas, one form of failure, and no route without the role that it takes.
 */

const base = '/api/v1';

/** @param {import('../../common/service/log.mjs').Log} log */
export function createServer(log) {
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: 256 * 1024,
    requestTimeout: 15_000,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    routerOptions: { maxParamLength: 128 },
    // What a client sends is what we check: nothing is made to fit.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } },
    frameworkErrors: (error, _request, reply) => sendFailure(reply, error, log),
  });
  app.setErrorHandler((error, _request, reply) => sendFailure(reply, error, log));
  app.setNotFoundHandler((_request, reply) =>
    sendFailure(reply, new Failure(404, 'route.unknown', 'There is nothing here.'), log),
  );
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
  });
  return app;
}

/** @param {any} reply @param {unknown} error @param {import('../../common/service/log.mjs').Log} log */
function sendFailure(reply, error, log) {
  const failure = toFailure(error);
  if (failure === undefined) {
    log.error('a request could not be answered', describeError(error));
    return reply.code(500).send(toBody(new Failure(500, 'internal', 'A defect of the controller; its log has more.')));
  }
  if (failure.retryAfter !== undefined) reply.header('retry-after', failure.retryAfter);
  if (failure.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(failure.status).send(toBody(failure));
}

/**
 * :8080.
 * @param {object} options
 * @param {import('./api/routes.mjs').Context} options.context
 * @param {import('../../common/service/log.mjs').Log} options.log
 * @param {import('prom-client').Registry} options.registry
 * @param {import('prom-client').Histogram<'method' | 'route' | 'code'>} options.durations
 * @param {() => Promise<void>} options.ready rejects with why not
 */
export async function createApi({ context, log, registry, durations, ready }) {
  const app = createServer(log);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'claude-env controller', version: '1.0.0' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
  });

  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    durations.observe({ method: request.method, route, code: String(reply.statusCode) }, reply.elapsedTime / 1000);
  });
  app.addHook('onRoute', ({ url, config }) => {
    if (url.startsWith('/api/') && /** @type {{ role?: string } | undefined} */ (config)?.role === undefined)
      throw new Error(`${url} says nothing of who may call it.`);
  });
  app.decorateRequest('who', null);
  app.addHook('onRequest', async (/** @type {any} */ request) => {
    const { role = 'anyone' } = request.routeOptions.config;
    if (role === 'anyone') return;
    request.who = await context.access.authenticate(bearerOf(request.headers.authorization), request.raw);
    const { person } = request.who;
    if (!allows(person.role, role))
      throw new Failure(403, 'role.missing', `This takes the role ${role}; yours is ${person.role}.`, {
        hint: 'Ask an operator of the team.',
      });
  });

  await app.register(async (routes) => {
    for (const { method, url, role, summary, body, params, status = 200, answer, handle } of allRoutes(context)) {
      routes.route({
        method,
        url: `${base}${url}`,
        config: { role },
        schema: {
          summary,
          ...(role === 'anyone' ? { security: [] } : { security: [{ token: [] }] }),
          .../** @type {object} */ ({ 'x-role': role }),
          ...(body === undefined ? {} : { body }),
          ...(params === undefined ? {} : { params }),
          response: {
            ...(answer === undefined ? {} : { [status]: answer }),
            '4xx': failureSchema,
            '5xx': failureSchema,
          },
        },
        handler: async (request, reply) => {
          reply.code(status);
          return handle(request, reply);
        },
      });
    }
    const document = { config: { role: 'anyone' }, schema: { summary: 'This document', security: [] } };
    routes.get(`${base}/openapi.json`, document, async () => app.swagger());
  });

  app.get('/health', { schema: { hide: true } }, async () => ({ status: 'ok' }));
  app.get('/ready', { schema: { hide: true } }, async () => {
    await ready();
    return { status: 'ready', presence: context.fanOut.isUp() ? 'known' : 'unknown' };
  });
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    reply.header('content-type', registry.contentType);
    return registry.metrics();
  });
  return app;
}

/**
 * :8082, for the gateway alone.
 * @param {object} options
 * @param {import('../../common/service/log.mjs').Log} options.log
 * @param {(header: string | undefined) => boolean} options.hasKey
 * @param {(token: string) => Promise<import('./people.mjs').Who | 'ended' | undefined>} options.find
 */
export function createInternal({ log, hasKey, find }) {
  const app = createServer(log);
  app.addHook('onRequest', async (request) => {
    if (!hasKey(request.headers.authorization)) throw new Failure(401, 'key.wrong', 'This takes the service key.');
  });
  const body = {
    type: 'object',
    additionalProperties: false,
    properties: { token: { type: 'string', maxLength: 512 } },
    required: ['token'],
  };
  app.post('/internal/introspect', { schema: { body } }, async (request) => {
    const who = await find(/** @type {{ token: string }} */ (request.body).token);
    return who === undefined || who === 'ended' ? { active: false } : { active: true, person: who.person };
  });
  return app;
}
