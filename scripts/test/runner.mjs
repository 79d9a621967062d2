import { spawn } from 'node:child_process';
import { inRoot } from '../setup/paths.mjs';
import { say } from '../setup/terminal.mjs';

/*
 * Runs phases one after the other, each in a process group of its own, so that Ctrl-C and the time limit end a runner
 * with all its workers and browsers.
 */

/** @typedef {{ name: string, command: readonly string[], env: NodeJS.ProcessEnv, count: (exitCode: number) => import('./summary.mjs').Counts }} Phase */

/** @param {{ minutes: number, note?: (text: string) => unknown }} options `minutes`: time for all phases together; 0: no limit */
export function createRunner({ minutes, note = say }) {
  const deadline = minutes > 0 ? Date.now() + minutes * 60_000 : Number.POSITIVE_INFINITY;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let current;
  /** @type {string | undefined} */
  let ended;

  /** @param {string} why */
  const end = (why) => {
    ended ??= why;
    if (current !== undefined) endGroup(current);
  };
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of signals) process.on(signal, () => end(`ended by ${signal}`));

  return {
    /** Why nothing more is run; undefined as long as all is well. */
    ended: () => ended,
    /**
     * @param {Phase} phase
     * @returns {Promise<{ name: string, counts: import('./summary.mjs').Counts, seconds: number }>}
     */
    async run({ name, command, env, count }) {
      const started = Date.now();
      const seconds = () => Math.round((Date.now() - started) / 1000);
      note(`── ${name}`);
      const timer = Number.isFinite(deadline)
        ? setTimeout(() => end(`the time limit of ${minutes} minutes was reached`), Math.max(0, deadline - Date.now()))
        : undefined;
      const code = ended === undefined ? await spawnGroup(command, env, (child) => (current = child)) : 1;
      clearTimeout(timer);
      current = undefined;
      const counts = count(code);
      note(`── ${name}: ${counts.failed === 0 ? 'ok' : 'FAILED'} in ${seconds()} s`);
      if (ended !== undefined) counts.failures.push(`${name}: ${ended}`);
      return { name, counts, seconds: seconds() };
    },
  };
}

/**
 * @param {readonly string[]} command
 * @param {NodeJS.ProcessEnv} env
 * @param {(child: import('node:child_process').ChildProcess) => void} onStart
 * @returns {Promise<number>}
 */
function spawnGroup([program = '', ...args], env, onStart) {
  return new Promise((resolve) => {
    const group = process.platform !== 'win32';
    const child = spawn(program, args, {
      cwd: inRoot(),
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: group,
    });
    onStart(child);
    child.on('error', (error) => {
      say(`${program}: ${error.message}`);
      resolve(127);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** Asks first, and kills what does not listen. @param {import('node:child_process').ChildProcess} child */
function endGroup(child) {
  const { pid } = child;
  if (pid === undefined) return;
  /** @param {NodeJS.Signals} signal */
  const send = (signal) => {
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  };
  send('SIGTERM');
  const timer = setTimeout(() => send('SIGKILL'), 5000);
  child.on('exit', () => {
    clearTimeout(timer);
    send('SIGKILL');
  });
}
