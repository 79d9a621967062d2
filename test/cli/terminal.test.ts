import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createWorkbench,
  hasScript,
  type Running,
  sleepingProject,
  startOnTerminal,
  type Workbench,
} from './support.ts';

/*
 * `run` and `exec` on a terminal. util-linux' `script` gives one: what it reads are the keys, what it writes is the screen,
 * and with -e its exit code is the program's.
 */

let bench: Workbench;
let project: string;
let file: string;
beforeAll(async () => {
  bench = await createWorkbench();
  project = bench.engine.uniqueName('tty');
  file = await bench.file('tty/compose.yaml', sleepingProject(bench, project));
  expect((await bench.run(['-f', file, 'up'])).code).toBe(0);
});
afterAll(() => bench.remove());

const onTerminal = (...args: string[]): Running => startOnTerminal(bench, 'rows 33 cols 77', ['-f', file, ...args]);
const screen = (line: string) => (said: string) => said.replaceAll('\r', '').endsWith(line);

describe.skipIf(!hasScript)('on a terminal', () => {
  it.each([
    ['run', ['run', '--rm', 'web']],
    ['exec', ['exec', 'web']],
  ])('%s has one of the same size, and Ctrl-C is the command’s', async (_what, args) => {
    // The size is told once the command runs, so it is asked for until it is there.
    const line =
      'until [ "$(stty size)" = "33 77" ]; do sleep 0.05; done; trap "echo interrupted; exit 3" INT; tty; echo ready; while :; do sleep 0.1; done';
    const running = onTerminal(...args, 'bash', '-c', line);
    await running.line(screen('ready'));
    running.child.stdin?.write('\x03');
    const { code, stdout } = await running.finished;
    expect(code).toBe(3);
    expect(stdout).toMatch(/\/dev\/pts\/\d+/);
    expect(stdout).toContain('interrupted');
  });

  it('Ctrl-P Ctrl-Q leaves a one-off running', async () => {
    const name = `${project}-left`;
    const running = onTerminal('run', '--name', name, 'web', 'sh', '-c', 'echo ready; exec sleep 1000');
    await running.line(screen('ready'));
    running.child.stdin?.write('\x10\x11');
    expect((await running.finished).code).toBe(0);
    expect((await bench.engine.docker.getContainer(name).inspect()).State.Running).toBe(true);
  });

  it('-T takes none', async () => {
    const running = onTerminal('run', '--rm', '-T', 'web', 'sh', '-c', 'test -t 1 || echo none');
    expect((await running.finished).stdout).toContain('none');
  });
});
