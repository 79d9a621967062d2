import { parseArgs } from 'node:util';
import { cacheDir, inRoot } from './setup/paths.mjs';
import { providePeers } from './setup/peers.mjs';
import { runInTerminal } from './setup/run.mjs';
import { runScript, SetupError, sayOnStderr } from './setup/terminal.mjs';
import { downEngine, readState, startEngine, stopEngine, upEngine } from './test-engine/engine.mjs';
import { engineEnvironment, withinNetwork } from './test-engine/inside.mjs';

const usage = `node scripts/test-engine.mjs COMMAND [--state FILE]   (root on Linux)
  up                    starts a Docker engine of its own and prints where it is
  exec --state FILE -- COMMAND…   runs a command in its network, with DOCKER_HOST set
  stop | kill | start   faults for tests
  status                prints "running" or "stopped"
  down                  takes it away with all that is in it`;

/** @param {string | undefined} command @param {string} file @param {string[]} rest */
async function run(command, file, rest) {
  switch (command) {
    case 'exec': {
      const state = readState(file);
      const [program, ...args] = withinNetwork(state.netns, rest);
      sayOnStderr();
      const { env: peers } = await providePeers();
      return runInTerminal(program, args, { env: { ...process.env, ...engineEnvironment(state, file), ...peers } });
    }
    case 'stop':
    case 'kill':
      await stopEngine(file, command);
      return 0;
    case 'start':
      await startEngine(file);
      return 0;
    case 'status':
      console.log(readState(file).daemon === undefined ? 'stopped' : 'running');
      return 0;
    case 'down':
      await downEngine(file);
      return 0;
    default:
      throw new SetupError(`Unknown command: ${command ?? '(none)'}`, { hint: usage, exitCode: 2 });
  }
}

await runScript(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { state: { type: 'string' } } });
  const [command, ...rest] = positionals;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new SetupError('A test engine takes root on Linux.', {
      hint: `sudo node ${inRoot('scripts/test-engine.mjs')} up`,
    });
  }
  if (command === 'up') {
    sayOnStderr();
    const { state, file } = await upEngine({ cache: cacheDir(), owned: false });
    console.log(JSON.stringify({ state: file, ...engineEnvironment(state, file) }, null, 2));
    return 0;
  }
  if (values.state === undefined)
    throw new SetupError('Which engine? --state FILE is missing.', { hint: usage, exitCode: 2 });
  return run(command, values.state, rest);
});
