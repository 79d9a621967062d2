import { createLog } from '../common/service/log.mjs';
import { createMetrics } from '../common/service/metrics.mjs';
import { readSecret } from '../common/service/secret-file.mjs';
import { createKeyCheck } from '../common/service/service-key.mjs';
import { stopOnSignal } from '../common/service/stop.mjs';
import { createChanges } from './src/changes.mjs';
import { createEngine } from './src/engine.mjs';
import { becomeReader } from './src/identity.mjs';
import { createLook } from './src/look.mjs';
import { registerSwarmMetrics } from './src/metrics.mjs';
import { createRoutes } from './src/routes.mjs';
import { createViewServer } from './src/server.mjs';

const log = createLog('engine-view');
const { ENGINE_SOCKET = '/var/run/docker.sock', PORT = '8080' } = process.env;

// Before anything else is read or opened.
const { user, why } = becomeReader(ENGINE_SOCKET);
if (user === 'root') log.warn('runs as root, without capabilities where the stack drops them', { why });

const isService = createKeyCheck(readSecret('service-key'));
const engine = createEngine(ENGINE_SOCKET);
const look = createLook(engine);
const changes = createChanges({ engine, look, log });
const metrics = createMetrics();
registerSwarmMetrics(metrics.registry, look);

const server = createViewServer({ routes: createRoutes({ look, changes, metrics }), isService, log });
server.listen(Number(PORT), () => {
  const address = server.address();
  log.info('listening', {
    ports: { http: typeof address === 'object' ? address?.port : undefined },
    user: process.getuid?.(),
    identity: why,
  });
});
changes.follow();

stopOnSignal(
  () =>
    new Promise((resolve) => {
      changes.stop();
      server.close(() => {
        engine.close();
        resolve();
      });
      // Streams of changes have no end of their own.
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 2000).unref();
    }),
  { log },
);
