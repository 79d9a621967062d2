import { describe, expect, it } from 'vitest';
import { environmentVariables, freePorts, portVariables } from '../../main/services/local-stack.ts';
import { createFakeFiles } from '../support/fake-engine-world.ts';
import { createWorld, localStack } from './support.ts';

const local = { name: 'local', workspace: '/code', ports: {}, hostClaude: false, dockerSocket: false };
const two = { ...local, name: 'two', workspace: '/code/two' };

describe('environments', () => {
  it('the first is `local` with the file’s own ports, on the engine that is used', async () => {
    const { services, during } = createWorld();
    expect(await during(services.environments.list())).toEqual([]);
    expect(await during(services.environments.save(local))).toEqual({
      ...local,
      stack: 'fake/claude-env-local',
      ports: { CLAUDE_ENV_PORT_3000: 3000, CLAUDE_ENV_PORT_3001: 3001 },
    });
  });

  it('the next one gets ports that no other environment has', async () => {
    const { services, during } = createWorld();
    await during(services.environments.save(local));
    const second = await during(services.environments.save(two));
    expect(second).toMatchObject({
      stack: 'fake/claude-env-two',
      ports: { CLAUDE_ENV_PORT_3000: 3100, CLAUDE_ENV_PORT_3001: 3101 },
    });
    const third = await during(
      services.environments.save({ ...two, name: 'three', ports: { CLAUDE_ENV_PORT_3001: 9001 } }),
    );
    expect(third.ports).toEqual({ CLAUDE_ENV_PORT_3000: 3200, CLAUDE_ENV_PORT_3001: 9001 });
  });

  it('saving again changes it and keeps its place', async () => {
    const { services, during, state } = createWorld();
    await during(services.environments.save(local));
    await during(services.environments.save(two));
    await during(services.environments.save({ ...local, workspace: '/code/two', hostClaude: true }));
    expect(await during(services.environments.list())).toMatchObject([
      { name: 'local', workspace: '/code/two', hostClaude: true },
      { name: 'two' },
    ]);
    await during(services.environments.remove('two'));
    await during(services.environments.remove('local'));
    expect(state.documents.get('environments')).toEqual({ version: 1, environments: [] });
    expect(state.held.size).toBe(0);
  });

  it.each([
    ['a folder that is not there', { ...local, workspace: '/nope' }, 'file.not-found'],
    ['a path that is not absolute', { ...local, workspace: 'code' }, 'file.not-found'],
    [
      'one port for two services',
      { ...local, ports: { CLAUDE_ENV_PORT_3000: 4000, CLAUDE_ENV_PORT_3001: 4000 } },
      'input.invalid',
    ],
  ])('refuses %s', async (_name, environment, code) => {
    const { services, during, state } = createWorld();
    await expect(during(services.environments.save(environment))).rejects.toMatchObject({ error: { code } });
    expect(state.documents.has('environments')).toBe(false);
    expect(state.held.size).toBe(0);
  });

  it('waits for another process that changes the list, but not for ever', async () => {
    const { services, during, state, clock } = createWorld();
    const release = await state.lock('environments', 'another process');
    clock.after(500, () => void release());
    expect((await during(services.environments.save(local))).name).toBe('local');
    await state.lock('environments', 'another process');
    await expect(during(services.environments.save(two))).rejects.toMatchObject({ error: { code: 'stack.busy' } });
  });

  it('become the stack’s variables: folder, ports, name', async () => {
    const { services, during } = createWorld();
    await during(services.environments.save(local));
    await during(services.environments.save(two));
    const { project } = await during(services.stacks.load({ environment: 'two' }));
    expect(project?.name).toBe('claude-env-two');
    expect(project?.services.get('claude-env')).toMatchObject({
      ports: [{ published: '3100' }],
      volumes: [{ source: '/code/two' }],
    });
  });

  it('consents add the files that say what they mean, and nothing does without them', async () => {
    const { services, during } = createWorld();
    await during(services.environments.save(local));
    const without = await during(services.stacks.load({}));
    expect(without.files).toEqual(['/app/stacks/local/compose.yaml']);
    await during(services.environments.save({ ...local, hostClaude: true, dockerSocket: true }));
    const { files, project } = await during(services.stacks.load({}));
    expect(files).toEqual([
      '/app/stacks/local/compose.yaml',
      '/app/stacks/local/compose.host-claude.yaml',
      '/app/stacks/local/compose.docker-socket.yaml',
    ]);
    expect(Object.fromEntries(project?.services.get('claude-env')?.environment ?? [])).toEqual({
      HOST_CLAUDE: '/home/dev/.claude',
      SOCKET: '/run/fake.sock',
    });
  });

  it('a terminal’s variables describe `local`; `up` keeps it, so that the app knows it afterwards', async () => {
    const { services, during } = createWorld({
      environment: { CLAUDE_ENV_WORKSPACE: '/code', CLAUDE_ENV_PORT_3001: '4001' },
    });
    const plan = await during(services.stacks.plan({}, 'up', {}));
    expect(plan.stack).toBe('fake/claude-env-local');
    expect(plan.command).toBe('claude-env up');
    expect(await during(services.environments.list())).toEqual([]);
    const { operation } = await during(services.stacks.run({}, 'up', { fingerprint: plan.fingerprint }));
    expect((await during(services.operations.finished(operation))).state).toBe('done');
    expect(await during(services.environments.list())).toMatchObject([
      { name: 'local', workspace: '/code', ports: { CLAUDE_ENV_PORT_3000: 3000, CLAUDE_ENV_PORT_3001: 4001 } },
    ]);
    expect((await during(services.stacks.plan({}, 'up', {}))).steps).toEqual([]);
  });

  it('a terminal’s variables bend only the environment they name', async () => {
    const { services, during } = createWorld({
      environment: { CLAUDE_ENV_WORKSPACE: '/code', CLAUDE_ENV_BASE: 'mine:1' },
      documents: { settings: { theme: 'dark', build: { baseImage: 'theirs:1' } } },
    });
    await during(services.environments.save(two));
    const { project } = await during(services.stacks.load({ environment: 'two' }));
    expect(project?.services.get('claude-env')).toMatchObject({ volumes: [{ source: '/code/two' }] });
    // What images are built from is the machine's, and the same for every environment.
    expect(project?.services.get('mcp-bundle')?.environment?.get('BASE')).toBe('mine:1');
  });

  it('a relative folder from a terminal is the one it stands in', async () => {
    const { services, during } = createWorld({ environment: { CLAUDE_ENV_WORKSPACE: '.' } });
    const { project } = await during(services.stacks.load({}));
    expect(project?.services.get('claude-env')).toMatchObject({ volumes: [{ source: '/work' }] });
  });

  it('without a folder the stack’s own message says what is missing, with its place', async () => {
    const { services, during } = createWorld();
    await expect(during(services.stacks.plan({}, 'up', {}))).rejects.toMatchObject({
      error: {
        code: 'file.invalid',
        message: expect.stringContaining('CLAUDE_ENV_WORKSPACE'),
        where: { line: expect.any(Number) },
      },
    });
  });

  it('an environment nobody knows is said as such', async () => {
    const { services, during } = createWorld();
    await expect(during(services.stacks.load({ environment: 'nope' }))).rejects.toMatchObject({
      error: { code: 'stack.not-found' },
    });
  });

  it('is listed in the live state before anything was created, under its own title', async () => {
    const { services, during } = createWorld();
    await during(services.environments.save(local));
    await during(services.environments.save(two));
    await during(services.live.ready());
    expect(services.live.state().stacks).toMatchObject({
      'fake/claude-env-local': { kind: 'local', title: 'Local', filesFound: true, services: expect.any(Array) },
      'fake/claude-env-two': { kind: 'local', title: 'Local · two' },
    });
    expect(services.live.state().stacks['fake/claude-env-local']?.services).toHaveLength(2);
  });

  it('a state file of another form is left alone and not believed', async () => {
    const { services, during, lines } = createWorld({
      documents: { environments: { version: 9 }, stacks: [], settings: 7 },
    });
    expect(await during(services.environments.list())).toEqual([]);
    expect(await during(services.settings.get())).toEqual({ theme: 'system', build: {} });
    await during(services.live.ready());
    expect(lines.filter(({ level }) => level === 'warn').length).toBeGreaterThan(0);
  });
});

describe('consents', () => {
  it('there must be something to share', async () => {
    const { services, during, files } = createWorld();
    files.folders.delete('/home/dev/.claude');
    await expect(during(services.environments.save({ ...local, hostClaude: true }))).rejects.toMatchObject({
      error: { code: 'file.not-found', message: expect.stringContaining('/home/dev/.claude') },
    });
  });

  it.each([
    ['linux', 'unix:///run/user/1000/docker.sock', '/run/user/1000/docker.sock'],
    ['linux', 'unix:///home/dev/.docker/desktop/docker.sock', undefined],
    ['darwin', 'unix:///Users/dev/.colima/default/docker.sock', undefined],
    ['win32', 'npipe:////./pipe/docker_engine', undefined],
    ['linux', 'ssh://dev@host', undefined],
  ] as const)('the socket on %s at %s', (platform, engineAddress, expected) => {
    const variables = environmentVariables({
      environment: { ...local, dockerSocket: true },
      settings: { theme: 'system', build: {} },
      files: { ...createFakeFiles(), platform: () => platform },
      engineAddress,
    });
    expect(variables.CLAUDE_ENV_DOCKER_SOCKET).toBe(expected);
  });
});

describe('ports', () => {
  it('come from the stack file itself', () => {
    expect(portVariables(localStack)).toEqual({ CLAUDE_ENV_PORT_3000: 3000, CLAUDE_ENV_PORT_3001: 3001 });
  });
  it('move together, by hundreds, to where nobody is', () => {
    expect(freePorts({ A: 3000, B: 3001 }, new Set([3001, 3100]))).toEqual({ A: 3200, B: 3201 });
    expect(freePorts({ A: 3000 }, new Set())).toEqual({ A: 3000 });
    expect(freePorts({ A: 65_500 }, new Set([65_500]))).toEqual({ A: 65_500 });
  });
});
