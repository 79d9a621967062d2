import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { node24 } from './setup/dependencies.mjs';
import { setUpForTest } from './setup/index.mjs';
import { cacheDir, inRoot } from './setup/paths.mjs';
import { providePeers } from './setup/peers.mjs';
import { detectPlatform } from './setup/platform.mjs';
import { runInTerminal } from './setup/run.mjs';
import { runScript, SetupError } from './setup/terminal.mjs';
import { makeTestHome, testEnvironment } from './test/home.mjs';
import { downEngine, upEngine } from './test-engine/engine.mjs';
import { engineEnvironment, withinNetwork } from './test-engine/inside.mjs';

/*
 * `npm run bench [-- --rounds N]`: times ours against the bare engine calls, and against docker compose 2.40.3
 * (or the binary that CLAUDE_ENV_PEER_COMPOSE names), all in one run on an engine of its own. What counts are the ratios.
 */
await runScript(async () => {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
  const platform = detectPlatform();
  if (platform.os !== 'linux' || !platform.root) {
    throw new SetupError('The bench needs an engine of its own: it runs as root on Linux.');
  }
  await setUpForTest({ yes: false, engine: 'own', browser: false });
  await build();
  const { state, file } = await upEngine({ cache: cacheDir(), owned: true });
  try {
    const peers = await providePeers({ wanted: ['compose'] });
    const env = testEnvironment(makeTestHome(state.dir), { ...engineEnvironment(state, file), ...peers.env });
    const command = withinNetwork(state.netns, [node24, inRoot('test/bench/run.ts'), values.rounds]);
    return await runInTerminal(command[0], command.slice(1), { env });
  } finally {
    await downEngine(file);
  }
});
