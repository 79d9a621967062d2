import { describe, expect, it } from 'vitest';
import type { SecretReference } from '../../main/core/plan/plan.ts';
import type { StackTarget } from '../../main/services/services.ts';
import { composeLabels } from '../support/fake-engine.ts';
import { createWorld } from './support.ts';

const file = '/srv/web/compose.yaml';
const text = `
services:
  web:
    image: web:1
    secrets: [token]
    configs: [motd]
secrets:
  token:
    environment: TOKEN
configs:
  motd: {content: hello}
`;
const target: StackTarget = { files: [file] };

describe('values of secrets', () => {
  it('that are missing have a place in the file, and nothing can be run', async () => {
    const { services, during, engine } = createWorld({ texts: { [file]: text } });
    const plan = await during(services.stacks.plan(target, 'up', {}));
    expect(plan.problems).toMatchObject([{ rule: 'value-missing', where: { file, line: 9, column: 5 } }]);
    const run = during(services.stacks.run(target, 'up', { fingerprint: plan.fingerprint }));
    await expect(run).rejects.toMatchObject({ error: { code: 'file.invalid' } });
    expect(engine.calls.filter((call) => call.startsWith('execute'))).toEqual([]);
  });

  it.each([
    ['the environment', { environment: { TOKEN: 'hunter2' } }],
    ['.env', { texts: { '/srv/web/.env': 'TOKEN=hunter2\n' } }],
  ])('from %s are given when the step runs, and are in nothing that is said or kept', async (_what, from) => {
    const world = createWorld({ ...from, texts: { [file]: text, ...('texts' in from ? from.texts : {}) } });
    const { services, during, engine, lines, state } = world;
    const reference: SecretReference = { from: 'environment', variable: 'TOKEN', kind: 'secret', name: 'token' };
    const seen: (string | undefined)[] = [];
    const steps: unknown[] = [];
    engine.onExecute = async (step, { secrets }, apply) => {
      steps.push(step);
      if (step.kind === 'deliver-files') seen.push(await secrets.lookup(reference));
      apply();
    };
    const plan = await during(services.stacks.plan(target, 'up', {}));
    const { operation } = await during(services.stacks.run(target, 'up', { fingerprint: plan.fingerprint }));
    const finished = await during(services.operations.finished(operation));
    expect(finished.state).toBe('done');
    expect(seen).toEqual(['hunter2']);
    expect(JSON.stringify([plan, finished, steps, lines, [...state.documents]])).not.toContain('hunter2');
  });

  it('that change do not change the plan that was confirmed', async () => {
    const fingerprintWith = async (TOKEN: string) => {
      const { services, during } = createWorld({ texts: { [file]: text }, environment: { TOKEN } });
      return (await during(services.stacks.plan(target, 'up', {}))).fingerprint;
    };
    expect(await fingerprintWith('one')).toBe(await fingerprintWith('two'));
  });
});

describe('variables about containers of services that the file no longer has', () => {
  const planWith = async (environment: Readonly<Record<string, string>>, options = {}) => {
    const { services, during } = createWorld({
      texts: { [file]: 'services: {web: {image: "web:1"}}' },
      environment,
      prepare: (engine) => {
        engine.put({ name: 'web-old-1', labels: composeLabels('web', 'old') });
      },
    });
    return during(services.stacks.plan(target, 'up', options));
  };

  it('COMPOSE_REMOVE_ORPHANS removes them', async () => {
    const { steps } = await planWith({ COMPOSE_REMOVE_ORPHANS: 'True' });
    expect(steps.map(({ id }) => id)).toContain('remove-container web-old-1');
  });

  it('COMPOSE_IGNORE_ORPHANS says nothing about them; without either they are said', async () => {
    const rules = (warnings: readonly { readonly rule: string }[]) => warnings.map(({ rule }) => rule);
    expect(rules((await planWith({ COMPOSE_IGNORE_ORPHANS: '1' })).warnings)).not.toContain('orphans');
    expect(rules((await planWith({ COMPOSE_IGNORE_ORPHANS: '0' })).warnings)).toContain('orphans');
  });
});
