import { ownBase } from '../setup/base-image.mjs';
import { node24 } from '../setup/dependencies.mjs';
import { inRoot } from '../setup/paths.mjs';
import { netnsPath } from './network.mjs';

/**
 * The command line that runs another one in the engine's network: there its published ports are on loopback.
 * Not `ip netns exec`: it remounts /sys, after which tools find no cgroups.
 * @param {string} netns
 * @param {readonly string[]} command
 */
export const withinNetwork = (netns, command) => ['nsenter', `--net=${netnsPath(netns)}`, '--', ...command];

/**
 * How tests learn of the engine; test/support/engine.ts reads it.
 * @param {import('./engine.mjs').EngineState} state
 * @param {string} file the state file
 */
export const engineEnvironment = (state, file) => ({
  DOCKER_HOST: `unix://${state.socket}`,
  DOCKER_BUILDKIT: '0',
  CLAUDE_ENV_TEST_SOCKET: state.socket,
  CLAUDE_ENV_TEST_BASE: ownBase,
  CLAUDE_ENV_TEST_ENGINE_CTL: `'${node24}' '${inRoot('scripts/test-engine.mjs')}' --state '${file}'`,
});
