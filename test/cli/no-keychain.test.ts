import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noKeychain } from '../support/secret-service.ts';
import { createWorkbench, sleepingProject, type Workbench } from './support.ts';

/* Every `secret` command says so and what is left; nothing is written. */
const canary = 'c4nary~Ü~0451';

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.remove());

/** Every file with its text, and the folders. */
async function everything(): Promise<readonly (readonly [name: string, text: string])[]> {
  const entries = await readdir(bench.folder, { recursive: true });
  return Promise.all(
    entries.map(async (name) => {
      const path = join(bench.folder, name);
      return [name, (await stat(path)).isFile() ? await readFile(path, 'latin1') : ''] as const;
    }),
  );
}
/** But for what V8 keeps of the program itself, the log and locks. */
const written = async () =>
  Object.fromEntries((await everything()).filter(([name]) => !/\.cache|state\/(?:log|locks)/.test(name)));

const sessionWay = expect.stringMatching(/no session bus|keychain library[\s\S]*For one run only/);

describe('without a keychain', () => {
  it.each([
    ['secret set TOKEN', 1],
    ['secret set TOKEN --scope project -p shop', 1],
    ['secret rm TOKEN', 1],
    ['secret list', 0],
    ['secret import app/.env --user --all-proposed --yes', 1],
    ['secret import app/.env TOKEN --project shop --yes', 1],
  ])('`%s` says why, and what can be done for one run', async (line, code) => {
    await bench.file('app/.env', `TOKEN=${canary}-and-some-more-of-it\n`);
    const before = await written();
    const running = bench.start(line.split(' '), noKeychain);
    running.child.stdin?.end(canary);
    const found = await running.finished;
    expect(found).toMatchObject({ code, stderr: sessionWay });
    expect(found.stdout + found.stderr).not.toContain('c4nary');
    expect(await written()).toEqual(before);
  });

  it('says the same to programs', async () => {
    const { stdout } = await bench.run(['secret', 'list', '--json'], noKeychain);
    expect(JSON.parse(stdout)).toMatchObject({ secrets: [], keychain: { code: 'keychain.missing' } });
  });

  it('does everything else: a stack goes up, is looked at and goes down', async () => {
    const name = bench.engine.uniqueName('busless');
    const file = await bench.file(
      `${name}/compose.yaml`,
      sleepingProject(
        bench,
        name,
        `    environment: {PLAIN: "\${PLAIN:-by default}", PASSED: "\${PASSED}"}\n    secrets: [token]\n`,
        'secrets: {token: {environment: TOKEN}}\n',
      ),
    );
    const without = await bench.run(['-f', file, 'plan'], noKeychain);
    expect(without).toMatchObject({ code: 4, stdout: expect.stringContaining('TOKEN') });
    const set = { ...noKeychain, TOKEN: canary, PASSED: 'on' };
    for (const [line, code] of [
      ['config', 0],
      ['plan', 0],
      ['up --yes', 0],
      ['status', 0],
      ['drift', 0],
      ['logs', 0],
      ['down --yes', 0],
    ] as const) {
      const found = await bench.run(['-f', file, ...line.split(' ')], set);
      expect([line, found.code, found.stderr]).toEqual([line, code, expect.anything()]);
    }
    const holding = (await everything()).filter(([, text]) => text.includes('c4nary'));
    expect(holding.map(([name]) => name)).toEqual(['app/.env']);
  });
});
