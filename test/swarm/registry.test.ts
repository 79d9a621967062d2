import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../cli/support.ts';
import { type DockerRegistry, hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { hasSecretService, type SecretService, startSecretService } from '../support/secret-service.ts';
import { type SwarmLab, startSwarmLab } from '../support/swarm-lab.ts';

/*
 * A team's stack whose image is in a registry that asks for a login, with the one that the keychain has, a wrong one, and
 * none; and a secret of it, of which others see the name.
 */

const canary = 'c4nary~Ü&?/0451';
const secret = 't3am-c4nary';
const isPossible = hasDockerRegistry && hasSecretService;

let lab: SwarmLab;
let keyring: SecretService;
let registry: DockerRegistry;
let folder: string;
let image: string;
const said: string[] = [];

beforeAll(async () => {
  if (!isPossible) return;
  lab = await startSwarmLab({ nodes: 1 });
  const node = lab.node(1);
  folder = await mkdtemp(join(tmpdir(), 'claude-env-swarm-registry-'));
  await Promise.all(['home', 'state'].map((name) => mkdir(join(folder, name), { mode: 0o700 })));
  [keyring, registry] = await Promise.all([
    startSecretService(),
    startDockerRegistry('ann', canary, { netns: node.netns }),
  ]);
  image = `${registry.host}/team/base:1`;
  await node.docker.getImage('claude-env/base').tag({ repo: image.replace(/:1$/, ''), tag: '1' });
  const auth = { username: 'ann', password: canary, serveraddress: registry.host };
  const pushed = await node.docker.getImage(image).push({ authconfig: auth } as Docker.ImagePushOptions);
  expect(await text(pushed as NodeJS.ReadableStream & AsyncIterable<Buffer>)).not.toContain('"error"');
  const advertise = ['--advertise', node.address, '--no-encrypt'];
  expect(await run(['team', 'create', 'Falcon', '--yes', ...advertise])).toMatchObject({ code: 0 });
  // The machine has the image under no name, so a task needs the registry.
  for (const name of [image, 'claude-env/base']) await node.docker.getImage(name).remove({ force: true });
});
afterAll(async () => {
  if (!isPossible) return;
  await registry.stop();
  await keyring.stop();
  await lab.down();
  await rm(folder, { recursive: true, force: true });
});

async function run(args: readonly string[], input = ''): Promise<{ code: number | null; output: string }> {
  const own = Object.entries(process.env).filter(([name]) => !/^(CLAUDE_ENV_(?!TEST)|COMPOSE_|DOCKER_)/.test(name));
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: {
      ...Object.fromEntries(own),
      ...keyring.environment,
      HOME: join(folder, 'home'),
      DOCKER_CONFIG: join(folder, 'home', '.docker'),
      CLAUDE_ENV_STATE: join(folder, 'state'),
      DOCKER_HOST: `unix://${lab.node(1).socket}`,
      CLAUDE_ENV_ENGINES: 'named',
    },
    stdio: 'pipe',
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  said.push(stdout, stderr);
  return { code, output: stdout + stderr };
}
const login = (password: string) =>
  run(['registry', 'login', registry.host, '-u', 'ann', '--password-stdin'], `${password}\n`);
async function stack(): Promise<string> {
  const path = join(folder, 'compose.yaml');
  await writeFile(
    path,
    `services:
  web:
    image: ${image}
    init: true
    command: [sleep, infinity]
    stop_grace_period: 1s
    secrets: [token]
    deploy: {restart_policy: {condition: none}, update_config: {monitor: 1s}}
secrets:
  token: {environment: TEAM_TOKEN}
`,
  );
  return path;
}
async function inspectWeb(): Promise<{ readonly image: string; readonly forced: number }> {
  const [found] = await lab.node(1).docker.listServices({ filters: { name: ['built_web'] } });
  const task = found?.Spec?.TaskTemplate as {
    readonly ContainerSpec: { readonly Image: string };
    readonly ForceUpdate?: number;
  };
  return { image: task.ContainerSpec.Image, forced: task.ForceUpdate ?? 0 };
}
async function everythingBelow(path: string): Promise<string> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
}

describe.runIf(isPossible)('a stack from a registry with logins', () => {
  it('says what is missing, and deploys with the login that the keychain has', async () => {
    const file = await stack();
    const set = await run(['secret', 'set', 'TEAM_TOKEN', '--scope', 'team'], `${secret}\n`);
    expect(set).toMatchObject({ code: 0, output: expect.stringContaining('of the team Falcon') });
    const deploy = () => run(['stack', 'deploy', 'shop', '-f', file, '--yes', '--timeout', '60']);
    const missing = await deploy();
    expect(missing).toMatchObject({ code: 4, output: expect.stringContaining('asks for a login, and there is none') });
    expect((await login('another')).output).toContain('does not know ann');
    expect((await login(canary)).code).toBe(0);

    await registry.changePassword('changed since');
    const wrong = await deploy();
    expect(wrong.output).toContain(`${registry.host} refused the login of ann (from the keychain)`);
    expect(await lab.node(1).docker.listServices()).toEqual([]);
    await registry.changePassword(canary);

    const deployed = await deploy();
    expect(deployed).toMatchObject({ code: 0 });
    const tasks = await lab.node(1).docker.listTasks({ filters: { 'desired-state': ['running'] } });
    expect(tasks.map(({ Status }) => Status?.State)).toEqual(['running']);
    const [task] = tasks;
    const container = lab.node(1).docker.getContainer(task?.Status?.ContainerStatus?.ContainerID ?? '');
    const exec = await container.exec({ Cmd: ['cat', '/run/secrets/token'], AttachStdout: true, Tty: true });
    expect(await text(await exec.start({ Tty: true }))).toBe(secret);

    const listed = await run(['secret', 'list', '--team', '--json']);
    expect(JSON.parse(listed.output)).toMatchObject({
      secrets: [
        {
          name: 'token',
          stack: 'shop',
          setBy: expect.stringContaining('@'),
          from: 'environment TEAM_TOKEN',
          here: 'team',
        },
      ],
      note: expect.stringContaining('Values are not shared'),
    });
    expect(said.join('\n')).not.toContain(secret);
    expect(await everythingBelow(folder)).not.toContain(secret);
    expect(said.join('\n')).not.toContain(canary);
    expect(await everythingBelow(folder)).not.toContain(canary);
  });

  it('pushes what no registry has to the team’s, and a node without the image gets it from there', async () => {
    const { docker } = lab.node(1);
    const built = 'shop/api:dev';
    const [pulled] = await docker.listImages();
    const made = await docker.createContainer({ Image: pulled?.Id ?? '', Cmd: ['true'] });
    await made.commit({ repo: 'shop/api', tag: 'dev', changes: 'LABEL version=1' });
    await made.remove();
    const file = join(folder, 'built.yaml');
    const text = `x-claude-env: {registry: ${registry.host}/team}
services:
  web:
    image: ${built}
    init: true
    command: [sleep, infinity]
    stop_grace_period: 1s
    deploy: {update_config: {monitor: 1s}}
`;
    await writeFile(file, text);
    const deploy = (...more: readonly string[]) => run(['stack', 'deploy', 'built', '-f', file, '--yes', ...more]);
    expect(await deploy()).toMatchObject({ code: 0 });
    const first = await inspectWeb();
    expect(first.image).toMatch(/^127\.0\.0\.1:\d+\/team\/shop\/api:claude-env-[0-9a-f]{12}@sha256:[0-9a-f]{64}$/);
    expect((await deploy('--json')).output).toContain('"steps":0');

    // As on another machine: the image is under no name here any more.
    const tasks = async () =>
      await docker.listTasks({ filters: { service: ['built_web'], 'desired-state': ['running'] } });
    const [before] = await tasks();
    for (const name of [built, first.image.split('@')[0] ?? '']) await docker.getImage(name).remove({ force: true });
    expect(await run(['stack', 'restart', 'web', '-p', 'built', '--yes', '--json'])).toMatchObject({ code: 0 });
    const [after] = await tasks();
    expect(after?.Status?.State).toBe('running');
    expect(after?.ID).not.toBe(before?.ID);
    expect(await inspectWeb()).toEqual({ image: first.image, forced: first.forced + 1 });
    // What somebody else pushed stays where this machine has nothing to put in its place.
    await docker.getImage(first.image).remove({ force: true });
    expect((await deploy('--json')).output).toContain('"steps":0');
    expect(await run(['stack', 'rm', 'built', '--yes'])).toMatchObject({ code: 0 });
    expect(said.join('\n')).not.toContain(canary);
  });
});
