import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containersOf, createWorkbench, jsonLines, type Workbench } from './support.ts';

/* `run` on a real engine: what it makes, what it leaves alone, and that input, output, signals and exit codes go through. */
let bench: Workbench;
let project: string;
let file: string;
beforeAll(async () => {
  bench = await createWorkbench();
  project = bench.engine.uniqueName('single');
  file = await bench.file(
    'run/compose.yaml',
    `name: ${project}
services:
  web:
    image: ${bench.engine.base}
    command: [sleep, infinity]
    init: true
    restart: always
    stop_grace_period: 1s
    container_name: ${project}-named
    environment: {A: file, B: file}
    labels: {own: label}
    cap_add: [NET_ADMIN]
    expose: ['99']
    ports: ['127.0.0.1::80']
    depends_on: {db: {condition: service_healthy}}
    networks: {default: {aliases: [other]}}
    deploy: {restart_policy: {condition: any}}
    post_start: [{command: [touch, /hook-ran]}]
  db:
    image: ${bench.engine.base}
    command: [sh, -c, 'sleep 0.3; touch /ready; exec sleep infinity']
    init: true
    stop_grace_period: 1s
    healthcheck: {test: [CMD, test, -f, /ready], interval: 300ms, timeout: 5s, retries: 100}
`,
  );
});
afterAll(() => bench.remove());

const on = (...args: string[]) => bench.run(['-f', file, ...args]);
const inspect = (name: string) => bench.engine.docker.getContainer(name).inspect();
const services = async () =>
  (await containersOf(bench.engine, project)).map(({ Labels }) => Labels['com.docker.compose.service']);

describe('run', () => {
  it('brings up what the service depends on, waits for it, and gives output, errors and exit code through', async () => {
    const { code, stdout, stderr } = await on('run', '--rm', 'web', 'sh', '-c', 'echo out; echo err >&2; exit 7');
    expect(code).toBe(7);
    expect(stdout).toBe('out\n');
    expect(stderr).toContain('err\n');
    expect((await inspect(`${project}-db-1`)).State.Health?.Status).toBe('healthy');
    // Its own replica is not made, and with --rm nothing of it is left.
    expect(await services()).toEqual(['db']);
  });

  it('passes standard input on', async () => {
    const { child, finished } = bench.start(['-f', file, 'run', '--rm', 'web', 'wc', '-c']);
    child.stdin?.end('x'.repeat(200_000));
    expect(await finished).toMatchObject({ code: 0, stdout: '200000\n' });
  });

  it('makes a one-off: slug instead of number, no ports, no restart, no names of the service', async () => {
    const { code, stdout } = await on('run', '-d', 'web', 'sleep', '1000');
    expect(code).toBe(0);
    const { Name, Config, HostConfig, NetworkSettings } = await inspect(stdout.trim());
    const labels = Config.Labels;
    expect(Name).toBe(`/${project}-web-run-${labels['com.docker.compose.slug']?.slice(0, 12)}`);
    expect(labels['com.docker.compose.slug']).toMatch(/^[0-9a-f]{64}$/);
    expect(labels['com.docker.compose.oneoff']).toBe('True');
    expect(labels).not.toHaveProperty('com.docker.compose.container-number');
    expect(HostConfig.RestartPolicy?.Name || 'no').toBe('no');
    expect(HostConfig.PortBindings ?? {}).toEqual({});
    const aliases = NetworkSettings.Networks[`${project}_default`]?.Aliases ?? [];
    expect(aliases).not.toContain('web');
    expect(aliases).not.toContain('other');
  });

  it('counts as none of the service’s containers: status, up and scale do not see it, down takes it when told', async () => {
    const status = await bench.json<{ services: readonly { name: string; state: string }[] }>(['-f', file, 'status']);
    expect(status.services.find(({ name }) => name === 'web')?.state).toBe('absent');
    const plan = await bench.json<{ steps: readonly { kind: string; target: string }[] }>(['-f', file, 'plan']);
    expect(plan.steps).toContainEqual(
      expect.objectContaining({ kind: 'create-container', target: `${project}-named` }),
    );
    expect(plan.steps.filter(({ target }) => target.includes('-run-'))).toEqual([]);

    await on('down');
    expect(await services()).toEqual(['web']);
    await on('down', '--remove-orphans');
    expect(await services()).toEqual([]);
    expect((await bench.engine.docker.listNetworks()).map(({ Name }) => Name)).not.toContain(`${project}_default`);
  });

  it('takes what the command line changes', async () => {
    await mkdir(join(bench.folder, 'here'));
    await bench.file('more.env', ['FROM_FILE=1', 'A=file-of-env', 'USES=$A', ''].join('\n'));
    const { code, stdout } = await bench.run(
      [
        ...['-f', file, 'run', '-d', '--no-deps', '--name', `${project}-once`, '--rm'],
        ...['-e', 'A=flag', '-e', 'HERE', '-e', 'NOWHERE', '--env-from-file', 'more.env', '-l', 'extra=label'],
        ...[
          '-u',
          '1:1',
          '-w',
          '/tmp',
          '--entrypoint',
          'sh -c "sleep 1000"',
          '-v',
          './here:/here:ro',
          '-v',
          '/nameless',
        ],
        ...['-p', '127.0.0.1::81/udp', '--cap-add', 'SYS_TIME', '--cap-drop', 'NET_ADMIN', '--use-aliases', 'web'],
      ],
      { HERE: 'from outside' },
    );
    expect(code).toBe(0);
    const { Name, Config, HostConfig, Mounts, NetworkSettings } = await inspect(stdout.trim());
    expect(Name).toBe(`/${project}-once`);
    expect(Config.Env).toEqual(
      expect.arrayContaining(['A=flag', 'B=file', 'HERE=from outside', 'FROM_FILE=1', 'USES=flag']),
    );
    expect(Config.Env.join()).not.toContain('NOWHERE');
    expect(Config).toMatchObject({ User: '1:1', WorkingDir: '/tmp', Entrypoint: ['sh', '-c', 'sleep 1000'] });
    expect(Config.Labels).toMatchObject({ own: 'label', extra: 'label' });
    expect(HostConfig.AutoRemove).toBe(true);
    expect(HostConfig.CapAdd).toEqual(['CAP_SYS_TIME']);
    expect(HostConfig.CapDrop).toEqual(['CAP_NET_ADMIN']);
    expect(Object.keys(HostConfig.PortBindings as object)).toEqual(['81/udp']);
    expect(Mounts.find(({ Destination }) => Destination === '/here')).toMatchObject({
      Source: join(bench.folder, 'here'),
      RW: false,
    });
    expect(Mounts.map(({ Destination }) => Destination)).toContain('/nameless');
    expect(NetworkSettings.Networks[`${project}_default`]?.Aliases).toEqual(expect.arrayContaining(['web', 'other']));
    expect(await services(), 'with --no-deps nothing else').toEqual(['web']);
    await on('down', '--remove-orphans');
  });

  it('hands signals to the command, which decides', async () => {
    const line = 'trap "echo got it; exit 9" TERM; echo ready; while :; do sleep 0.1; done';
    const running = bench.start(['-f', file, 'run', '--rm', '--no-deps', 'web', 'sh', '-c', line]);
    await running.line((said) => said === 'ready');
    running.child.kill('SIGTERM');
    const { code, stdout } = await running.finished;
    expect(code).toBe(9);
    expect(stdout).toContain('got it');
  });

  it('says as JSON what was planned, what came out and how it ended', async () => {
    const { code, stdout } = await on('run', '--json', '--rm', '--no-deps', 'web', 'sh', '-c', 'echo hi; exit 3');
    expect(code).toBe(3);
    const lines = jsonLines(stdout);
    expect(lines[0]).toMatchObject({ type: 'plan', action: 'run' });
    expect(lines).toContainEqual({ stream: 'stdout', text: 'hi\n' });
    expect(lines.at(-1)).toMatchObject({ detached: false, exitCode: 3 });
  });

  it('refuses flags that make no sense before anything is made', async () => {
    const before = await services();
    for (const flags of [
      ['-p', '80:x'],
      ['-v', 'aa:bb:cc:dd'],
      ['-l', 'none'],
      ['--entrypoint', '"open'],
    ]) {
      expect((await on('run', ...flags, 'web', 'true')).code, flags.join(' ')).toBe(2);
    }
    expect((await on('run', '--env-from-file', 'missing.env', 'web', 'true')).code).toBe(4);
    expect((await on('run', 'nobody', 'true')).code).toBe(2);
    expect(await services()).toEqual(before);
  });

  it('does not take a port from the service’s own container', async () => {
    const taken = bench.engine.uniqueName('ports');
    const fixed = await bench.file(
      'ports/compose.yaml',
      `name: ${taken}\nservices:\n  web: {image: ${bench.engine.base}, command: [sleep, infinity], init: true, stop_grace_period: 1s, ports: ['127.0.0.1:39471:80']}\n`,
    );
    expect((await bench.run(['-f', fixed, 'up'])).code).toBe(0);
    const { code, stderr } = await bench.run(['-f', fixed, 'run', '--rm', '-P', 'web', 'true']);
    expect(code).toBe(1);
    expect(stderr).toContain(`container ${taken}-web-1`);
    expect((await containersOf(bench.engine, taken)).length).toBe(1);
  });
});

const compose = process.env.CLAUDE_ENV_PEER_COMPOSE;

/** What differs for every container, whoever makes it. */
const ownOnly = new Set(['Hostname', 'com.docker.compose.slug']);
const settingsOf = async (name: string) => {
  const { Config, HostConfig } = await inspect(name);
  return JSON.parse(
    JSON.stringify({ Config, HostConfig }, (key, value: unknown) => {
      if (ownOnly.has(key)) return undefined;
      return key === 'Env' ? [...(value as string[])].sort() : value;
    }),
  ) as unknown;
};

describe.skipIf(compose === undefined)('the same one-off by docker compose 2.40.3', () => {
  it.each([
    ['plain', []],
    ['with ports and aliases', ['-P', '--use-aliases']],
    ['removed at its end', ['--rm', '-i=false']],
    ['changed', ['-e', 'A=x', '-e', 'B=', '-l', 'l=1', '--cap-add', 'MKNOD', '--cap-drop', 'NET_ADMIN', '-u', '1:1']],
    ['moved', ['-w', '/tmp', '-p', '127.0.0.1::81', '-v', '/tmp:/host:ro', '--entrypoint', 'sh -c "sleep 1000"']],
  ])('%s: equal settings and labels, the hash among them', async (_what, flags) => {
    const name = `${project}-twin`;
    const command = flags.includes('--entrypoint') ? [] : ['sleep', '1000'];
    const made: unknown[] = [];
    for (const make of [
      () => bench.peer(compose ?? '', ['-f', file, 'run', '-d', '--name', name, ...flags, 'web', ...command]),
      () =>
        on(
          'run',
          '-d',
          '--name',
          name,
          ...flags.map((flag) => (flag === '-i=false' ? '--no-interactive' : flag)),
          'web',
          ...command,
        ),
    ]) {
      const { code, stderr } = await make();
      expect(code, stderr).toBe(0);
      made.push(await settingsOf(name));
      await bench.engine.docker.getContainer(name).remove({ force: true });
    }
    expect(made[1]).toEqual(made[0]);
  });
});
