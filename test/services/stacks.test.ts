import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import type { StackTarget } from '../../main/services/services.ts';
import { composeLabels } from '../support/fake-engine.ts';
import { createWorld } from './support.ts';

const file = '/srv/web/compose.yaml';
const good = `
services:
  db:
    image: db:1
  web:
    image: web:1
    depends_on: [db]
`;
const target: StackTarget = { files: [file] };

describe('plan and run', () => {
  it('plans, runs exactly that, and has nothing to do after', async () => {
    const { services, during, engine, state } = createWorld({ texts: { [file]: good } });
    const plan = await during(services.stacks.plan(target, 'up', {}));
    expect(plan.stack).toBe('fake/web');
    expect(plan.command).toBe(`claude-env up -f ${file}`);
    expect(plan.steps.map(({ id }) => id)).toContain('create-container web-web-1');
    const { operation } = await during(services.stacks.run(target, 'up', { fingerprint: plan.fingerprint }));
    expect(await during(services.operations.finished(operation))).toMatchObject({ state: 'done' });
    expect([...engine.containers.values()].map(({ name, state: at }) => [name, at])).toEqual([
      ['web-db-1', 'running'],
      ['web-web-1', 'running'],
    ]);
    expect(state.held.size).toBe(0);
    const again = await during(services.stacks.plan(target, 'up', {}));
    expect(again.steps).toEqual([]);
  });

  it('refuses another plan than the one that was seen, and touches nothing', async () => {
    const { services, during, engine, files, state } = createWorld({ texts: { [file]: good } });
    const { fingerprint } = await during(services.stacks.plan(target, 'up', {}));
    files.texts.set(file, good.replace('web:1', 'db:1'));
    await expect(during(services.stacks.run(target, 'up', { fingerprint }))).rejects.toMatchObject({
      error: { code: 'plan.changed' },
    });
    expect(engine.calls.filter((call) => call.startsWith('execute'))).toEqual([]);
    expect(state.held.size).toBe(0);
  });

  it('the same plan keeps its fingerprint', async () => {
    const { services, during } = createWorld({ texts: { [file]: good } });
    const first = await during(services.stacks.plan(target, 'up', {}));
    const second = await during(services.stacks.plan(target, 'up', {}));
    expect(second.fingerprint).toBe(first.fingerprint);
    const other = await during(services.stacks.plan(target, 'up', { services: ['db'] }));
    expect(other.fingerprint).not.toBe(first.fingerprint);
  });

  it('is busy while another operation holds the stack', async () => {
    const { services, during, engine } = createWorld({ texts: { [file]: good } });
    engine.onExecute = (_step, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    const { fingerprint } = await during(services.stacks.plan(target, 'up', {}));
    const { operation } = await during(services.stacks.run(target, 'up', { fingerprint }));
    await expect(during(services.stacks.run(target, 'up', { fingerprint }))).rejects.toMatchObject({
      error: { code: 'stack.busy', message: expect.stringContaining('up') },
    });
    services.operations.cancel(operation);
    expect((await during(services.operations.finished(operation))).state).toBe('cancelled');
    const after = await during(services.stacks.run(target, 'up', { fingerprint }));
    expect(after.operation).not.toBe(operation);
    await during(services.close());
  });

  it('an engine that is lost on the way fails the operation with its reason, and the stack is free again', async () => {
    const { services, during, engine, state } = createWorld({ texts: { [file]: good } });
    const { fingerprint } = await during(services.stacks.plan(target, 'up', {}));
    engine.onExecute = async (step, _context, apply) => {
      if (step.kind !== 'start-container') return apply();
      engine.lose();
      throw new AppFailure({ code: 'engine.unreachable', message: 'The connection was lost.', retry: true });
    };
    const { operation } = await during(services.stacks.run(target, 'up', { fingerprint }));
    const ended = await during(services.operations.finished(operation));
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'engine.unreachable' } });
    expect(
      Object.values(ended.progress)
        .map((one) => one.state)
        .filter((at) => at === 'waiting' || at === 'running'),
    ).toEqual([]);
    expect(ended.progress['start-container web-web-1']?.state).toBe('skipped');
    expect(state.held.size).toBe(0);
    engine.recover();
    engine.onExecute = async (_step, _context, apply) => apply();
    const rest = await during(services.stacks.plan(target, 'up', {}));
    expect(rest.steps.map(({ kind }) => kind)).not.toContain('create-container');
    const again = await during(services.stacks.run(target, 'up', { fingerprint: rest.fingerprint }));
    expect((await during(services.operations.finished(again.operation))).state).toBe('done');
  });

  it('a taken port is named with its owner and nothing is started', async () => {
    const { services, during, engine } = createWorld({
      texts: { [file]: 'services: {web: {image: "web:1", ports: ["127.0.0.1:8080:80"]}}' },
    });
    engine.takenPorts.push({
      hostIp: '127.0.0.1',
      port: 8080,
      protocol: 'tcp',
      owner: 'process nginx (pid 8)',
      alternative: 8081,
    });
    const plan = await during(services.stacks.plan(target, 'up', {}));
    expect(plan.conflicts).toMatchObject([{ service: 'web', owner: 'process nginx (pid 8)', alternative: 8081 }]);
    await expect(during(services.stacks.run(target, 'up', { fingerprint: plan.fingerprint }))).rejects.toMatchObject({
      error: { code: 'port.taken', message: expect.stringContaining('nginx'), hint: expect.stringContaining('8081') },
    });
    expect(engine.containers.size).toBe(0);
  });

  it('every mistake of a file at once, and nothing asked of the engine', async () => {
    const { services, during, engine } = createWorld({
      texts: { [file]: 'services:\n  a:\n    imagee: x\n    ports: ["99999:1"]\n    depends_on: [nope]\n' },
    });
    const failure = await during(services.stacks.plan(target, 'up', {})).catch((error: unknown) => error);
    expect(failure).toMatchObject({ error: { code: 'file.invalid' } });
    const { diagnostics } = (failure as { error: { diagnostics: { severity: string; where?: unknown }[] } }).error;
    expect(diagnostics.filter(({ severity }) => severity === 'error').length).toBeGreaterThanOrEqual(3);
    expect(diagnostics.every(({ where }) => where !== undefined)).toBe(true);
    expect(engine.calls.filter((call) => call.startsWith('observe'))).toEqual([]);
  });

  it('a file that is not there is said as such', async () => {
    const { services, during } = createWorld();
    await expect(during(services.stacks.plan({ files: ['/nope.yaml'] }, 'up', {}))).rejects.toMatchObject({
      error: { code: 'file.invalid', diagnostics: [{ rule: 'file-not-found' }] },
    });
  });

  it('a CA file that is gone stands before `up`, never before `stop`', async () => {
    const { services, during, engine } = createWorld({
      texts: { [file]: good },
      documents: { settings: { theme: 'dark', build: { extraCaFile: '/gone.pem' } } },
    });
    engine.put({ name: 'web-web-1', labels: composeLabels('web', 'web') });
    await expect(during(services.stacks.plan(target, 'up', {}))).rejects.toMatchObject({
      error: { code: 'file.not-found', message: expect.stringContaining('/gone.pem') },
    });
    const plan = await during(services.stacks.plan(target, 'stop', {}));
    expect(plan.steps.map(({ id }) => id)).toEqual(['stop-container web-web-1']);
    const checks = await during(services.doctor());
    expect(checks.find(({ title }) => title === 'Settings for builds')).toMatchObject({ status: 'problem' });
  });

  it('an engine that is away says so', async () => {
    const { services, during, engine } = createWorld({ texts: { [file]: good } });
    engine.lose();
    await expect(during(services.stacks.plan(target, 'up', {}))).rejects.toMatchObject({
      error: { code: 'engine.unreachable' },
    });
  });
});

describe('a stack that is known by its labels only', () => {
  const running = createWorldWithContainers;

  it('can be taken down when its files are gone', async () => {
    const { services, during, engine } = running({});
    const plan = await during(services.stacks.plan({ stack: 'fake/web' }, 'down', {}));
    expect(plan.warnings).toMatchObject([{ rule: 'from-labels' }]);
    const { operation } = await during(
      services.stacks.run({ stack: 'fake/web' }, 'down', { fingerprint: plan.fingerprint }),
    );
    expect((await during(services.operations.finished(operation))).state).toBe('done');
    expect(engine.containers.size).toBe(0);
  });

  it('is not brought up without its files', async () => {
    const { services, during } = running({});
    await expect(during(services.stacks.plan({ stack: 'fake/web' }, 'up', {}))).rejects.toMatchObject({
      error: { code: 'file.invalid' },
    });
  });

  it('reads the files of its labels when the user acts on it, not before', async () => {
    const { services, during, files } = running({ [file]: good });
    await during(services.live.ready());
    expect(services.live.state().stacks['fake/web']).toMatchObject({ files: [file], filesFound: true });
    expect(files.reads).not.toContain(file);
    const plan = await during(services.stacks.plan({ stack: 'fake/web' }, 'up', {}));
    expect(plan.command).toBe(`claude-env up -f ${file} -p web`);
    expect(files.reads).toContain(file);
  });

  it.each([
    ['project.config_files', '//evil.example/share/compose.yaml'],
    ['project.config_files', String.raw`\\evil.example\share\compose.yaml`],
    ['project.config_files', 'relative.yaml'],
    ['project.working_dir', '//evil.example/share'],
    ['project.environment_file', '//evil.example/env'],
  ])('does not go to foreign places because of its label %s', async (name, value) => {
    const { services, during, files } = createWorld({
      texts: { [file]: good },
      prepare: (engine) =>
        engine.put({ name: 'x', labels: composeLabels('web', 'web', { [`com.docker.compose.${name}`]: value }) }),
    });
    await expect(during(services.stacks.plan({ stack: 'fake/web' }, 'up', {}))).rejects.toMatchObject({
      error: { code: 'file.invalid', message: expect.stringContaining('Nobody knows') },
    });
    expect(files.reads.filter((path) => path !== '/app/stacks/local/compose.yaml')).toEqual([]);
  });

  it('shows its files', async () => {
    const { services, during } = running({ [file]: good });
    const shown = await during(services.stacks.files('fake/web'));
    expect(shown.files).toEqual([{ path: file, text: good }]);
  });

  it('a stack nobody knows is said as such', async () => {
    const { services, during } = createWorld();
    await expect(during(services.stacks.plan({ stack: 'fake/nope' }, 'down', {}))).rejects.toMatchObject({
      error: { code: 'stack.not-found' },
    });
  });
});

function createWorldWithContainers(texts: Readonly<Record<string, string>>) {
  return createWorld({
    texts,
    prepare: (engine) => {
      engine.put({ name: 'web-db-1', labels: composeLabels('web', 'db') });
      engine.put({
        name: 'web-web-1',
        labels: composeLabels('web', 'web', { 'com.docker.compose.depends_on': 'db:service_started:false' }),
      });
    },
  });
}

describe('opened stacks', () => {
  it('are listed with their services though nothing runs, also by the next start, until forgotten', async () => {
    const { services, during, state } = createWorld({ texts: { [file]: good } });
    const { stack } = await during(services.stacks.open(target));
    await during(services.live.ready());
    expect(services.live.state().stacks[stack]).toMatchObject({ aggregate: 'stopped', filesFound: true });
    expect(Object.keys(services.live.state().services)).toEqual(['fake/web/db', 'fake/web/web']);

    const next = createWorld({ texts: { [file]: good }, documents: Object.fromEntries(state.documents) });
    await next.during(next.services.live.ready());
    expect(Object.keys(next.services.live.state().stacks)).toEqual(['fake/web']);
    await next.during(next.services.stacks.forget(stack));
    await next.clock.advance(100);
    expect(next.services.live.state().stacks).toEqual({});
  });

  it('a file with mistakes can be opened: it is listed, and its mistakes are told', async () => {
    const { services, during } = createWorld({ texts: { [file]: 'services: {a: {imagee: x}}' } });
    const { stack, diagnostics } = await during(services.stacks.open(target));
    expect(stack).toBe('fake/web');
    expect(diagnostics.length).toBeGreaterThan(0);
  });

  it('a file that is not there cannot', async () => {
    const { services, during } = createWorld();
    await expect(during(services.stacks.open(target))).rejects.toMatchObject({ error: { code: 'file.invalid' } });
  });
});
