import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { untilAnswers } from '../setup/engine-start.mjs';
import { isSameProcess, processStartTime } from '../setup/process-info.mjs';
import { findCommand } from '../setup/run.mjs';
import { netnsPath } from './network.mjs';

/*
 * dockerd in process and mount namespaces of its own. Seen: killing the one process outside ends dockerd, containerd,
 * shims and containers, and every overlay mount goes with them, so there is nothing to hunt for afterwards.
 */

/** @typedef {{ pid: number, startTime: string | undefined }} Recorded */
/**
 * @typedef {{ dir: string, netns: string, socket: string, cgroup: string, hostname?: string }} Place
 *   `hostname`: several engines side by side need names, and ids, of their own
 */

/**
 * The shell is the namespace's process 1: it passes SIGTERM on and waits until dockerd is really gone.
 * An engine's id is derived from /etc/docker/key.json, so engines with a name get that folder for themselves.
 */
const init = `
[ -z "$RESOLV_CONF" ] || mount --bind "$RESOLV_CONF" /etc/resolv.conf
if [ -n "$OWN_HOSTNAME" ]; then
  echo "$OWN_HOSTNAME" > /proc/sys/kernel/hostname
  mkdir -p /etc/docker
  mount --bind "$OWN_ETC" /etc/docker
fi
"$@" &
trap "kill -TERM $!" TERM
wait $!
wait`;

/**
 * @param {Place} place
 * @returns {Promise<Recorded>} the process whose death is the engine's
 */
export async function startDaemon({ dir, netns, socket, cgroup, hostname }) {
  // A killed engine leaves its pid files, and in a new namespace those numbers belong to somebody else.
  rmSync(join(dir, 'exec'), { recursive: true, force: true });
  rmSync(join(dir, 'docker.pid'), { force: true });
  rmSync(socket, { force: true });
  const temporary = join(dir, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const etc = join(dir, 'etc');
  mkdirSync(etc, { recursive: true });
  const log = openSync(join(dir, 'dockerd.log'), 'a');
  const dockerd = [
    findCommand('dockerd') ?? 'dockerd',
    ...['--host', `unix://${socket}`],
    ...['--data-root', join(dir, 'data')],
    ...['--exec-root', join(dir, 'exec')],
    ...['--pidfile', join(dir, 'docker.pid')],
    ...['--bip', '172.29.0.1/24', '--default-address-pool', 'base=10.79.0.0/16,size=24'],
    ...['--exec-opt', 'native.cgroupdriver=cgroupfs', '--cgroup-parent', cgroup],
  ];
  const child = spawn(
    'nsenter',
    [
      `--net=${netnsPath(netns)}`,
      ...[
        'unshare',
        '--mount',
        ...(hostname === undefined ? [] : ['--uts']),
        '--pid',
        '--fork',
        '--kill-child',
        '--mount-proc',
      ],
      ...['/bin/sh', '-c', init, 'init', ...dockerd],
    ],
    {
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
        RESOLV_CONF: reachableResolvConf(),
        TMPDIR: temporary,
        OWN_HOSTNAME: hostname ?? '',
        OWN_ETC: etc,
      },
    },
  );
  closeSync(log);
  child.unref();
  const recorded = { pid: child.pid ?? 0, startTime: processStartTime(child.pid ?? 0) };
  if (await untilAnswers(`unix://${socket}`, () => isSameProcess(recorded))) return recorded;
  await killDaemon(recorded);
  throw new Error(`The test engine did not come up:\n${readFileSync(join(dir, 'dockerd.log'), 'utf8').slice(-2000)}`);
}

/** A resolver on the machine's loopback cannot be reached from the namespace; systemd-resolved writes down the real ones. */
function reachableResolvConf() {
  const upstream = '/run/systemd/resolve/resolv.conf';
  const text = existsSync('/etc/resolv.conf') ? readFileSync('/etc/resolv.conf', 'utf8') : '';
  return /^nameserver\s+127\./m.test(text) && existsSync(upstream) ? upstream : '';
}

/** In good order: containers are stopped first. @param {Recorded} recorded */
export async function stopDaemon(recorded) {
  const [init1] = childrenOf(recorded.pid);
  if (isSameProcess(recorded) && init1 !== undefined) {
    process.kill(init1, 'SIGTERM');
    if (await untilGone(recorded, 40_000)) return;
  }
  await killDaemon(recorded);
}

/** At once, with everything in it. @param {Recorded} recorded */
export async function killDaemon(recorded) {
  if (!isSameProcess(recorded)) return;
  process.kill(recorded.pid, 'SIGKILL');
  if (!(await untilGone(recorded, 10_000))) throw new Error(`Process ${recorded.pid} does not end.`);
}

/** @param {number} pid */
function childrenOf(pid) {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
}

/** @param {Recorded} recorded @param {number} limit milliseconds */
async function untilGone(recorded, limit) {
  for (let waited = 0; waited < limit; waited += 50) {
    if (!isSameProcess(recorded)) return true;
    await delay(50);
  }
  return false;
}
