import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everythingBelow, findShapes } from '../support/canaries.ts';
import { hasSecretService, type SecretService, startSecretService } from '../support/secret-service.ts';
import { createWorkbench, type Workbench } from './support.ts';

const canary = 'c4nary~Ü~0451';

let bench: Workbench;
let keyring: SecretService;
beforeAll(async () => {
  bench = await createWorkbench();
  if (hasSecretService) keyring = await startSecretService();
});
afterAll(async () => {
  await bench.remove();
  if (hasSecretService) await keyring.stop();
});

const expectNowhere = (where: string) => expect(findShapes(where, canary)).toEqual([]);

/** `secret set` with the value on standard input. */
async function setSecret(args: readonly string[], value: string, environment: Readonly<Record<string, string>>) {
  const running = bench.start(['secret', 'set', ...args], environment);
  running.child.stdin?.end(`${value}\n`);
  return running.finished;
}

describe.runIf(hasSecretService)('a secret', () => {
  it('goes from the keychain into the container, and is seen nowhere else', async () => {
    const project = bench.engine.uniqueName('secret');
    const file = await bench.file(
      'app/compose.yaml',
      `name: ${project}
services:
  web:
    image: ${bench.engine.base}
    command: [sleep, infinity]
    init: true
    secrets: [token]
secrets:
  token: {environment: CANARY}
`,
    );
    const missing = await bench.run(['up', '-f', file, '--yes'], keyring.environment);
    expect(missing).toMatchObject({ code: 4, stderr: expect.stringContaining('secret set CANARY') });

    const said: string[] = [];
    const remember = ({ stdout, stderr }: { stdout: string; stderr: string }) => said.push(stdout, stderr);
    const set = await setSecret(['CANARY', '--scope', 'project', '-f', file], canary, keyring.environment);
    remember(set);
    expect(set.code).toBe(0);
    remember(await bench.run(['plan', '-f', file], keyring.environment));
    remember(await bench.run(['config', '-f', file], keyring.environment));
    const up = await bench.run(['up', '-f', file, '--yes', '--json'], keyring.environment);
    remember(up);
    expect(up.code).toBe(0);

    const inside = await bench.run(
      ['exec', '--file', file, '-T', 'web', 'sh', '-c', 'wc -c < /run/secrets/token; cat /run/secrets/token'],
      keyring.environment,
    );
    expect(inside.stdout.trim()).toBe(`${Buffer.byteLength(canary)}\n${canary}`);
    const container = bench.engine.docker.getContainer(`${project}-web-1`);
    said.push(JSON.stringify(await container.inspect()));
    said.push(await everythingBelow(bench.folder));
    expectNowhere(said.join('\n'));

    // The project's entry is used by that project alone.
    const { secrets } = await bench
      .run(['secret', 'list', '--json'], keyring.environment)
      .then(({ stdout }) => JSON.parse(stdout) as { secrets: readonly object[] });
    expect(secrets).toEqual([expect.objectContaining({ scope: 'project', project, name: 'CANARY' })]);
    expect(await bench.run(['secret', 'rm', 'CANARY'], keyring.environment)).toMatchObject({ code: 1 });
    const removed = await bench.run(['secret', 'rm', 'CANARY', '--scope', 'project', '-f', file], keyring.environment);
    expect(removed.code).toBe(0);
  });

  it('is not kept where there is no keychain, and nothing is written', async () => {
    const before = await everythingBelow(bench.state);
    const nowhere = { DBUS_SESSION_BUS_ADDRESS: '', XDG_RUNTIME_DIR: '/nowhere', DISPLAY: '' };
    const set = await setSecret(['OTHER'], canary, nowhere);
    expect(set).toMatchObject({ code: 1, stderr: expect.stringContaining('no session bus') });
    expect(await everythingBelow(bench.state)).toBe(before);
    expect(await bench.run(['secret', 'list'], nowhere)).toMatchObject({ code: 0 });
  });

  it('is never an argument', async () => {
    const refused = await bench.run(['secret', 'set', 'NAME', 'value'], keyring.environment);
    expect(refused.code).toBe(2);
  });
});
