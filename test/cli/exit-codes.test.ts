import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../support/ports.ts';
import { createWorkbench, engineContents, type Workbench } from './support.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.remove());

describe('exit codes', () => {
  it('0: version needs no engine and no state', async () => {
    const { code, stdout } = await bench.run(['version', '--json'], { DOCKER_HOST: 'unix:///nowhere' });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });

  it.each([
    ['an unknown command', ['frobnicate']],
    ['an unknown option', ['status', '--bogus']],
    ['a missing argument', ['exec']],
    ['a number that is none', ['web', '--port', 'x']],
    ['a service that the file does not have', ['plan', 'nothing']],
    ['another engine verb', ['engine', 'explode']],
  ])('2: %s', async (_what, args) => {
    const file = await bench.file('fine.yaml', `name: fine\nservices: {web: {image: '${bench.engine.base}'}}\n`);
    const all = args[0] === 'plan' ? ['-f', file, ...args] : args;
    const text = await bench.run(all);
    expect(text).toMatchObject({ code: 2, stdout: '' });
    expect(text.stderr).not.toBe('');
    const json = await bench.run([...all, '--json']);
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { message: expect.any(String) } });
  });

  it('2: the first `up` without a terminal and without an answer names the flags', async () => {
    const { code, stderr } = await bench.run(['up']);
    expect(code).toBe(2);
    expect(stderr).toContain('--workspace');
    expect(stderr).toContain('--yes');
  });

  it('3: an engine that does not answer, with what to do', async () => {
    const socket = join(bench.folder, 'no.sock');
    const file = await bench.file('fine.yaml', `name: fine\nservices: {web: {image: '${bench.engine.base}'}}\n`);
    for (const command of ['status', 'plan', 'up', 'ls', 'engine']) {
      const { code } = await bench.run(['-f', file, command], { DOCKER_HOST: `unix://${socket}` });
      expect([command, code]).toEqual([command, 3]);
    }
    const { stdout } = await bench.run(['-f', file, 'plan', '--json'], { DOCKER_HOST: `unix://${socket}` });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'engine.unreachable', hint: expect.any(String) } });
  });

  it('3: an engine that nobody knows', async () => {
    expect(await bench.run(['status', '--engine', 'nobody'])).toMatchObject({ code: 3 });
  });

  it('4: a file that is not there', async () => {
    const { code, stderr } = await bench.run(['-f', 'missing.yaml', 'plan']);
    expect(code).toBe(4);
    expect(stderr).toContain('missing.yaml');
  });

  it('4: a file with mistakes: each with its place, all at once, and nothing is created', async () => {
    const file = await bench.file(
      'broken.yaml',
      [
        'name: broken',
        'services:',
        '  web:',
        `    image: ${bench.engine.base}`,
        '    imagge: typo',
        '    ports:',
        '      - "99999:80"',
        '    environment:',
        '      - KEY=$' + '{CLAUDE_ENV_CLI_TEST_MISSING:?it is needed}',
        '    networks: [nowhere]',
        '    depends_on: [db]',
        '  db:',
        `    image: ${bench.engine.base}`,
        '    depends_on: [web]',
        '',
      ].join('\n'),
    );
    const before = await engineContents(bench.engine);
    const { code, stdout, stderr } = await bench.run(['up', '-f', file]);
    expect(code).toBe(4);
    expect(stdout).toBe('');
    const places = stderr.split('\n').flatMap((line) => {
      const match = /^(.*broken\.yaml):(\d+):(\d+): (.+)$/.exec(line);
      return match === null ? [] : [{ file: match[1], line: Number(match[2]), text: match[4] }];
    });
    const at = (line: number, text: RegExp) =>
      expect(places, stderr).toContainEqual({ file, line, text: expect.stringMatching(text) });
    at(5, /imagge/);
    at(7, /99999/);
    at(9, /CLAUDE_ENV_CLI_TEST_MISSING/);
    at(10, /nowhere/);
    expect(
      places.find(({ text }) => /cycle|circular|depend on each other/i.test(text ?? '')),
      stderr,
    ).toMatchObject({ file });

    const json = await bench.run(['up', '-f', file, '--json']);
    expect(json).toMatchObject({ code: 4, stderr: '' });
    const { error } = JSON.parse(json.stdout) as { error: { code: string; diagnostics: { where?: object }[] } };
    expect(error.code).toBe('file.invalid');
    expect(error.diagnostics.length).toBeGreaterThanOrEqual(5);
    for (const diagnostic of error.diagnostics) {
      expect(diagnostic.where).toMatchObject({ file, line: expect.any(Number), column: expect.any(Number) });
    }
    expect(await engineContents(bench.engine)).toEqual(before);
  });

  it('1: a port that somebody else holds, by name, before anything is created', async () => {
    const holder = createServer();
    const port = await listen(holder);
    const name = bench.engine.uniqueName('taken');
    const file = await bench.file(
      'taken.yaml',
      `name: ${name}\nservices:\n  web:\n    image: ${bench.engine.base}\n    command: sleep infinity\n    ports: ['127.0.0.1:${port}:80']\n`,
    );
    const before = await engineContents(bench.engine);
    try {
      const { code, stdout, stderr } = await bench.run(['-f', file, 'up', '--json']);
      expect([code, stderr]).toEqual([1, '']);
      expect(stdout).toContain('"port.taken"');
      expect(stdout).toContain(String(port));
      expect(await engineContents(bench.engine)).toEqual(before);
    } finally {
      holder.close();
    }
  });

  it('a reader that goes away is no failure', async () => {
    const { child, finished } = bench.start(['--help']);
    child.stdout?.destroy();
    const { code, stderr } = await finished;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
