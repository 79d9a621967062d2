import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, lstat, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everythingBelow, findShapes } from '../support/canaries.ts';
import { hasSecretService, noKeychain } from '../support/secret-service.ts';
import { deskWithKeyring } from './keyring.ts';
import { type Finished, sleepingProject } from './support.ts';

/* `secret import` on a real Secret Service: what is in the file, in the keychain, and in the container before and after. */

const canary = 'c4nary value~Ü0451';
const source = `# settings\r\nPORT=80\r\nexport DB_PASSWORD='${canary}' # of the database\r\nAPI_TOKEN="two\r\nlines-${canary}"\r\nNAME=shop`;

const desk = deskWithKeyring();
const said: string[] = [];

async function run(args: readonly string[]): Promise<Finished> {
  const ended = await desk.run(args);
  said.push(ended.stdout, ended.stderr);
  return ended;
}

describe.runIf(hasSecretService)('secrets of a .env file', () => {
  it('go to the keychain and from there into the container; the file has comments, and can be put back', async () => {
    const { bench } = desk;
    const project = bench.engine.uniqueName('import');
    const file = await bench.file('kept/env', source);
    await chmod(file, 0o640);
    await mkdir(join(bench.folder, 'app'));
    const link = join(bench.folder, 'app', '.env');
    await symlink('../kept/env', link);
    const compose = await bench.file(
      'app/compose.yaml',
      sleepingProject(bench, project, `    environment: {PASSWORD: '\${DB_PASSWORD}', TOKEN: '\${API_TOKEN}'}\n`),
    );

    const looked = await run(['secret', 'import', link]);
    expect(looked).toMatchObject({ code: 0, stdout: expect.stringMatching(/DB_PASSWORD.*\n.*API_TOKEN/) });
    expect(looked.stdout).toContain('Nothing was changed.');
    const unsure = await run(['secret', 'import', link, '--all-proposed']);
    expect(unsure).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(await readFile(file, 'utf8')).toBe(source);

    const moved = await run(['secret', 'import', link, '--all-proposed', '--yes', '--json']);
    expect(JSON.parse(moved.stdout)).toMatchObject({ moved: ['DB_PASSWORD', 'API_TOKEN'], to: { project } });
    expect(await readFile(file, 'utf8')).toBe(
      '# settings\r\nPORT=80\r\n# DB_PASSWORD is in the keychain (claude-env) # of the database\r\n# API_TOKEN is in the keychain (claude-env)\r\nNAME=shop',
    );
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(findShapes(await everythingBelow(bench.folder), canary)).toEqual([]);

    const up = await run(['up', '-f', compose, '--yes', '--json']);
    expect(up).toMatchObject({ code: 0 });
    const container = bench.engine.docker.getContainer(`${project}-web-1`);
    const { Config } = await container.inspect();
    expect(Config.Env).toEqual(expect.arrayContaining([`PASSWORD=${canary}`, `TOKEN=two\nlines-${canary}`]));

    const undone = await run(['secret', 'import', link, '--undo', '--yes', '--json']);
    expect(JSON.parse(undone.stdout)).toMatchObject({ restored: ['DB_PASSWORD', 'API_TOKEN'], left: [] });
    expect(await readFile(file, 'utf8')).toBe(source);
    expect(await run(['secret', 'import', link, '--undo', '--yes'])).toMatchObject({ code: 2 });
    expect(said.join('\n')).not.toContain(canary);
  });

  it('by name, for the user; git’s history is named, and another value in the keychain is not overwritten', async () => {
    const { bench } = desk;
    const file = await bench.file('repo/.env', 'A_SECRET=first-value\nOTHER=plain\n');
    const folder = join(bench.folder, 'repo');
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { stdio: 'ignore' });
    git('init');
    const staged = await run(['secret', 'import', file]);
    expect(staged.stderr).not.toContain('git');
    git('add', '-f', '.env');
    expect((await run(['secret', 'import', file])).stderr).toContain('git’s index has');
    git('commit', '-m', 'x');
    const nobody = await run(['secret', 'import', file, '--all-proposed', '--yes']);
    expect(nobody).toMatchObject({ code: 2, stderr: expect.stringContaining('--user') });

    const named = await run(['secret', 'import', file, 'OTHER', '--user', '--yes']);
    expect(named).toMatchObject({ code: 0, stderr: expect.stringContaining('git’s history has') });
    expect(await readFile(file, 'utf8')).toBe('A_SECRET=first-value\n# OTHER is in the keychain (claude-env)\n');

    await writeFile(file, 'OTHER=changed\n');
    const taken = await run(['secret', 'import', file, 'OTHER', '--user', '--yes']);
    expect(taken).toMatchObject({ code: 2, stderr: expect.stringContaining('another value already') });
    expect(await readFile(file, 'utf8')).toBe('OTHER=changed\n');
    expect(await run(['secret', 'import', file, 'OTHER', '--user', '--yes', '--replace'])).toMatchObject({ code: 0 });
  });

  it('are chosen on a terminal, where only names are shown', async (context) => {
    if (spawnSync('script', ['--version']).status !== 0) context.skip();
    const { bench } = desk;
    const file = await bench.file('terminal/.env', `A_SECRET=${canary}\nB_SECRET=second\nC=plain\n`);
    const { child, finished } = desk.onTerminal(['secret', 'import', file, '--user', '--yes']);
    child.stdin?.write('B_SECRET\n');
    const { code, stdout } = await finished;
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Which of them? Names, or [all]'),
    });
    expect(stdout).not.toContain(canary);
    expect(await readFile(file, 'utf8')).toBe(
      `A_SECRET=${canary}\n# B_SECRET is in the keychain (claude-env)\nC=plain\n`,
    );
  });

  it('stay where they are when there is no keychain', async () => {
    const { bench } = desk;
    const file = await bench.file('nowhere/.env', 'A_SECRET=value\n');
    const before = await everythingBelow(bench.state);
    const refused = await bench.run(['secret', 'import', file, '--all-proposed', '--user', '--yes'], noKeychain);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('no session bus') });
    expect(await readFile(file, 'utf8')).toBe('A_SECRET=value\n');
    expect(await everythingBelow(bench.state)).toBe(before);
  });
});
