import { createLog, describeError } from '../common/service/log.mjs';
import { readSecret, readSecretIfAny } from '../common/service/secret-file.mjs';
import { stopOnSignal } from '../common/service/stop.mjs';
import { startController } from './src/controller.mjs';
import { readSettings } from './src/settings.mjs';
import { parseFirstOperator } from './src/tokens.mjs';

const log = createLog('controller');
try {
  const first = readSecretIfAny('first-operator');
  const controller = await startController({
    settings: readSettings(process.env),
    secrets: {
      serviceKey: readSecret('service-key'),
      dbPassword: readSecret('db-password'),
      redisPassword: readSecret('redis-password'),
      ...(first === undefined ? {} : { firstOperator: parseFirstOperator(first) }),
    },
    log,
  });
  stopOnSignal(controller.stop, { log });
} catch (error) {
  log.error('could not start', describeError(error));
  process.exit(1);
}
