// Starts git and waits for its end. What it writes is handed on as it comes, so that neither a huge list nor a huge file
// is ever in memory as a whole.

import { spawn } from 'node:child_process';
import { toGitArgs, toGitEnvironment, toLimiter } from './git-command.mjs';
import { toProblem } from './git-failure.mjs';

/** A git command that failed: what it means, and how it ended. */
export class GitError extends Error {
  /** @param {import('./git-failure.mjs').Problem} problem @param {number | null} exit */
  constructor(problem, exit) {
    super(problem.message);
    this.problem = problem;
    this.exit = exit;
  }
}

/**
 * @typedef {object} GitCall
 * @property {'fetch' | 'read'} [way] `read` unless told otherwise: nothing leaves the machine
 * @property {Readonly<Record<string, string>>} [settings] of this call alone
 * @property {string | Buffer} [input]
 * @property {number} [timeoutMs]
 * @property {number} [fileBytes] no file that it writes may be bigger
 * @property {AbortSignal} [signal] ends it
 * @property {(chunk: Buffer) => boolean | void} [onData] false: has seen enough; the command is ended, which is no failure
 */
/** @typedef {(args: readonly string[], call?: GitCall) => Promise<Buffer>} Git resolves with what it wrote, empty where `onData` took it; rejects with GitError */

/** What one command may write where nobody takes it as it comes. */
const mostOutput = 32 * 1024 * 1024;

/**
 * @param {import('./git-command.mjs').GitPlace} place
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {Git}
 */
export const createGit =
  (place, env) =>
  (args, { way = 'read', settings = {}, input, timeoutMs = 60_000, fileBytes = 0, signal, onData } = {}) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const command = ['git', ...toGitArgs(place, way, { settings, args })];
      const limits = { fileBytes: fileBytes || 1024 * 1024, seconds: Math.ceil(timeoutMs / 1000) };
      const [file = 'git', ...rest] = process.platform === 'linux' ? [...toLimiter(limits), ...command] : command;
      // A group of its own: ssh and index-pack end with it.
      const child = spawn(file, rest, {
        env: toGitEnvironment(place, way, env),
        cwd: place.fetchFolder,
        stdio: 'pipe',
        detached: true,
      });
      /** @type {Buffer[]} */
      const written = [];
      let size = 0;
      let stderr = '';
      let enough = false;
      let timedOut = false;
      let tooMuch = false;
      const kill = () => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        } catch (error) {
          if (error.code !== 'ESRCH') throw error;
        }
      };
      const timer = setTimeout(() => {
        timedOut = true;
        kill();
      }, timeoutMs);
      signal?.addEventListener('abort', kill, { once: true });
      child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
        if (enough) return;
        if (onData) {
          enough = onData(chunk) === false;
        } else {
          size += chunk.length;
          tooMuch = size > mostOutput;
          if (!tooMuch) written.push(chunk);
        }
        if (enough || tooMuch) kill();
      });
      child.stderr.on('data', (chunk) => {
        if (stderr.length < 16_384) stderr += chunk;
      });
      // It may end before it has read everything; how it ended says why.
      child.stdin.on('error', () => child.stdin.destroy());
      child.stdin.end(input);
      child.once('error', (error) => finish(null, error.message));
      child.once('close', (code, by) => finish(code, by));
      /** @param {number | null} exit @param {string | null} by */
      function finish(exit, by) {
        clearTimeout(timer);
        signal?.removeEventListener('abort', kill);
        // Its helpers may outlive it where it was killed from elsewhere.
        kill();
        if (signal?.aborted) return reject(signal.reason);
        if (exit === 0 || enough) return resolve(Buffer.concat(written));
        reject(new GitError(toProblem(args[0] ?? '', { stderr, exit, signal: by, timedOut, tooMuch }), exit));
      }
    });
