import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Full path of a command, or undefined. /usr/sbin counts as well: ordinary users on Debian do not have it in PATH.
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 */
export function findCommand(name, env = process.env) {
  const windows = process.platform === 'win32';
  const folders = (env.PATH ?? '').split(delimiter);
  if (!windows) folders.push('/usr/local/sbin', '/usr/sbin', '/sbin');
  const names = windows ? [`${name}.exe`, `${name}.cmd`] : [name];
  for (const folder of folders.filter((entry) => entry !== '')) {
    for (const file of names) {
      const path = join(folder, file);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here: the next folder may have it.
      }
    }
  }
  return undefined;
}

/**
 * Runs a command and keeps what it says. Never rejects: a command that does not exist has code 127.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, onLine?: (line: string) => void, shell?: boolean }} [options]
 * @returns {Promise<{ code: number, output: string }>} `output`: stdout and stderr in the order they came
 */
export function capture(command, args, { onLine, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    const take = (chunk) => {
      output += chunk;
      if (onLine) for (const line of String(chunk).split('\n')) if (line.trim() !== '') onLine(line.trim());
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 1 : 0), output }));
  });
}

/**
 * Runs a command in this terminal and passes signals on: from a terminal Ctrl-C reaches the child by itself,
 * from elsewhere (`kill`, a process manager) it would not.
 * @param {string | undefined} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<number>} its exit code; 128 + n when a signal ended it
 */
export function runInTerminal(command = '', args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const forward = (signal) => {
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
    for (const signal of signals) process.on(signal, forward);
    const done = () => {
      for (const signal of signals) process.off(signal, forward);
    };
    child.on('error', (error) => {
      done();
      reject(error);
    });
    child.on('exit', (code, signal) => {
      done();
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}
