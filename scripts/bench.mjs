import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { node24 } from './setup/dependencies.mjs';
import { setUpForTest } from './setup/index.mjs';
import { cacheDir, inRoot } from './setup/paths.mjs';
import { providePeers } from './setup/peers.mjs';
import { detectPlatform } from './setup/platform.mjs';
import { capture, runInTerminal } from './setup/run.mjs';
import { runScript, SetupError } from './setup/terminal.mjs';
import { makeTestHome, testEnvironment } from './test/home.mjs';
import { downEngine, upEngine } from './test-engine/engine.mjs';
import { engineEnvironment, withinNetwork } from './test-engine/inside.mjs';

/*
 * `npm run bench [-- --rounds N] [--check]`: times ours against the bare engine calls, and against docker compose 2.40.3
 * (or the binary that CLAUDE_ENV_PEER_COMPOSE names), all in one run on an engine of its own; then loads and plans a large
 * file, deploys a stack beside `docker stack deploy`, measures what the gateway adds to calls of MCP, what the controller
 * costs while nobody does anything, and what larger stacks and more people cost a Swarm's manager.
 * Each figure is printed beside its limit; only with --check is a limit that is missed a failure.
 */
await runScript(async () => {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '15' }, check: { type: 'boolean', default: false } },
  });
  const platform = detectPlatform();
  if (platform.os !== 'linux' || !platform.root) {
    throw new SetupError('The bench needs an engine of its own: it runs as root on Linux.');
  }
  await setUpForTest({ yes: false, engine: 'own', browser: false });
  await build();
  const bundle = await buildLoadPlan();
  const { state, file } = await upEngine({ cache: cacheDir(), owned: true });
  try {
    const peers = await providePeers({ wanted: ['compose', 'docker'] });
    const env = testEnvironment(makeTestHome(state.dir), {
      ...engineEnvironment(state, file),
      ...peers.env,
      CLAUDE_ENV_TEST_CACHE: cacheDir(),
    });
    /** @param {string} name @param {string[]} args */
    const inNetwork = (name, args) => {
      const [program, ...rest] = withinNetwork(state.netns, [node24, inRoot('test/bench', name), ...args]);
      return runInTerminal(program, rest, { env });
    };
    const check = values.check ? ['--check'] : [];
    const rounds = ['--rounds', values.rounds, ...check];
    const codes = [
      await inNetwork('run.ts', ['--load-plan', bundle, ...rounds]),
      await inNetwork('swarm.ts', check),
      await inNetwork('gateway.ts', rounds),
      await inNetwork('controller.ts', check),
      // Engines and networks of its own: from outside.
      await runInTerminal(node24, [inRoot('test/bench/swarm-size.ts'), ...check], { env }),
    ];
    return codes.find((code) => code !== 0) ?? 0;
  } finally {
    await downEngine(file);
  }
});

/** What loads and plans, bundled as the program is. */
async function buildLoadPlan() {
  const config = inRoot('scripts/build/vite.bench.config.mjs');
  const { code, output } = await capture(node24, [inRoot('node_modules/vite/bin/vite.js'), 'build', '-c', config]);
  if (code !== 0) throw new SetupError(`The build of the bench failed:\n${output}`);
  return inRoot('node_modules/.cache/bench/load-plan.cjs');
}
