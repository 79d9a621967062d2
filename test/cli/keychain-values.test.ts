import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everythingBelow } from '../support/canaries.ts';
import { hasSecretService, noKeychain } from '../support/secret-service.ts';
import { deskWithKeyring } from './keyring.ts';
import { containersOf, type Finished, hasScript, type Running, sleepingProject } from './support.ts';

/* `${NAME}` from the keychain: a real Secret Service, a real engine. What it may do is in test/services/stack-values.test.ts. */
const canary = 'c4nary~value~0817';

const desk = deskWithKeyring();

const run = (...args: string[]): Promise<Finished> => desk.run(args);
const setSecret = desk.setSecret;
const said = (results: readonly Finished[]) => results.map(({ stdout, stderr }) => stdout + stderr).join('\n');

const compose = (project: string) => `name: ${project}
services:
  web:
    image: ${desk.bench.engine.base}
    init: true
    command: [sh, -c, 'echo "\${TOKEN}" > /tmp/command; exec sleep infinity']
    environment:
      TOKEN:
      URL: https://me:\${TOKEN}@host/
    labels: {token: 'x-\${TOKEN}'}
    healthcheck: {test: 'test "$$URL" = "https://me:\${TOKEN}@host/"', interval: 500ms, retries: 60}
    post_start:
      - command: [sh, -c, 'echo "\${TOKEN}" > /tmp/hook']
`;

describe.runIf(hasSecretService)('a value of the keychain', () => {
  it('reaches every place of a container, and is in nothing that is said or written', async () => {
    const { bench } = desk;
    const project = bench.engine.uniqueName('values');
    const file = await bench.file('app/compose.yaml', compose(project));
    expect((await setSecret(canary, 'TOKEN')).code).toBe(0);

    const refused = await run('-f', file, 'up');
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('TOKEN (from the keychain, user) to web'),
    });
    expect(await containersOf(bench.engine, project)).toEqual([]);

    const up = await run('-f', file, 'up', '--wait', '--yes');
    expect(up).toMatchObject({ code: 0 });
    const container = bench.engine.docker.getContainer(`${project}-web-1`);
    const { Config, State } = await container.inspect();
    expect(State.Health?.Status).toBe('healthy');
    expect(Config.Env).toEqual(expect.arrayContaining([`TOKEN=${canary}`, `URL=https://me:${canary}@host/`]));
    expect(Config.Labels.token).toBe(`x-${canary}`);
    const inside = await run('exec', '--file', file, '-T', 'web', 'cat', '/tmp/command', '/tmp/hook');
    expect(inside.stdout).toBe(`${canary}\n${canary}\n`);

    // The folder's consent is remembered, and what is unchanged is left alone.
    const again = await run('-f', file, 'up');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to do') });
    expect((await container.inspect()).State.Status).toBe('running');

    expect((await setSecret(`${canary}2`, 'TOKEN')).code).toBe(0);
    const plan = await run('-f', file, 'plan');
    expect(plan.stdout).toContain('TOKEN changed in the keychain');
    const drift = await run('-f', file, 'drift', '--json');
    expect(drift.stdout).toContain('"keychain.TOKEN"');
    const others = [
      await run('-f', file, 'config'),
      await run('-f', file, 'config', '--environment'),
      await run('-f', file, 'config', '--hash', '*'),
      await run('-f', file, 'config', '--no-interpolate'),
      await run('-f', file, 'plan', '--json'),
      await run('-f', file, 'up', '--json'),
      await run('-f', file, 'ps'),
      await run('secret', 'rm', 'TOKEN'),
      // What the container has still, and no file says any more.
      await run('-f', file, 'plan'),
      await run('-f', file, 'drift'),
    ];
    expect(others[0]?.stdout).toContain('URL: https://me:•••••• (from the keychain, user)@host/');
    expect(others[1]?.stdout).toContain('TOKEN=•••••• (from the keychain, user)');
    const everything = said([refused, up, again, plan, drift, ...others]) + (await everythingBelow(bench.folder));
    expect(everything.includes(canary)).toBe(false);
    expect(everything.includes(Buffer.from(canary).toString('base64'))).toBe(false);
  });

  it('that a step fails over is not in what is said of it', async () => {
    const { bench } = desk;
    const project = bench.engine.uniqueName('fails');
    const file = await bench.file(
      'fails/compose.yaml',
      sleepingProject(
        bench,
        project,
        `    post_start:
      - command: [sh, -c, 'echo "it was \${FAILING}" >&2; exit 3', "\${FAILING}"]\n`,
      ),
    );
    await setSecret(canary, 'FAILING', '--scope', 'project', '-f', file);
    const results = [await run('-f', file, 'up'), await run('-f', file, 'up', '--json', '--force-recreate')];
    expect(results.map(({ code }) => code)).toEqual([1, 1]);
    expect(said(results)).toContain('it was');
    expect((said(results) + (await everythingBelow(bench.folder))).includes(canary)).toBe(false);
  });
});

describe.runIf(hasSecretService && hasScript)('on a terminal', () => {
  const { onTerminal } = desk;
  /** What is on the screen so far, and typing once a question is there, which is no whole line. */
  function atScreen({ child }: Running) {
    let screen = '';
    let look: () => void = () => undefined;
    child.stdout?.on('data', (chunk: Buffer) => {
      screen += chunk.toString();
      look();
    });
    return {
      screen: () => screen,
      answer: async (question: string, text: string): Promise<void> => {
        await new Promise<void>((resolve) => {
          look = () => screen.includes(question) && resolve();
          look();
        });
        child.stdin?.write(`${text}\r`);
      },
    };
  }

  it('a missing value is asked for, hidden, and may be for this run only', async () => {
    const { bench } = desk;
    const project = bench.engine.uniqueName('asked');
    const file = await bench.file(
      'asked/compose.yaml',
      sleepingProject(bench, project, `    environment: {PASSWORD: "\${PASSWORD:?of the shop}"}\n`),
    );
    const running = onTerminal(['-f', file, 'up']);
    const { answer, screen } = atScreen(running);
    await answer('Its value', canary);
    await answer('this [r]un only', 'r');
    expect((await running.finished).code).toBe(0);
    expect(screen()).toContain('PASSWORD is not set: of the shop');
    expect(screen()).not.toContain(canary);
    const { Config } = await bench.engine.docker.getContainer(`${project}-web-1`).inspect();
    expect(Config.Env).toContain(`PASSWORD=${canary}`);
    const { secrets } = JSON.parse((await run('secret', 'list', '--json')).stdout) as { secrets: { name: string }[] };
    expect(secrets.map(({ name }) => name)).not.toContain('PASSWORD');
    expect((await everythingBelow(bench.folder)).includes(canary)).toBe(false);
  });

  it('without a keychain it is for this run only, whatever was answered, and that is said', async () => {
    const { bench } = desk;
    const project = bench.engine.uniqueName('nowhere');
    const file = await bench.file(
      'nowhere/compose.yaml',
      sleepingProject(bench, project, `    environment: {API_TOKEN: "\${API_TOKEN}"}\n`),
    );
    const running = onTerminal(['-f', file, 'up'], noKeychain);
    const { answer, screen } = atScreen(running);
    await answer('it stays blank', canary);
    await answer('this [r]un only', 'p');
    expect((await running.finished).code).toBe(0);
    expect(screen()).toContain('no session bus');
    expect(screen()).toContain('API_TOKEN is used for this run only');
    const { Config } = await bench.engine.docker.getContainer(`${project}-web-1`).inspect();
    expect(Config.Env).toContain(`API_TOKEN=${canary}`);
    expect((await everythingBelow(bench.folder)).includes(canary)).toBe(false);
  });

  it('the first use of an entry is agreed to, or not', async () => {
    const { bench } = desk;
    const project = bench.engine.uniqueName('agreed');
    const file = await bench.file(
      'agreed/compose.yaml',
      sleepingProject(bench, project, `    environment: [AGREED]\n`),
    );
    await setSecret(canary, 'AGREED');
    const containers = () => containersOf(bench.engine, project);
    const refused = onTerminal(['-f', file, 'up']);
    await atScreen(refused).answer('Give them, now and later?', 'n');
    expect((await refused.finished).code).toBe(5);
    expect(await containers()).toEqual([]);
    const agreed = onTerminal(['-f', file, 'up']);
    await atScreen(agreed).answer('Give them, now and later?', 'y');
    expect((await agreed.finished).code).toBe(0);
    expect(await containers()).toHaveLength(1);
    expect(await run('-f', file, 'up')).toMatchObject({ code: 0 });
  });
});

it('is asked by a process that needs no file beside it: a package has it alone', async () => {
  const worker = await readFile(join(import.meta.dirname, '../../out/cli/keychain-worker.cjs'), 'utf8');
  expect(worker).not.toMatch(/require\("\.|import\(/);
});
