import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExecOptions, LogChunk, LogOptions } from '../../main/services/ports.ts';
import { type Bench, openBench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const still = new AbortController().signal;

async function logsOf(name: string, options: Partial<LogOptions> = {}): Promise<readonly LogChunk[]> {
  const chunks: LogChunk[] = [];
  await bench.connection.logs(
    name,
    { follow: false, timestamps: false, ...options },
    (chunk) => chunks.push(chunk),
    still,
  );
  return chunks;
}

async function finished(line: string, body: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const name = await bench.start(line, body);
  await bench.run({ kind: 'wait-completed', container: name, optional: false });
  return name;
}

describe('logs', () => {
  test('both streams apart, times taken off the lines, tail', async () => {
    const name = await finished('echo out; echo err >&2; printf "no newline"');
    const chunks = await logsOf(name, { timestamps: true });
    expect(chunks.map(({ stream, text }) => `${stream}: ${text}`).sort()).toEqual([
      'stderr: err',
      'stdout: no newline',
      'stdout: out',
    ]);
    for (const { at } of chunks) expect(at).toMatch(/^\d{4}-\d\d-\d\dT[\d:]+\.\d+Z$/);
    expect((await logsOf(name, { tail: 1 })).map(({ text }) => text)).toEqual(['no newline']);
    const last = chunks.at(-1)?.at ?? '';
    const since = await logsOf(name, { since: last, timestamps: true });
    expect(since.at(-1)).toEqual(chunks.at(-1));
    expect(since.length).toBeLessThan(4);
  });

  test('of a container with a terminal: one stream, carriage returns gone', async () => {
    const name = await finished('echo out; echo err >&2', { Tty: true });
    expect(await logsOf(name)).toEqual([
      { stream: 'stdout', text: 'out' },
      { stream: 'stdout', text: 'err' },
    ]);
  });

  test('a line of 100,000 bytes comes in pieces, characters stay whole', async () => {
    const name = await finished('yes ü | head -c 150000 | tr -d "\\n"; echo; echo after');
    const texts = (await logsOf(name)).map(({ text }) => text);
    expect(texts.at(-1)).toBe('after');
    const pieces = texts.slice(0, -1);
    expect(pieces.length).toBeGreaterThanOrEqual(4);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBe(16 * 1024);
    expect(pieces.join('')).toMatch(/^ü{50000}$/);
  });

  test('following ends with the container, or with the signal', async () => {
    const texts: string[] = [];
    const name = await bench.start('echo one; sleep 0.5; echo two');
    const options = { follow: true, timestamps: false };
    await bench.connection.logs(name, options, ({ text }) => texts.push(text), still);
    expect(texts).toEqual(['one', 'two']);
    const abort = new AbortController();
    const endless = await bench.start('while true; do echo tick; sleep 0.1; done');
    const following = bench.connection.logs(endless, options, () => abort.abort(), abort.signal);
    await expect(following).rejects.toMatchObject({ error: { code: 'cancelled' } });
  });

  test('of a container that is not there', async () => {
    await expect(logsOf('no-such-container')).rejects.toMatchObject({ error: { code: 'engine.error' } });
  });
});

describe('exec', () => {
  let name: string;
  beforeAll(async () => {
    name = await bench.start('sleep 600');
  });

  async function exec(options: Partial<ExecOptions> & Pick<ExecOptions, 'command'>) {
    let stdout = '';
    let stderr = '';
    const { exitCode } = await bench.connection.exec(name, {
      onOutput: (stream, chunk) => {
        const text = Buffer.from(chunk).toString();
        if (stream === 'stdout') stdout += text;
        else stderr += text;
      },
      ...options,
    });
    return { exitCode, stdout, stderr };
  }
  const sh = (line: string) => ({ command: ['sh', '-c', line] });

  test('exit code, both streams, user, folder and environment', async () => {
    const result = await exec({
      ...sh('echo $A; id -u; pwd; echo bad >&2; exit 5'),
      environment: ['A=b c'],
      user: '1234',
      workingDir: '/bin',
    });
    expect(result).toEqual({ exitCode: 5, stdout: 'b c\n1234\n/bin\n', stderr: 'bad\n' });
  });

  test('standard input ends, and then the output does', async () => {
    async function* input() {
      yield Buffer.from('one\n');
      yield Buffer.from('two\n');
    }
    expect(await exec({ ...sh('wc -l'), input: input() })).toEqual({ exitCode: 0, stdout: '2\n', stderr: '' });
  });

  test('a command that ends while input is still open does not wait for it', async () => {
    async function* never() {
      yield Buffer.from('x\n');
      await new Promise(() => {});
    }
    expect(await exec({ ...sh('read line; echo got $line'), input: never() })).toMatchObject({ stdout: 'got x\n' });
  });

  test('a terminal has the size that is asked for', async () => {
    const resized = Promise.withResolvers<void>();
    async function* input() {
      await resized.promise;
      yield Buffer.from('\n');
      // A terminal whose input ends hangs up on its process.
      await new Promise(() => {});
    }
    const { stdout } = await exec({
      ...sh('read x; stty size'),
      tty: true,
      input: input(),
      onStart: ({ resize }) => resize(101, 33).then(resized.resolve, resized.reject),
    });
    expect(stdout).toContain('33 101');
  });

  test('a cancel closes the conversation', async () => {
    const abort = new AbortController();
    const running = exec({ ...sh('echo begun; sleep 600'), signal: abort.signal, onOutput: () => abort.abort() });
    await expect(running).rejects.toMatchObject({ error: { code: 'cancelled' } });
  });

  test('a command that does not exist', async () => {
    const { exitCode } = await exec({ command: ['no-such-command'] });
    // 20.10 says 126 (what its shell would say of a file that cannot be run), later engines 127.
    expect([126, 127]).toContain(exitCode);
  });
});
