import { chmod, readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everythingBelow, findShapes } from '../support/canaries.ts';
import { type DockerRegistry, hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { hasSecretService, noKeychain, type SecretService, startSecretService } from '../support/secret-service.ts';
import { createWorkbench, type Finished, type Workbench } from './support.ts';

/*
 * A real registry that asks for a login, a real Secret Service, a real engine: what is pulled and built with the login that
 * the keychain has, and what is said when it is wrong or missing.
 */

const canary = 'c4nary~Ü&?/0451';
const buildx = process.env.CLAUDE_ENV_PEER_BUILDX;

let bench: Workbench;
let keyring: SecretService;
let registry: DockerRegistry;
let image: string;
const said: string[] = [];

beforeAll(async () => {
  bench = await createWorkbench();
  if (!hasDockerRegistry || !hasSecretService) return;
  [keyring, registry] = await Promise.all([startSecretService(), startDockerRegistry('ann', canary)]);
  image = `${registry.host}/team/${bench.engine.uniqueName('base')}:1`;
  const { docker } = bench.engine;
  const repo = image.replace(/:1$/, '');
  await docker.getImage(bench.engine.base).tag({ repo, tag: '1' });
  const auth = { username: 'ann', password: canary, serveraddress: registry.host };
  const options = { authconfig: auth } as Docker.ImagePushOptions;
  const pushed = await docker.getImage(image).push(options);
  const failed = await new Promise<string>((resolve, reject) =>
    docker.modem.followProgress(pushed, (error, lines: { error?: string }[]) =>
      error ? reject(error) : resolve(lines.map((line) => line.error ?? '').join('')),
    ),
  );
  expect(failed).toBe('');
  await forget();
});
afterAll(async () => {
  if (registry !== undefined) {
    await forget();
    await registry.stop();
    await keyring.stop();
  }
  await bench.remove();
});

/** The engine has no image of that registry any more. */
async function forget(): Promise<void> {
  const { docker } = bench.engine;
  for (const { RepoTags } of await docker.listImages()) {
    for (const tag of RepoTags ?? [])
      if (tag.startsWith(registry.host)) await docker.getImage(tag).remove({ force: true });
  }
}
const has = async (name: string): Promise<boolean> =>
  (await bench.engine.docker.listImages()).some(({ RepoTags }) => RepoTags?.includes(name));

async function run(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Finished> {
  const ended = await bench.run(args, { ...keyring.environment, ...more });
  said.push(ended.stdout, ended.stderr);
  return ended;
}
async function login(password: string, host = registry.host): Promise<Finished> {
  const { child, finished } = bench.start(
    ['registry', 'login', host, '-u', 'ann', '--password-stdin', '--json'],
    keyring.environment,
  );
  child.stdin?.end(`${password}\n`);
  const ended = await finished;
  said.push(ended.stdout, ended.stderr);
  return ended;
}
const errorOf = ({ stdout }: Finished) =>
  (JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { error: { code: string; message: string; hint: string } })
    .error;

async function compose(name: string, text: string): Promise<string> {
  return bench.file(`${name}/compose.yaml`, `name: ${bench.engine.uniqueName(name)}\n${text}`);
}

const expectNowhere = (where: string) => expect(findShapes(where, canary)).toEqual([]);

describe.runIf(hasDockerRegistry && hasSecretService)('a registry with logins', () => {
  it('says that a login is missing, and how to give one', async () => {
    const file = await compose('missing', `services:\n  web: {image: '${image}', command: [sleep, infinity]}\n`);
    const pull = await run(['pull', '-f', file, '--yes', '--json']);
    expect(pull.code).toBe(1);
    expect(pull.stdout).toContain(`${registry.host} asks for a login, and there is none.`);
    expect(pull.stdout).toContain(`registry login ${registry.host}`);
    expect(await has(image)).toBe(false);
  });

  it('keeps no login that it was not let in with', async () => {
    const wrong = await login('another');
    expect(wrong.code).toBe(1);
    expect(errorOf(wrong)).toMatchObject({
      code: 'registry.denied',
      message: expect.stringContaining('does not know ann'),
    });
    const nobody = await login(canary, '127.0.0.1:9');
    expect(errorOf(nobody)).toMatchObject({
      code: 'registry.failed',
      message: expect.stringContaining('cannot reach'),
    });
    const listed = await run(['registry', 'list', '--json']);
    expect(JSON.parse(listed.stdout)).toEqual({ registries: [], problems: [] });
  });

  it('gives with the keychain’s login what is pulled and what is built from', async () => {
    expect((await login(canary)).code).toBe(0);
    const listed = await run(['registry', 'list', '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      registries: [{ registry: registry.host, user: 'ann', source: { kind: 'keychain' }, used: true }],
    });

    const pulling = await compose('pulled', `services:\n  web: {image: '${image}', command: [sleep, infinity]}\n`);
    expect(await run(['pull', '-f', pulling, '--yes'])).toMatchObject({ code: 0 });
    expect(await has(image)).toBe(true);
    await forget();

    const built = bench.engine.uniqueName('built');
    const building = await compose('built', `services:\n  web: {image: '${built}:1', build: .}\n`);
    await bench.file('built/Dockerfile', `FROM ${image}\nLABEL built=classic\n`);
    expect(await run(['build', '-f', building, '--yes'])).toMatchObject({ code: 0 });
    expect(await has(`${built}:1`)).toBe(true);
    await forget();
  });

  it.runIf(buildx !== undefined)('lends it to buildx, and what is left behind has no login in it', async () => {
    const plugins = join(bench.home, '.docker', 'cli-plugins');
    const path = await bench.file(
      'home/.docker/cli-plugins/docker-buildx',
      `#!/bin/sh\nenv >> '${bench.folder}/buildx-env'\nls "$DOCKER_CONFIG" > '${bench.folder}/buildx-config'\n{ printf '%s\\n' "$@"; cat "$DOCKER_CONFIG"/*; } >> '${bench.folder}/buildx-files' 2>/dev/null\nexec '${buildx}' "$@"\n`,
    );
    await chmod(path, 0o755);
    expect(plugins).toContain(bench.home);
    const built = bench.engine.uniqueName('buildx');
    const file = await compose('buildx', `services:\n  web: {image: '${built}:1', build: .}\n`);
    await bench.file('buildx/Dockerfile', `FROM ${image}\nRUN --mount=type=tmpfs,target=/x true\n`);
    expect(await run(['build', '-f', file, '--yes'])).toMatchObject({ code: 0 });
    expect(await has(`${built}:1`)).toBe(true);
    expect(await readFile(join(bench.folder, 'buildx-config'), 'utf8')).toContain('docker-credential-claude-env');
    expectNowhere(await readFile(join(bench.folder, 'buildx-files'), 'utf8'));
    const environment = await readFile(join(bench.folder, 'buildx-env'), 'utf8');
    const [, folder] = /^DOCKER_CONFIG=(.*claude-env-buildx-.*)$/m.exec(environment) ?? [];
    await expect(readdir(folder ?? '')).rejects.toMatchObject({ code: 'ENOENT' });
    await bench.file('buildx-env', '');

    await registry.changePassword('changed since');
    const refused = await run(['build', '-f', file, '--yes', '--no-cache', '--pull', '--json']).finally(() =>
      registry.changePassword(canary),
    );
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain(`${registry.host} refused the login of ann (from the keychain).`);
    await bench.file('buildx-env', '');
  });

  it('says whose login was refused when the password has changed, and which image there is not', async () => {
    const file = await compose('absent', `services:\n  web: {image: '${registry.host}/team/absent:1'}\n`);
    const absent = await run(['pull', '-f', file, '--yes', '--json']);
    expect(absent.code).not.toBe(0);
    expect(absent.stdout).toMatch(/has no .*team\/absent:1|has no image .*team\/absent:1/);

    await registry.changePassword('changed since');
    try {
      const pulling = await compose('refused', `services:\n  web: {image: '${image}'}\n`);
      const refused = await run(['pull', '-f', pulling, '--yes', '--json']);
      expect(refused.stdout).toContain(`${registry.host} refused the login of ann (from the keychain).`);
      const building = await compose('unbuilt', `services:\n  web: {image: 'unbuilt:1', build: .}\n`);
      await bench.file('unbuilt/Dockerfile', `FROM ${image}\nLABEL built=never\n`);
      const unbuilt = await run(['build', '-f', building, '--yes', '--json']);
      expect(unbuilt.code).toBe(1);
      expect(unbuilt.stdout).toContain(`${registry.host} refused the login of ann (from the keychain).`);
    } finally {
      await registry.changePassword(canary);
    }
  });

  it('says that the keychain is out of reach, and goes on without', async () => {
    const listed = await run(['registry', 'list', '--json'], noKeychain);
    expect(JSON.parse(listed.stdout)).toMatchObject({ registries: [{ registry: registry.host, used: true }] });
    const file = await compose('nowhere', `services:\n  web: {image: '${image}'}\n`);
    const pull = await run(['pull', '-f', file, '--yes', '--json'], noKeychain);
    expect(pull.stdout).toContain(`${registry.host} asks for a login, and there is none.`);
    expect(pull.stdout).toContain('could not be read: There is no session bus here');
    const before = await readFile(join(bench.state, 'registries.json'), 'utf8');
    const { child, finished } = bench.start(
      ['registry', 'login', registry.host, '-u', 'ann', '--password-stdin', '--json'],
      { ...keyring.environment, ...noKeychain },
    );
    child.stdin?.end(`${canary}\n`);
    expect(errorOf(await finished)).toMatchObject({ code: 'keychain.missing' });
    expect(await readFile(join(bench.state, 'registries.json'), 'utf8')).toBe(before);
  });

  it('takes a login from docker’s helper after ours, and says which one was refused', async () => {
    const logout = await run(['registry', 'logout', registry.host, '--json']);
    expect(JSON.parse(logout.stdout)).toEqual({ registry: registry.host, removed: true });
    await bench.file('home/.docker/config.json', JSON.stringify({ credHelpers: { [registry.host]: 'cetest' } }));
    const helper = await bench.file(
      'bin/docker-credential-cetest',
      `#!/bin/sh\nif [ "$1" = list ]; then echo '{"${registry.host}":"bob"}'; else cat > /dev/null; echo '{"Username":"bob","Secret":"wrong"}'; fi\n`,
    );
    await chmod(helper, 0o755);
    const path = { PATH: [join(bench.folder, 'bin'), process.env.PATH].join(delimiter) };
    const file = await compose('helper', `services:\n  web: {image: '${image}'}\n`);
    const refused = await run(['pull', '-f', file, '--yes', '--json'], path);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain('refused the login of bob (from docker-credential-cetest)');
    const listed = await run(['registry', 'list', '--json'], path);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      registries: [{ registry: registry.host, user: 'bob', source: { kind: 'helper', helper: 'cetest' } }],
    });
    const without = await run(['pull', '-f', file, '--yes', '--json']);
    expect(without.stdout).toContain('docker-credential-cetest is not installed');
  });

  it('leaves no password in files, output, or the registry’s log', async () => {
    expectNowhere(said.join('\n'));
    expectNowhere(await everythingBelow(bench.folder));
    expectNowhere(registry.log());
  });
});
