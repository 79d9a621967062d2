import { describe, expect, it } from 'vitest';
import { composeLabels, createFakeEngine } from '../support/fake-engine.ts';
import { createWorld } from './support.ts';

const file = '/srv/web/compose.yaml';
const texts = { [file]: 'services: {web: {image: "web:1"}}' };

describe('several engines at once', () => {
  it('one that connects slowly keeps nobody waiting', async () => {
    const other = createFakeEngine({ id: 'team' });
    other.put({ name: 'web-web-1', labels: composeLabels('web', 'web') });
    const slow = createFakeEngine({ id: 'slow', state: { kind: 'connecting' } });
    const { services, clock } = createWorld({
      prepare: (engine) => engine.lose(),
      others: [other, slow],
    });
    services.live.subscribe(() => undefined);
    await clock.advance(100);
    const { engines, stacks } = services.live.state();
    expect(Object.keys(engines)).toEqual(['fake', 'team', 'slow']);
    expect(stacks['team/web']).toMatchObject({ aggregate: 'healthy', engine: 'team' });
  });

  it('the same project on two engines is two stacks, each with its own id', async () => {
    const other = createFakeEngine({ id: 'team' });
    const { services, during } = createWorld({
      prepare: (engine) => engine.put({ name: 'web-web-1', labels: composeLabels('web', 'web') }),
      others: [other],
    });
    other.put({ name: 'web-web-1', labels: composeLabels('web', 'web'), state: 'exited', exitCode: 1 });
    await during(services.live.ready());
    const { stacks } = services.live.state();
    expect(stacks['fake/web']?.aggregate).toBe('healthy');
    expect(stacks['team/web']?.aggregate).toBe('failed');
    other.lose();
    expect(services.live.state().stacks['fake/web']?.aggregate).toBe('healthy');
    expect(services.live.state().stacks['team/web']?.aggregate).toBe('unknown');
  });

  it('a plan runs on the engine it was made for, and holds the lock of that engine only', async () => {
    const other = createFakeEngine({ id: 'team' });
    other.images.add('web:1');
    const { services, during, engine, state } = createWorld({ texts, others: [other] });
    const target = { files: [file], engine: 'team' };
    const plan = await during(services.stacks.plan(target, 'up', {}));
    expect(plan.stack).toBe('team/web');
    other.onExecute = (_step, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    await during(services.stacks.run(target, 'up', { fingerprint: plan.fingerprint }));
    const here = await during(services.stacks.plan({ files: [file] }, 'up', {}));
    const { operation } = await during(services.stacks.run({ files: [file] }, 'up', { fingerprint: here.fingerprint }));
    expect((await during(services.operations.finished(operation))).state).toBe('done');
    expect(engine.containers.size).toBe(1);
    expect(other.containers.size).toBe(0);
    expect(state.held.size).toBe(1);
    await during(services.close());
    expect(state.held.size).toBe(0);
  });

  it('environments run on the preferred one', async () => {
    const { services, during, clock } = createWorld({ others: [createFakeEngine({ id: 'team' })] });
    await during(
      services.environments.save({
        name: 'local',
        workspace: '/code',
        ports: {},
        hostClaude: false,
        dockerSocket: false,
      }),
    );
    await during(services.live.ready());
    expect(Object.keys(services.live.state().stacks)).toEqual(['fake/claude-env-local']);

    // Saved at once, shown at once: they move along when the settings choose another.
    await during(services.settings.set({ theme: 'system', engine: 'team', build: {} }));
    await clock.advance(100);
    expect(Object.keys(services.live.state().stacks)).toEqual(['team/claude-env-local']);
    expect(services.live.state().engines).toMatchObject({ fake: { preferred: false }, team: { preferred: true } });
    expect(await during(services.environments.list())).toMatchObject([{ stack: 'team/claude-env-local' }]);
  });
});
