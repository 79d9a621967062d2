import { ownBase } from '../setup/base-image.mjs';
import { node24 } from '../setup/dependencies.mjs';
import { inRoot } from '../setup/paths.mjs';
import { netnsPath } from './network.mjs';

/**
 * Puts an empty /run over the machine's in a mount namespace of the command's own: no socket of an engine that belongs to
 * somebody else can be found there. Network namespaces and the resolver's file stay.
 */
const emptyRun = `
set -e
run=$(mktemp -d)
mount -t tmpfs -o mode=755 tmpfs "$run"
mkdir "$run/mount" "$run/lock"
for kept in netns systemd/resolve; do
  [ -d "/run/$kept" ] || continue
  mkdir -p "$run/$kept"
  mount --rbind "/run/$kept" "$run/$kept"
done
mount --move "$run" /run
rmdir "$run"
exec "$@"`;

/**
 * The command line that runs another one in the engine's network, where its published ports are on loopback, and out of
 * reach of other engines. Not `ip netns exec`: it remounts /sys, after which tools find no cgroups.
 * @param {string} netns
 * @param {readonly string[]} command
 */
export const withinNetwork = (netns, command) => [
  'nsenter',
  `--net=${netnsPath(netns)}`,
  '--',
  'unshare',
  '--mount',
  '/bin/sh',
  '-c',
  emptyRun,
  'inside',
  ...command,
];

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
