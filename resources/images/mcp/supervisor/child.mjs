// One MCP server process on stdin and stdout, under its own user.
import { spawn } from 'node:child_process';
import { ReadBuffer, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import { createLastWords } from './last-words.mjs';
import { toServerEnvironment } from './servers.mjs';

/** How long a process may take to end after its stdin closed, and after SIGTERM, in milliseconds. */
const graceMs = 1000;

/**
 * @typedef {object} ServerProcess
 * @property {number} pid
 * @property {(message: import('@modelcontextprotocol/sdk/types.js').JSONRPCMessage) => void} send
 * @property {(handler: (message: import('@modelcontextprotocol/sdk/types.js').JSONRPCMessage) => void) => void} listen takes
 *   what it says from now on; before, nothing is asked, so nothing it says matters
 * @property {() => void} stop asks it to end, and makes it end
 * @property {() => boolean} isStopping whether its end was asked for
 * @property {Promise<string>} ended resolves with why it ended, in words; never rejects
 */

/**
 * Starts a server.
 * @param {import('./servers.mjs').ServerDefinition} definition
 * @param {Record<string, string | undefined>} env the supervisor's environment
 * @returns {ServerProcess}
 */
export function startServerProcess(definition, env) {
  /** @type {(message: import('@modelcontextprotocol/sdk/types.js').JSONRPCMessage) => void} */
  let onMessage = () => undefined;
  const environment = toServerEnvironment(definition, env);
  const child = spawn(definition.command, [...definition.args], {
    cwd: environment.HOME,
    env: environment,
    uid: definition.uid,
    gid: definition.uid,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group of its own, so that a browser it started ends with it.
    detached: true,
  });
  const lastWords = createLastWords();
  child.stderr.on('data', (chunk) => lastWords.push(String(chunk)));
  // A write to a process that has just ended fails here; `exit` reports the end itself.
  child.stdin.on('error', () => signalGroup(child.pid, 'SIGTERM'));

  const buffer = new ReadBuffer({ maxBufferSize: 64 * 1024 * 1024 });
  child.stdout.on('data', (chunk) =>
    readMessages(buffer, chunk, { onMessage: (message) => onMessage(message), onBroken: stop, name: definition.name }),
  );

  const ended = new Promise((resolve) => {
    child.on('error', (error) => resolve(`cannot be started: ${error.message}`));
    child.on('exit', (code, signal) => {
      // What it left running in its group (a browser) must not outlive it.
      signalGroup(child.pid, 'SIGKILL');
      const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
      const said = code === 0 || signal !== null ? '' : lastWords.line();
      resolve(said === '' ? how : `${how}: ${said}`);
    });
  });

  let stopping = false;
  function stop() {
    if (stopping || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    stopping = true;
    child.stdin.end();
    const term = setTimeout(() => signalGroup(child.pid, 'SIGTERM'), graceMs);
    const kill = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), graceMs * 2);
    ended.finally(() => {
      clearTimeout(term);
      clearTimeout(kill);
    });
  }

  return {
    pid: child.pid ?? -1,
    send: (message) => {
      if (child.stdin.writable) {
        child.stdin.write(serializeMessage(message));
      }
    },
    listen: (handler) => {
      onMessage = handler;
    },
    stop,
    isStopping: () => stopping,
    ended,
  };
}

/** @param {number | undefined} pid @param {NodeJS.Signals} signal */
function signalGroup(pid, signal) {
  if (pid === undefined) {
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: the whole group is gone, which is what was asked for.
    if (error.code !== 'ESRCH') {
      throw error;
    }
  }
}

/**
 * Hands over each whole message. A line that is none is skipped; only a message without end breaks the server.
 * @param {ReadBuffer} buffer
 * @param {Buffer} chunk
 * @param {{onMessage: (message: import('@modelcontextprotocol/sdk/types.js').JSONRPCMessage) => void, onBroken: () => void, name: string}} options
 */
function readMessages(buffer, chunk, { onMessage, onBroken, name }) {
  try {
    buffer.append(chunk);
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    onBroken();
    return;
  }
  for (;;) {
    try {
      const message = buffer.readMessage();
      if (message === null) {
        return;
      }
      onMessage(message);
    } catch (error) {
      // readMessage has taken the line off the buffer before it parsed it, so reading goes on with the next one.
      console.error(`${name} wrote a line that is not a message: ${String(error.message).slice(0, 200)}`);
    }
  }
}
