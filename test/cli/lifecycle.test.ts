import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkbench, jsonLines, type Workbench } from './support.ts';

interface Step {
  readonly id: string;
  readonly kind: string;
  readonly target: string;
  readonly cause: string;
  readonly destructive: boolean;
}
interface Status {
  readonly engine: string;
  readonly stack: string;
  readonly services: readonly {
    readonly name: string;
    readonly state: string;
    readonly health: string;
    readonly aggregate: string;
    readonly ports: readonly { readonly host?: number; readonly container: number; readonly protocol: string }[];
  }[];
}

let bench: Workbench;
let project: string;
let file: string;
beforeAll(async () => {
  bench = await createWorkbench();
  project = bench.engine.uniqueName('life');
  file = await bench.file(
    'life/compose.yaml',
    `name: ${project}
services:
  web:
    image: ${bench.engine.base}
    command: [sh, -c, 'echo web is up; touch /tmp/ready; exec sleep infinity']
    init: true
    stop_grace_period: 2s
    depends_on: {db: {condition: service_healthy}}
    environment: {GREETING: hello}
    ports: ['127.0.0.1::80']
    volumes: ['data:/data']
  db:
    image: ${bench.engine.base}
    command: [sh, -c, 'echo one; echo two >&2; touch /tmp/ready; exec sleep infinity']
    init: true
    stop_grace_period: 2s
    healthcheck: {test: [CMD, test, -f, /tmp/ready], interval: 500ms, timeout: 5s, retries: 60}
volumes: {data: }
`,
  );
});
afterAll(() => bench.remove());

const on = (...args: string[]) => bench.run(['-f', file, ...args]);
const status = () => bench.json<Status>(['-f', file, 'status']);
const containers = async () => {
  const found = await bench.engine.docker.listContainers({
    all: true,
    filters: { label: [`com.docker.compose.project=${project}`] },
  });
  return new Map(
    found.map(({ Id, Labels, State }) => [Labels['com.docker.compose.service'], { id: Id, state: State }]),
  );
};

describe('a stack from plan to down', () => {
  it('plans with a cause for every step and does nothing', async () => {
    const plan = await bench.json<{ fingerprint: string; steps: readonly Step[] }>(['-f', file, 'plan']);
    expect(plan.fingerprint).toMatch(/\S{8,}/);
    for (const step of plan.steps) {
      expect(step).toMatchObject({
        id: expect.any(String),
        kind: expect.any(String),
        target: expect.any(String),
        cause: expect.stringMatching(/\S/),
        destructive: false,
      });
    }
    const kinds = plan.steps.map(({ kind }) => kind);
    expect(kinds).toEqual(
      expect.arrayContaining([
        'create-network',
        'create-volume',
        'create-container',
        'start-container',
        'wait-healthy',
      ]),
    );
    expect((await containers()).size).toBe(0);
    expect(await bench.json<object>(['-f', file, 'plan'])).toMatchObject({ fingerprint: plan.fingerprint });
  });

  it('brings it up, each step ending once, and says what there is', async () => {
    const { code, stdout, stderr } = await on('up', '--json');
    expect([code, stderr]).toEqual([0, '']);
    const lines = jsonLines(stdout) as { type: string; step?: string; state?: string; steps?: readonly Step[] }[];
    expect(lines[0]).toMatchObject({ type: 'plan', fingerprint: expect.any(String) });
    expect(lines[1]).toMatchObject({ type: 'operation' });
    expect(lines.at(-1)).toMatchObject({ type: 'result', state: 'done' });
    const planned = lines[0]?.steps?.map(({ id }) => id).sort();
    const done = lines.filter(({ type, state }) => type === 'progress' && state === 'done').map(({ step }) => step);
    expect(done.sort()).toEqual(planned);
    const found = await containers();
    expect([found.get('web')?.state, found.get('db')?.state]).toEqual(['running', 'running']);
  });

  it('then has nothing to do, and touches nothing', async () => {
    const before = await containers();
    const { code, stdout } = await on('up');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Nothing to do: 2 services are running/);
    expect(await containers()).toEqual(before);
    expect((await bench.json<{ steps: readonly Step[] }>(['-f', file, 'plan'])).steps).toEqual([]);
  });

  it('shows its status in the promised shape', async () => {
    const found = await status();
    expect(found).toMatchObject({ engine: 'env', stack: `env/${project}` });
    const [db, web] = [...found.services].sort((a, b) => a.name.localeCompare(b.name));
    expect(db).toMatchObject({ name: 'db', state: 'running', health: 'healthy', aggregate: 'healthy', ports: [] });
    expect(web).toMatchObject({ name: 'web', state: 'running', health: 'none', aggregate: 'healthy' });
    expect(web?.ports).toEqual([expect.objectContaining({ host: expect.any(Number), container: 80, protocol: 'tcp' })]);
    const byName = await bench.json<Status>(['-p', project, 'status']);
    expect(byName).toEqual(found);
  });

  it('is listed among the stacks of the engine', async () => {
    const { stacks } = await bench.json<{ stacks: readonly { project: string; files: readonly string[] }[] }>(['ls']);
    expect(stacks.find((stack) => stack.project === project)).toMatchObject({ files: [file], aggregate: 'healthy' });
  });

  it('shows logs of all, of one, and the last lines only', async () => {
    const all = jsonLines((await on('logs', '--json')).stdout);
    expect(all).toContainEqual(
      expect.objectContaining({ service: 'db', container: `${project}-db-1`, stream: 'stderr', text: 'two' }),
    );
    expect(all).toContainEqual(expect.objectContaining({ service: 'web', stream: 'stdout', text: 'web is up' }));
    const one = await on('logs', '--no-log-prefix', 'web');
    expect(one).toMatchObject({ code: 0, stdout: 'web is up\n', stderr: '' });
    expect(jsonLines((await on('logs', '--json', '--tail', '1', 'db')).stdout)).toHaveLength(1);
    expect(await on('logs', 'nobody')).toMatchObject({ code: 2 });
  });

  it('follows logs until Ctrl-C, which is no failure', async () => {
    const following = bench.start(['-f', file, 'logs', '-f', '--tail', '1', 'web']);
    await following.line((line) => line.includes('web is up'));
    following.child.kill('SIGINT');
    expect(await following.finished).toMatchObject({ code: 0 });
  });

  it('runs commands, with their output, input and exit code as they are', async () => {
    expect(await on('exec', 'web', 'sh', '-c', 'echo out; echo err >&2; exit 7')).toEqual({
      code: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(
      await on('exec', '-e', 'MORE=x', '-w', '/tmp', 'web', 'sh', '-c', 'echo $GREETING $MORE $PWD'),
    ).toMatchObject({
      code: 0,
      stdout: 'hello x /tmp\n',
    });
    const cat = bench.start(['-f', file, 'exec', 'web', 'cat']);
    cat.child.stdin?.end('to the container and back\n');
    expect(await cat.finished).toMatchObject({ code: 0, stdout: 'to the container and back\n' });
    const json = await on('exec', '--json', 'web', 'echo', 'hi');
    expect(jsonLines(json.stdout)).toEqual([{ stream: 'stdout', text: 'hi\n' }, { exitCode: 0 }]);
    expect((await on('exec', 'nobody', 'true')).code).toBe(2);
  });

  it('stops and starts the same containers', async () => {
    const before = await containers();
    expect(await on('stop', 'web')).toMatchObject({ code: 0 });
    const stopped = (await status()).services.find(({ name }) => name === 'web');
    expect(stopped).toMatchObject({ state: 'exited', aggregate: expect.stringMatching(/stopped|failed|completed/) });
    expect(await on('start')).toMatchObject({ code: 0 });
    expect(await on('restart', 'db')).toMatchObject({ code: 0 });
    expect(await containers()).toEqual(before);
  });

  it('says why it would recreate what has changed', async () => {
    const changed = await bench.file('life/change.yaml', 'services: {web: {environment: {GREETING: good evening}}}\n');
    const { steps } = await bench.json<{ steps: readonly Step[] }>(['-f', file, '-f', changed, 'plan']);
    expect(steps.find(({ kind }) => kind === 'create-container')?.cause).toMatch(/environment|configuration|changed/i);
  });

  it('prints its configuration', async () => {
    expect(await on('config', '--services')).toMatchObject({ code: 0, stdout: 'db\nweb\n' });
    expect(await on('config', '--volumes')).toMatchObject({ stdout: 'data\n' });
    const json = await bench.json<{ name: string; services: Record<string, { environment?: object }> }>([
      '-f',
      file,
      'config',
    ]);
    expect(json).toMatchObject({ name: project, services: { web: { environment: { GREETING: 'hello' } } } });
    const hashes = await bench.json<Record<string, string>>(['-f', file, 'config', '--hash']);
    const { docker } = bench.engine;
    for (const [service, { id }] of await containers()) {
      const { Config } = await docker.getContainer(id).inspect();
      expect(hashes[service ?? '']).toBe(Config.Labels['com.docker.compose.config-hash']);
    }
  });

  it('asks before data is lost, and without a terminal takes that for no', async () => {
    const refused = await on('down', '--volumes');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--yes');
    expect(refused.stderr).toContain(`${project}_data`);
    expect((await containers()).size).toBe(2);
  });

  it('goes down and leaves the data, and with --volumes --yes takes it along', async () => {
    const volumes = async () =>
      (await bench.engine.docker.listVolumes()).Volumes?.map(({ Name }) => Name).filter((name) =>
        name.startsWith(project),
      );
    expect(await on('down')).toMatchObject({ code: 0 });
    expect((await containers()).size).toBe(0);
    expect(await volumes()).toEqual([`${project}_data`]);
    expect(await on('down', '--volumes', '--yes')).toMatchObject({ code: 0 });
    expect(await volumes()).toEqual([]);
    expect((await on('down')).stdout).toMatch(/^Nothing to do/);
  });
});
