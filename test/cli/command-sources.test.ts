import { chmod, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everythingBelow, findShapes } from '../support/canaries.ts';
import { noKeychain } from '../support/secret-service.ts';
import { createWorkbench, type Finished, sleepingProject, type Workbench } from './support.ts';

/* A secret that a program prints, as a password manager's: from a file that is trusted, into the container. */

const canary = 'c4nary~Ü0451';
let bench: Workbench;
const said: string[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.remove());

async function run(args: readonly string[]): Promise<Finished> {
  const path = [join(bench.folder, 'bin'), process.env.PATH].join(delimiter);
  const ended = await bench.run(args, { ...noKeychain, PATH: path });
  said.push(ended.stdout, ended.stderr);
  return ended;
}

describe.runIf(process.platform !== 'win32')('a secret from a command', () => {
  it('is asked for only when the file is trusted as it is, and is nowhere but in the container', async () => {
    // The value is put together, so that the program's own text does not have it.
    const program = await bench.file(
      'bin/manager',
      `#!/bin/sh
echo "asked with $*" >> '${bench.folder}/asked'
[ "$2" = op://vault/tok ] || { echo 'no: c4nary~' >&2; exit 6; }
printf '%s%s\\n' 'c4nary~' 'Ü0451'
`,
    );
    await chmod(program, 0o755);
    const project = bench.engine.uniqueName('command');
    const compose = (item: string) =>
      bench.file(
        'app/compose.yaml',
        sleepingProject(
          bench,
          project,
          '    secrets: [tok]\n',
          `secrets:\n  tok: {environment: TOK, x-claude-env: {command: [manager, read, '${item}']}}\n`,
        ),
      );
    const file = await compose('op://vault/tok');
    const up = (...more: readonly string[]) => run(['up', '-f', file, '--yes', ...more]);
    const asked = () => readFile(join(bench.folder, 'asked'), 'utf8').catch(() => '');

    const refused = await up();
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining(`trust add ${file}`) });
    expect(await run(['trust', 'add', file])).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('manager read'),
    });
    expect(await asked()).toBe('');

    expect(await run(['trust', 'add', file, '--yes'])).toMatchObject({ code: 0 });
    expect(await up()).toMatchObject({ code: 0 });
    expect(await asked()).toBe('asked with read op://vault/tok\n');
    const shown = await bench.run(['exec', '--file', file, '-T', 'web', 'cat', '/run/secrets/tok']);
    expect(shown.stdout.trim()).toBe(canary);
    said.push(JSON.stringify(await bench.engine.docker.getContainer(`${project}-web-1`).inspect()));

    await compose('op://vault/other');
    const changed = await up('--force-recreate');
    expect(changed).toMatchObject({ code: 4, stderr: expect.stringContaining('has changed since it was trusted') });
    await run(['trust', 'add', file, '--yes']);
    const failed = await up('--force-recreate');
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('ended with code 6') });
    const listed = await run(['trust', 'list', '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      trusted: [{ path: file, state: 'trusted', commands: [['manager', 'read', 'op://vault/other']] }],
    });
    expect(await run(['trust', 'rm', file])).toMatchObject({ code: 0 });
    expect(said.join('\n')).not.toContain('c4nary');
    expect(findShapes(await everythingBelow(bench.folder), canary)).toEqual([]);
  });
});
