import { describe, expect, it } from 'vitest';
import { everythingBelow, findShapes } from '../support/canaries.ts';
import { hasSecretService, noKeychain } from '../support/secret-service.ts';
import { deskWithKeyring } from './keyring.ts';
import { sleepingProject } from './support.ts';

const canary = 'c4nary~Ü~0451';

const desk = deskWithKeyring();

const expectNowhere = (where: string) => expect(findShapes(where, canary)).toEqual([]);

describe.runIf(hasSecretService)('a secret', () => {
  it('goes from the keychain into the container, and is seen nowhere else', async () => {
    const { bench } = desk;
    const project = bench.engine.uniqueName('secret');
    const file = await bench.file(
      'app/compose.yaml',
      sleepingProject(bench, project, '    secrets: [token]\n', 'secrets: {token: {environment: CANARY}}\n'),
    );
    const missing = await desk.run(['up', '-f', file, '--yes']);
    expect(missing).toMatchObject({ code: 4, stderr: expect.stringContaining('secret set CANARY') });

    const said: string[] = [];
    const remember = ({ stdout, stderr }: { stdout: string; stderr: string }) => said.push(stdout, stderr);
    const set = await desk.setSecret(canary, 'CANARY', '--scope', 'project', '-f', file);
    remember(set);
    expect(set.code).toBe(0);
    remember(await desk.run(['plan', '-f', file]));
    remember(await desk.run(['config', '-f', file]));
    const up = await desk.run(['up', '-f', file, '--yes', '--json']);
    remember(up);
    expect(up.code).toBe(0);

    const inside = await desk.run([
      ...['exec', '--file', file, '-T', 'web'],
      ...['sh', '-c', 'wc -c < /run/secrets/token; cat /run/secrets/token'],
    ]);
    expect(inside.stdout.trim()).toBe(`${Buffer.byteLength(canary)}\n${canary}`);
    const container = bench.engine.docker.getContainer(`${project}-web-1`);
    said.push(JSON.stringify(await container.inspect()));
    said.push(await everythingBelow(bench.folder));
    expectNowhere(said.join('\n'));

    // The project's entry is used by that project alone.
    const { secrets } = await desk
      .run(['secret', 'list', '--json'])
      .then(({ stdout }) => JSON.parse(stdout) as { secrets: readonly object[] });
    expect(secrets).toEqual([expect.objectContaining({ scope: 'project', project, name: 'CANARY' })]);
    expect(await desk.run(['secret', 'rm', 'CANARY'])).toMatchObject({ code: 1 });
    const removed = await desk.run(['secret', 'rm', 'CANARY', '--scope', 'project', '-f', file]);
    expect(removed.code).toBe(0);
  });

  it('is not kept where there is no keychain, and nothing is written', async () => {
    const { bench } = desk;
    const before = await everythingBelow(bench.state);
    const setting = bench.start(['secret', 'set', 'OTHER'], noKeychain);
    setting.child.stdin?.end(canary);
    const set = await setting.finished;
    expect(set).toMatchObject({ code: 1, stderr: expect.stringContaining('no session bus') });
    expect(await everythingBelow(bench.state)).toBe(before);
    expect(await bench.run(['secret', 'list'], noKeychain)).toMatchObject({ code: 0 });
  });

  it('is never an argument', async () => {
    const refused = await desk.run(['secret', 'set', 'NAME', 'value']);
    expect(refused.code).toBe(2);
  });
});
