import { access, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkbench, type Workbench } from './support.ts';

/* `build` and `up --build` as a person types them. */

const { CLAUDE_ENV_PEER_BUILDX: plugin, CLAUDE_ENV_PEER_COMPOSE: compose } = process.env;
const isThere = async (path: string | undefined) =>
  path !== undefined &&
  (await access(path).then(
    () => true,
    () => false,
  ));
const haveBuildx = await isThere(plugin);
const haveCompose = await isThere(compose);

let bench: Workbench;
let project: string;
let file: string;
beforeAll(async () => {
  bench = await createWorkbench();
  project = bench.engine.uniqueName('built');
  file = await bench.file(
    'app/compose.yaml',
    `name: ${project}
services:
  web:
    build:
      context: .
      args: {WHO: file, LEFT: }
    command: [sleep, infinity]
    init: true
`,
  );
  await bench.file(
    'app/Dockerfile',
    `FROM ${bench.engine.base}\nARG WHO=nobody\nARG LEFT=default\nRUN echo "$WHO $LEFT" >/who\n`,
  );
});
afterAll(() => bench.remove());

const labelsOf = async (image: string) => (await bench.engine.docker.getImage(image).inspect()).Config.Labels;

/** What a command prints in the service's container. */
const printed = async (...command: readonly string[]) => {
  const { stdout } = await bench.run(['-f', file, 'exec', '-T', 'web', ...command]);
  return stdout.trim();
};

describe('build', () => {
  it('takes arguments from the file, the command line and the environment, in this order of weight', async () => {
    const built = await bench.run(['build', '-f', file, '--build-arg', 'WHO=line', '--build-arg', 'LEFT', '-q'], {
      LEFT: 'environment',
    });
    expect(built).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await labelsOf(`${project}-web`)).toMatchObject({
      'com.docker.compose.project': project,
      'com.docker.compose.service': 'web',
      'com.docker.compose.version': '2.40.3',
    });
    expect(await bench.run(['up', '-f', file, '--yes'])).toMatchObject({ code: 0 });
    expect(await printed('cat', '/who')).toBe('line environment');
  });

  it('makes containers anew for an image that `up --build` made another one, and leaves them otherwise', async () => {
    const idOf = async () => (await bench.engine.docker.getContainer(`${project}-web-1`).inspect()).Id;
    expect(await bench.run(['up', '-f', file, '--build', '--yes'])).toMatchObject({ code: 0 });
    expect(await printed('cat', '/who')).toBe('file default');
    const before = await idOf();
    expect(await bench.run(['up', '-f', file, '--yes'])).toMatchObject({ code: 0 });
    expect(await idOf()).toBe(before);
  });

  it('says where a build failed, and changes nothing', async () => {
    const broken = await bench.file('app/Broken', `FROM ${bench.engine.base}\n\nRUN echo so far; exit 7\n`);
    const name = bench.engine.uniqueName('broken');
    const text = `name: ${name}\nservices: {web: {build: {context: ., dockerfile: Broken}}}\n`;
    const failed = await bench.run(['up', '-f', await bench.file('app/broken.yaml', text), '--yes']);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain(`${broken}:3:1`);
    expect(failed.stderr).toMatch(/failed at Step 3\/\d+|failed at Step 2\/\d+/);
    expect(failed.stderr).toContain('so far');
    expect(await bench.engine.docker.listContainers({ all: true, filters: { name: [name] } })).toEqual([]);
  });
});

describe.runIf(haveBuildx)('build through buildx', () => {
  it('gives a secret from .env to the step that asks for it; docker compose builds and makes nothing again', async () => {
    const plugins = join(bench.home, '.docker', 'cli-plugins');
    await mkdir(plugins, { recursive: true });
    await symlink(plugin ?? '', join(plugins, 'docker-buildx'));
    const name = bench.engine.uniqueName('secret');
    const path = await bench.file(
      'secret/compose.yaml',
      `name: ${name}
services:
  web:
    build:
      context: .
      dockerfile_inline: |
        FROM ${bench.engine.base}
        RUN --mount=type=secret,id=token test "$$(wc -c </run/secrets/token)" = 13 && touch /seen
      secrets: [token]
    command: [sleep, infinity]
    init: true
secrets:
  token: {environment: TOKEN}
`,
    );
    const without = await bench.run(['build', '-f', path]);
    expect(without).toMatchObject({ code: 4 });
    expect(without.stderr).toMatch(/compose\.yaml:\d+:\d+.*build secret token needs TOKEN/);

    await bench.file('secret/.env', "TOKEN='f0und in .env'\n");
    const up = await bench.run(['up', '-f', path, '--yes']);
    expect(up).toMatchObject({ code: 0, stderr: '' });
    expect(up.stdout).not.toContain('f0und');
    const history = JSON.stringify(await bench.engine.docker.getImage(`${name}-web`).history());
    expect(history).not.toContain('f0und');
    if (!haveCompose) return;
    const idOf = async () => (await bench.engine.docker.getContainer(`${name}-web-1`).inspect()).Id;
    const before = await idOf();
    expect(await bench.peer(compose ?? '', ['-f', path, 'up', '-d'])).toMatchObject({ code: 0 });
    expect(await idOf()).toBe(before);
  });
});
