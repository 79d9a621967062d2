import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { inRoot } from '../setup/paths.mjs';
import { say } from '../setup/terminal.mjs';

/*
 * Runs phases, each in a process group of its own, so that Ctrl-C and the time limit end a runner with all its workers
 * and browsers. Two may run at once: what one of them writes goes to a file, and is shown in one piece when it has ended.
 */

/** @typedef {{ name: string, command: readonly string[], env: NodeJS.ProcessEnv, count: (exitCode: number) => import('./summary.mjs').Counts }} Phase */

/** @param {{ minutes: number, note?: (text: string) => unknown }} options `minutes`: time for all phases together; 0: no limit */
export function createRunner({ minutes, note = say }) {
  const deadline = minutes > 0 ? Date.now() + minutes * 60_000 : Number.POSITIVE_INFINITY;
  /** @type {Set<import('node:child_process').ChildProcess>} */
  const running = new Set();
  /** @type {string | undefined} */
  let ended;

  /** @param {string} why */
  const end = (why) => {
    ended ??= why;
    for (const child of running) endGroup(child);
  };
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of signals) process.on(signal, () => end(`ended by ${signal}`));

  return {
    /** Why nothing more is run; undefined as long as all is well. */
    ended: () => ended,
    /**
     * @param {Phase} phase
     * @param {{ log?: string }} [options] `log`: the file of one that runs beside another
     * @returns {Promise<{ name: string, counts: import('./summary.mjs').Counts, seconds: number }>}
     */
    async run({ name, command, env, count }, { log } = {}) {
      const started = Date.now();
      const seconds = () => Math.round((Date.now() - started) / 1000);
      note(`── ${name}${log === undefined ? '' : `, beside the others, in ${log}`}`);
      const timer = Number.isFinite(deadline)
        ? setTimeout(() => end(`the time limit of ${minutes} minutes was reached`), Math.max(0, deadline - Date.now()))
        : undefined;
      const code = ended === undefined ? await spawnGroup(command, env, { log, running }) : 1;
      clearTimeout(timer);
      if (log !== undefined && existsSync(log)) note(`── ${name}\n${readFileSync(log, 'utf8')}`);
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
 * @param {{ log?: string, running: Set<import('node:child_process').ChildProcess> }} options `running`: has it as long as it runs
 * @returns {Promise<number>} its exit code
 */
function spawnGroup([program = '', ...args], env, { log, running }) {
  return new Promise((resolve) => {
    const output = log === undefined ? 'inherit' : openSync(log, 'w');
    const child = spawn(program, args, {
      cwd: inRoot(),
      env,
      stdio: ['ignore', output, output],
      detached: process.platform !== 'win32',
    });
    if (typeof output === 'number') closeSync(output);
    running.add(child);
    /** @param {number} code */
    const end = (code) => {
      running.delete(child);
      resolve(code);
    };
    child.on('error', (error) => {
      say(`${program}: ${error.message}`);
      end(127);
    });
    child.on('exit', (code) => end(code ?? 1));
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
