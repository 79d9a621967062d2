import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../main/platform/run-program.ts';
import type { ProgramCall } from '../../main/services/ports.ts';

const node = (script: string, more: Partial<ProgramCall> = {}): ProgramCall => ({
  program: process.execPath,
  args: ['-e', script],
  cwd: tmpdir(),
  env: { PATH: process.env.PATH },
  timeout: 20_000,
  maxBytes: 1000,
  ...more,
});
const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

describe('running a program', () => {
  it('gives output and exit code, without its complaints; it has no input', async () => {
    const script =
      'process.stderr.write("no"); process.stdin.on("end", () => { console.log("ü"); process.exitCode = 3 }).resume()';
    expect(await runProgram(node(script))).toEqual({ kind: 'ended', code: 3, output: 'ü\n' });
  });

  it('hands arguments over as they are', async () => {
    const call = node('console.log(process.argv[1])');
    const end = await runProgram({ ...call, args: [...call.args, '$(id) `x` "; rm -rf'] });
    expect(end).toMatchObject({ output: '$(id) `x` "; rm -rf\n' });
  });

  it.runIf(process.platform !== 'win32')('ends what is late, with what it has started', async () => {
    const script =
      'const { pid } = require("node:child_process").spawn("sleep", ["60"]); require("node:fs").writeFileSync(process.env.OUT, String(pid)); setInterval(() => {}, 1000)';
    const { mkdtemp, readFile, rm } = await import('node:fs/promises');
    const folder = await mkdtemp(`${tmpdir()}/claude-env-run-`);
    const stop = new AbortController();
    const running = runProgram(
      node(script, { env: { PATH: process.env.PATH, OUT: `${folder}/pid` }, signal: stop.signal }),
    );
    let pid = 0;
    for (let turn = 0; pid === 0; turn += 1) {
      if (turn > 2000) throw new Error('It did not start.');
      await new Promise((resolve) => setTimeout(resolve, 5));
      pid = Number(await readFile(`${folder}/pid`, 'utf8').catch(() => '0'));
    }
    stop.abort();
    expect(await running).toEqual({ kind: 'cancelled' });
    for (let turn = 0; !isGone(pid) && turn < 2000; turn += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(isGone(pid)).toBe(true);
    await rm(folder, { recursive: true });
    expect(await runProgram(node('setInterval(() => {}, 1000)', { timeout: 300 }))).toEqual({ kind: 'late' });
  });

  it('says what cannot be started, and stops at too much output', async () => {
    expect(await runProgram(node('', { program: '/nonexistent/program' }))).toMatchObject({ kind: 'not-started' });
    expect(await runProgram(node('for (;;) console.log("x".repeat(100))'))).toEqual({ kind: 'too-much' });
  });
});
