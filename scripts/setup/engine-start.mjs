import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { engineRequest } from './engine-http.mjs';
import { findEngine } from './engine-probe.mjs';
import { dockerDesktopHint } from './packages.mjs';
import { processStartTime } from './process-info.mjs';
import { capture, findCommand } from './run.mjs';
import { mayWe, SetupError, say } from './terminal.mjs';

const systemSocket = '/var/run/docker.sock';

/**
 * The address of an engine that answers; as root on Linux one is started when there is none.
 * @param {import('./platform.mjs').Platform} platform
 * @param {string} state the state folder
 * @param {{ yes: boolean }} options
 * @returns {Promise<string>}
 */
export async function provideEngine(platform, state, { yes }) {
  const search = await findEngine();
  if (search.found !== undefined) {
    say(`engine: ${search.found.address} (${search.found.source})`);
    return search.found.address;
  }
  refuseWithoutEngine(platform, search);
  const allowed = await mayWe('No Docker engine runs. Start one', { ...platform, yes });
  if (!allowed) throw new SetupError('No Docker engine answers.', { hint: 'Start one: dockerd &' });
  await (platform.systemd ? startUnit() : startDaemon(state));
  return `unix://${systemSocket}`;
}

/**
 * Stops with the command that helps, where no engine answers and starting one is not ours to do.
 * @param {import('./platform.mjs').Platform} platform
 * @param {Awaited<ReturnType<typeof findEngine>>} search
 */
export function refuseWithoutEngine(platform, { found, denied, chosen, tried }) {
  const oursToStart = platform.os === 'linux' && platform.root && denied === undefined && chosen === undefined;
  if (found !== undefined || oursToStart) return;
  const situation = {
    denied: denied !== undefined,
    chosen: chosen !== undefined,
    installed: findCommand('dockerd') !== undefined,
  };
  throw new SetupError(`No Docker engine answers. Tried:\n  ${tried.join('\n  ')}`, {
    hint: engineHint(platform, situation),
  });
}

/**
 * What an ordinary user does about it.
 * @param {import('./platform.mjs').Platform} platform
 * @param {{ denied: boolean, chosen: boolean, installed: boolean }} situation
 */
export function engineHint(platform, { denied, chosen, installed }) {
  if (denied) return 'sudo usermod -aG docker "$USER"   # then log out and in again';
  if (chosen) return 'Start that engine, or choose another: docker context use default (or unset DOCKER_HOST)';
  if (platform.os === 'linux') {
    if (!installed) return 'sudo apt-get install -y docker.io   # or see https://docs.docker.com/engine/install/';
    return platform.systemd ? 'sudo systemctl start docker' : 'sudo dockerd &';
  }
  return `${dockerDesktopHint(platform.os)}   # and start it when it is installed already`;
}

/** The service manager owns what it runs, so nothing is written down: `claude-env engine stop` leaves it alone. */
async function startUnit() {
  say('starting the engine: systemctl start docker');
  const { code, output } = await capture('systemctl', ['start', 'docker']);
  if (code !== 0) throw new SetupError(`The engine did not start:\n${output}`, { hint: 'systemctl status docker' });
  await untilAnswers(`unix://${systemSocket}`, () => true);
}

/**
 * Starts dockerd in a session of its own, so that it outlives us, and writes down that it is ours.
 * @param {string} state
 */
async function startDaemon(state) {
  const dockerd = findCommand('dockerd');
  if (dockerd === undefined)
    throw new SetupError('dockerd is not installed.', { hint: 'apt-get install -y docker.io' });
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const logFile = join(state, 'dockerd.log');
  const log = openSync(logFile, 'a', 0o600);
  say(`starting the engine: ${dockerd} (log: ${logFile})`);
  const child = spawn(dockerd, ['--host', `unix://${systemSocket}`, '--pidfile', join(state, 'dockerd.pid')], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  closeSync(log);
  let ended = false;
  child.on('exit', () => {
    ended = true;
  });
  child.on('error', () => {
    ended = true;
  });
  if (!(await untilAnswers(`unix://${systemSocket}`, () => !ended))) {
    if (!ended) child.kill('SIGTERM');
    const tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
    throw new SetupError(`The engine did not come up. The end of ${logFile}:\n${tail}`);
  }
  child.unref();
  writeAtomically(
    join(state, 'engine.json'),
    JSON.stringify({ pid: child.pid, startTime: processStartTime(child.pid ?? 0), socket: systemSocket }),
  );
  say('engine started; `claude-env engine stop` stops it');
}

/**
 * @param {string} address
 * @param {() => boolean} alive false ends the wait early
 * @returns {Promise<boolean>} false after 60 s
 */
export async function untilAnswers(address, alive) {
  for (let waited = 0; waited < 60_000 && alive(); waited += 100) {
    const answered = await engineRequest(address, '/_ping', { timeout: 2000 }).then(
      ({ status }) => status === 200,
      () => false,
    );
    if (answered) return true;
    await delay(100);
  }
  return false;
}

/**
 * Only the owner may read it, and a reader sees the old or the new text, never half of one.
 * @param {string} path
 * @param {string} text
 */
export function writeAtomically(path, text) {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, path);
}
