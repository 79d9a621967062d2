import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createLog, describeError } from '../common/service/log.mjs';
import { createMetrics } from '../common/service/metrics.mjs';
import { readSecret, readSecretIfAny } from '../common/service/secret-file.mjs';
import { createKeyCheck } from '../common/service/service-key.mjs';
import { stopOnSignal } from '../common/service/stop.mjs';
import { createAccessCheck, namesOf } from './src/access.mjs';
import { createBodyReader } from './src/body.mjs';
import { createApiHandler, createQuestion } from './src/controller.mjs';
import { createLookup } from './src/dns.mjs';
import { createEdge } from './src/edge.mjs';
import { createInternalServer } from './src/internal.mjs';
import { createIntrospection } from './src/introspection.mjs';
import { createLiveHandler } from './src/live.mjs';
import { createMcpHandler } from './src/mcp.mjs';
import { createMeasures } from './src/measures.mjs';
import { createReplicas } from './src/replicas.mjs';
import { createSessionIds } from './src/session-ids.mjs';
import { readSettings } from './src/settings.mjs';
import { createTokenBuckets } from './src/token-buckets.mjs';
import { createUpstream } from './src/upstream.mjs';

const megabyte = 1024 * 1024;
const log = createLog('gateway');
const now = () => performance.now();

try {
  await start();
} catch (error) {
  log.error('could not start', describeError(error));
  process.exitCode = 1;
}

async function start() {
  const settings = readSettings(process.env);
  const serviceKey = readSecret('service-key');
  const hasKey = createKeyCheck(serviceKey);
  const tls = readTls(settings.plain);
  const lookup = createLookup();
  /** @param {readonly import('./src/settings.mjs').Endpoint[]} endpoints */
  const upstreamOf = (endpoints) =>
    createUpstream({ endpoints, replicas: createReplicas({ endpoints, lookup, now }), now });

  const servers = settings.servers.map((server) => ({ settings: server, upstream: upstreamOf(server.endpoints) }));
  const controller = {
    api: upstreamOf(settings.controller.api),
    live: upstreamOf(settings.controller.live),
    internal: upstreamOf(settings.controller.internal),
  };
  const introspection = createIntrospection({
    ask: createQuestion({ upstream: controller.internal, serviceKey }),
    now,
    onAway: (error) => log.warn('no controller answers; known tokens hold for five minutes', describeError(error)),
    onBack: () => log.info('a controller answers again'),
  });
  const { registry, handle } = createMetrics();
  const measures = createMeasures({ registry, servers, isAway: introspection.isAway, expires: tls?.expires, now });
  const live = createLiveHandler({ upstream: controller.live, serviceKey });
  const edge = createEdge({
    checkAccess: createAccessCheck({ hosts: [...settings.hosts, ...(tls?.names ?? [])], origins: settings.origins }),
    servers: new Map(servers.map((served) => [served.settings.name, served])),
    onMcp: createMcpHandler({
      introspection,
      sessionIds: createSessionIds(serviceKey),
      buckets: createTokenBuckets(now),
      readBody: createBodyReader({ each: 8 * megabyte, share: 32 * megabyte, together: 128 * megabyte }),
      limits: settings,
      onAnswer: measures.onAnswer,
      onRefusal: measures.onRefusal,
      log,
    }),
    onApi: createApiHandler({
      upstream: controller.api,
      serviceKey,
      readBody: createBodyReader({ each: megabyte, share: 4 * megabyte, together: 16 * megabyte }),
    }),
    live,
    ca: readCa(process.env),
    onDefect: (error) => log.error('a request failed here', describeError(error)),
  });

  let stopping = false;
  const outside =
    tls === undefined
      ? createServer()
      : createTlsServer({ ...tls.context, minVersion: 'TLSv1.2', handshakeTimeout: 10_000 });
  const internal = createInternalServer({
    readiness: () => ({
      ready: !stopping && !introspection.isAway(),
      stopping,
      controller: introspection.isAway() ? 'away' : 'answers',
      servers: Object.fromEntries(servers.map(({ settings: { name }, upstream }) => [name, upstream.known().length])),
    }),
    summary: measures.summary,
    hasKey,
    metrics: handle,
  });
  outside.on('request', edge.onRequest).on('upgrade', edge.onUpgrade);
  outside.headersTimeout = 15_000;
  // Of the request alone: an answer takes as long as it takes. What is refused is still received (and thrown away) for so long,
  // since a client whose connection ends while it sends does not read the answer.
  outside.requestTimeout = 120_000;
  outside.keepAliveTimeout = 75_000;
  // 60 KB each over TLS (measured), beside 144 MB of bodies and 80 MB of its own: what the stack's limit of memory has room for.
  outside.maxConnections = 4096;

  const ports = {
    [tls === undefined ? 'http' : 'https']: await listen(
      outside,
      tls === undefined ? settings.ports.plain : settings.ports.tls,
    ),
    internal: await listen(internal, settings.ports.internal),
  };
  stopOnSignal(
    async () => {
      stopping = true;
      outside.close();
      live.close();
      await edge.finish();
      outside.closeAllConnections();
      internal.close();
      internal.closeAllConnections();
    },
    { log },
  );
  log.info('listening', { ports, servers: servers.map(({ settings: { name } }) => name) });
}

/**
 * @param {boolean} plain whether it may do without
 * @returns {{ context: { cert: string, key: string }, names: string[], expires: number } | undefined}
 */
function readTls(plain) {
  const cert = readSecretIfAny('tls-cert');
  if (cert === undefined && plain && readSecretIfAny('tls-key') === undefined) return undefined;
  const context = { cert: cert ?? readSecret('tls-cert'), key: readSecret('tls-key') };
  const { subjectAltName, validTo } = new X509Certificate(context.cert);
  return { context, names: namesOf(subjectAltName), expires: Date.parse(validTo) / 1000 };
}

/** @param {Readonly<Record<string, string | undefined>>} env @returns {string | undefined} PEM */
function readCa(env) {
  const text = readSecretIfAny('ca-cert', { CA_CERT_FILE: env.GATEWAY_CA_FILE });
  if (text === undefined) return undefined;
  const { ca } = new X509Certificate(text);
  if (!ca || text.includes('PRIVATE KEY')) throw new Error('GATEWAY_CA_FILE is not the certificate of a CA alone');
  return `${text}\n`;
}

/** @param {import('node:net').Server} server @param {number} port @returns {Promise<number>} where it really listens */
async function listen(server, port) {
  server.listen(port);
  await once(server, 'listening');
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}
