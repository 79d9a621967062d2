import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex, type Readable, type Writable } from 'node:stream';
import type { Endpoint } from './endpoint.ts';

/*
 * The engine behind `ssh`, as the docker CLI reaches it (docker/cli cli/connhelper): the system's own ssh runs
 * `docker system dial-stdio` over there, so host keys, ~/.ssh/config, agents and jump hosts count. One process per
 * connection; the HTTP agent keeps idle ones for the next call. docker-modem's own ssh is not used: it checks no host key.
 */

export type SshEndpoint = Extract<Endpoint, { kind: 'ssh' }>;

/** What ssh said on its way out; `words` is the end of its standard error. */
export class SshFailure extends Error {
  readonly words: string;

  constructor(words: string, options?: ErrorOptions) {
    super(words.split('\n').at(-1) || 'ssh ended without a word', options);
    this.name = 'SshFailure';
    this.words = words;
  }
}

/**
 * BatchMode: nobody is there to answer a prompt, so ssh must fail and say why instead of waiting for ever.
 * ServerAlive*: a peer that vanished is noticed within 30 s. `--` ends the options, whatever the host is called.
 */
export const sshArguments = ({ host, user, port, path }: SshEndpoint): readonly string[] => [
  '-o',
  'BatchMode=yes',
  '-o',
  'ConnectTimeout=15',
  '-o',
  'ServerAliveInterval=10',
  '-o',
  'ServerAliveCountMax=2',
  '-T',
  ...(user === undefined ? [] : ['-l', user]),
  ...(port === undefined ? [] : ['-p', String(port)]),
  '--',
  host,
  'docker',
  ...(path === undefined ? [] : ['--host', `unix://${path}`]),
  'system',
  'dial-stdio',
];

const stderrLimit = 4000;

type SshProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** A process's standard input and output, with the few methods that Node's HTTP client wants of a socket. */
class DialSocket extends Duplex {
  readonly #child: SshProcess;
  #words = '';

  constructor(child: SshProcess) {
    // When the engine over there goes, ssh ends with 0: both directions end then, or a half-read answer would wait for ever.
    super({ allowHalfOpen: false });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => {
      this.#words = (this.#words + text).slice(-stderrLimit);
    });
    // A process that is gone refuses what is written to it; `close` below tells the reason.
    child.stdin.on('error', () => this.#child.stdin.destroy());
    child.on('error', (cause) => this.destroy(new SshFailure(`ssh could not be started: ${cause.message}`, { cause })));
    child.on('close', (code) => {
      if (code === 0) this.push(null);
      else this.destroy(new SshFailure(this.#words.trim() || `ssh ended with exit code ${code}`));
    });
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // What cannot be written has a reason that ssh is about to give: `close` ends this stream, with that reason.
    this.#child.stdin.write(chunk, (error) => {
      if (!error) done();
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#child.stdin.destroyed) done();
    else this.#child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }

  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    this.#child.ref();
    return this;
  }
  unref(): this {
    this.#child.unref();
    return this;
  }
}

/** An HTTP agent whose connections are ssh processes. */
export function createSshAgent(endpoint: SshEndpoint): Agent {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 2 });
  agent.createConnection = () =>
    new DialSocket(spawn('ssh', [...sshArguments(endpoint)], { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true }));
  return agent;
}
