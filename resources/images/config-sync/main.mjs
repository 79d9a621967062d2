import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLog } from '../common/service/log.mjs';
import { createMetrics } from '../common/service/metrics.mjs';
import { readSecret, secretPath } from '../common/service/secret-file.mjs';
import { createKeyCheck } from '../common/service/service-key.mjs';
import { stopOnSignal } from '../common/service/stop.mjs';
import { createApi } from './src/api.mjs';
import { writeArchive } from './src/archive.mjs';
import { provideDeployKey } from './src/deploy-key.mjs';
import { createMeasures } from './src/measures.mjs';
import { createRepository } from './src/repository.mjs';
import { createGit } from './src/run-git.mjs';
import { createSchedule } from './src/schedule.mjs';
import { parseSettings } from './src/settings.mjs';
import { provideSigners } from './src/signers.mjs';
import { toState } from './src/state.mjs';
import { openStore } from './src/store.mjs';
import { createSync } from './src/sync.mjs';

const { env } = process;
const log = createLog('config-sync');
const settings = parseSettings(env);
const isService = createKeyCheck(readSecret('service-key', env));
if (settings.problem) log.warn(settings.problem.message, { hint: settings.problem.hint });

const git = join(settings.dataFolder, 'git');
await mkdir(git, { recursive: true });
const signers = provideSigners(env);
const place = {
  fetchFolder: join(git, 'fetch.git'),
  readFolder: join(git, 'read.git'),
  protocols: settings.protocols,
  allowedSigners: signers.file,
  knownHosts: secretPath('known-hosts', env),
  deployKey: provideDeployKey(env),
  askpass: fileURLToPath(new URL('askpass.sh', import.meta.url)),
  passwordHost: settings.remote?.host ?? '',
};
const store = await openStore(settings.dataFolder);
const repository = createRepository(createGit(place, env), place);
const sync = createSync({ settings, repository, store, writeArchive, readSigners: signers.read, log });

/** @returns {import('./src/state.mjs').ServiceState} */
const getState = () => toState({ settings, kept: store.kept, seen: sync.seen, counts: schedule.counts() });
const { registry } = createMetrics();
const measures = createMeasures(registry, getState);
const schedule = createSchedule({
  intervalMs: settings.intervalMs,
  run: async (signal) => {
    const began = performance.now();
    const problem = await sync.run(signal);
    // A team without a repository is told so, and alarmed by nothing.
    if (signal.aborted || problem?.code === 'remote.none') return false;
    measures.count(problem, (performance.now() - began) / 1000);
    const fields = { revision: store.kept.offered[0]?.sha, pending: sync.seen.pending.length };
    if (problem) log.warn('synced with a problem', { ...fields, code: problem.code, problem: problem.message });
    else log.info('synced', fields);
    return problem === null;
  },
});

const app = createApi({ isService, registry, getState, sync, store, syncNow: schedule.sync, log });
await sync.repair();
await app.listen({ host: '0.0.0.0', port: settings.port });
const address = app.server.address();
log.info('listening', { ports: { http: typeof address === 'object' ? address?.port : undefined } });

stopOnSignal(
  async () => {
    await schedule.stop();
    await app.close();
  },
  { log },
);
await sync.recall();
void schedule.sync();
