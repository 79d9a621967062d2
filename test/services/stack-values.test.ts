import { describe, expect, it } from 'vitest';
import type { Step } from '../../main/core/plan/plan.ts';
import type { StackTarget } from '../../main/services/services.ts';
import type { ActionOptions } from '../../preload/contract/api.ts';
import { createWorld } from './support.ts';

const file = '/srv/shop/compose.yaml';
const target: StackTarget = { files: [file] };
const canary = 'c4nary-value';
const compose = `
name: shop
services:
  web:
    image: web:1
    environment:
      DB_PASSWORD: \${DB_PASSWORD:?the database asks for it}
      URL: https://x/?key=\${API_KEY:-none}
`;

function world(text = compose, environment: Readonly<Record<string, string>> = {}) {
  const made = createWorld({ texts: { [file]: text }, environment });
  const { services, during } = made;
  const plan = (options: ActionOptions = {}) => during(services.stacks.plan(target, 'up', options));
  const up = async (agree: readonly string[] = []) => {
    const { fingerprint } = await plan();
    const { operation } = await during(services.stacks.run(target, 'up', { fingerprint, agree }));
    return during(services.operations.finished(operation));
  };
  const set = (name: string, value: string, scope: 'user' | 'project' = 'user') =>
    services.credentials.set(scope === 'user' ? { scope, name } : { scope, project: 'shop', name }, value);
  return { ...made, plan, up, set };
}

describe('what a plan gives', () => {
  it('is named with its source and its services, and nothing of it is in the plan, the steps or the state', async () => {
    const { plan, up, set, engine, state, lines } = world();
    await set('DB_PASSWORD', canary, 'project');
    await set('API_KEY', canary);
    const seen = await plan();
    expect(seen.credentials).toEqual([
      { name: 'API_KEY', source: 'user', services: ['web'], agreed: false },
      { name: 'DB_PASSWORD', source: 'project', services: ['web'], agreed: false },
    ]);
    expect(seen.problems).toEqual([]);
    const steps: Step[] = [];
    engine.onExecute = async (step, _context, apply) => {
      steps.push(step);
      return apply();
    };
    const operation = await up(['API_KEY', 'DB_PASSWORD']);
    expect(operation.state).toBe('done');
    const written = [seen, steps, operation, await state.read('credentials'), await state.read('consents'), lines];
    expect(JSON.stringify(written)).not.toContain(canary);
  });

  it('is not asked of the keychain for a plan', async () => {
    const { plan, set, keychain } = world();
    await set('DB_PASSWORD', canary);
    keychain.asked.length = 0;
    await plan();
    await plan();
    expect(keychain.asked).toEqual([]);
  });

  it('is the environment’s first, and then nobody has to agree', async () => {
    const { plan, set } = world(compose, { DB_PASSWORD: 'from the shell', API_KEY: 'also' });
    await set('DB_PASSWORD', canary);
    expect((await plan()).credentials).toBeUndefined();
  });

  it('makes nothing anew while it is the same, and its service when it is another one', async () => {
    const { plan, up, set, clock } = world();
    await set('DB_PASSWORD', canary);
    await up(['DB_PASSWORD']);
    expect((await plan()).steps).toEqual([]);
    await clock.advance(1000);
    await set('DB_PASSWORD', canary);
    expect((await plan()).steps).toEqual([]);
    await set('DB_PASSWORD', 'another');
    expect((await plan()).steps.map(({ cause }) => cause)).toContain('DB_PASSWORD changed in the keychain');
  });

  it('changes the fingerprint, so that no other value than the one that was planned is given', async () => {
    const { plan, set, services, during, clock } = world();
    await set('DB_PASSWORD', canary);
    const { fingerprint } = await plan();
    await clock.advance(1000);
    await set('DB_PASSWORD', 'another');
    const running = during(services.stacks.run(target, 'up', { fingerprint, agree: ['DB_PASSWORD'] }));
    await expect(running).rejects.toMatchObject({ error: { code: 'plan.changed' } });
  });

  it('is said by drift, without what it is', async () => {
    const { up, set, services, during, clock } = world();
    await set('DB_PASSWORD', canary);
    await up(['DB_PASSWORD']);
    expect((await during(services.stacks.drift(target, []))).items).toEqual([]);
    await clock.advance(1000);
    await set('DB_PASSWORD', 'another');
    const { items } = await during(services.stacks.drift(target, []));
    expect(items).toEqual([expect.objectContaining({ key: 'keychain.DB_PASSWORD', change: 'changed', hidden: true })]);
    expect(JSON.stringify(items)).not.toMatch(/another|c4nary/);
  });
});

describe('the first use by a folder', () => {
  it('needs consent, without which nothing is done', async () => {
    const { up, set, engine } = world();
    await set('DB_PASSWORD', canary);
    await expect(up()).rejects.toMatchObject({
      error: { code: 'usage', message: expect.stringContaining('DB_PASSWORD to web') },
    });
    await expect(up(['OTHER'])).rejects.toMatchObject({ error: { code: 'usage' } });
    expect(engine.calls.filter((call) => call.startsWith('execute'))).toEqual([]);
  });

  it('is remembered for the folder and the name, whatever another project is called', async () => {
    const other = '/srv/other/compose.yaml';
    const { plan, up, set, files, services, during } = world();
    await set('DB_PASSWORD', canary, 'project');
    await up(['DB_PASSWORD']);
    await set('API_KEY', canary);
    expect((await plan()).credentials).toEqual([
      expect.objectContaining({ name: 'API_KEY', agreed: false }),
      expect.objectContaining({ name: 'DB_PASSWORD', agreed: true }),
    ]);
    files.texts.set(other, compose);
    const { credentials } = await during(services.stacks.plan({ files: [other] }, 'up', {}));
    expect(credentials?.map(({ name, agreed }) => [name, agreed])).toEqual([
      ['API_KEY', false],
      ['DB_PASSWORD', false],
    ]);
  });

  it('can be given before, by who keeps a value for the project', async () => {
    const { up, set, services, during } = world();
    await set('DB_PASSWORD', canary, 'project');
    await during(services.stacks.agree(target, ['DB_PASSWORD']));
    expect((await up()).state).toBe('done');
  });

  it.each(['user.0', 'missing.', 'session.x'])('cannot be had with a mark of the file’s own: %s', async (forged) => {
    // As YAML's own escapes write it.
    const mark = `"\\uFDD0API_KEY.${forged}\\uFDD1"`;
    for (const environment of [`{A: ${mark}}`, `{${mark}: a}`, `["A=${mark.slice(1, -1)}"]`]) {
      const { plan, set } = world(`name: shop\nservices: {web: {image: 'web:1', environment: ${environment}}}\n`);
      await set('API_KEY', canary);
      const message = environment.startsWith('{A') ? 'stand for the value of API_KEY' : '';
      await expect(plan()).rejects.toMatchObject({
        error: { code: 'file.invalid', message: expect.stringContaining(message) },
      });
    }
  });

  it('counts for secrets as well', async () => {
    const { plan, set } = world(`
name: shop
services: {web: {image: 'web:1', secrets: [tok]}}
secrets: {tok: {environment: API_KEY}}
`);
    await set('API_KEY', canary);
    expect((await plan()).credentials).toEqual([{ name: 'API_KEY', source: 'user', services: ['web'], agreed: false }]);
  });
});

describe('what is missing', () => {
  it('is listed with its place beside a whole plan, which is not run', async () => {
    const { plan, up, engine } = world();
    const seen = await plan();
    expect(seen.missing).toEqual([
      expect.objectContaining({
        name: 'DB_PASSWORD',
        required: true,
        message: 'the database asks for it',
        where: expect.objectContaining({ file, line: 7 }),
      }),
    ]);
    expect(seen.steps.map(({ id }) => id)).toContain('create-container shop-web-1');
    expect(seen.problems).toEqual([expect.objectContaining({ rule: 'undefined-variable', severity: 'error' })]);
    await expect(up(['DB_PASSWORD'])).rejects.toMatchObject({ error: { code: 'file.invalid' } });
    expect(engine.calls.filter((call) => call.startsWith('execute'))).toEqual([]);
  });

  it('is served by a value for this run, which is written nowhere', async () => {
    const { plan, up, services, state, keychain } = world();
    await services.credentials.set({ scope: 'project', project: 'shop', name: 'DB_PASSWORD' }, canary, {
      keep: 'session',
    });
    expect((await plan()).credentials).toEqual([
      { name: 'DB_PASSWORD', source: 'session', services: ['web'], agreed: false },
    ]);
    expect((await up(['DB_PASSWORD'])).state).toBe('done');
    expect(keychain.values.size).toBe(0);
    expect(await state.read('credentials')).toBeUndefined();
  });

  it('is asked for when it is blank and called as secrets are, and only then', async () => {
    const { plan } = world(`
name: shop
services: {web: {image: 'web:1', environment: {A: '\${API_TOKEN}', B: '\${COLOUR}', C: '\${OTHER_TOKEN:-}'}}}
`);
    expect((await plan()).missing).toEqual([expect.objectContaining({ name: 'API_TOKEN', required: false })]);
  });

  it('is a mistake like any other where the plan needs it', async () => {
    const { plan } = world(`services: {web: {image: 'web:\${TAG:?}'}}`);
    await expect(plan()).rejects.toMatchObject({ error: { code: 'file.invalid' } });
  });

  it('includes what secrets are taken from', async () => {
    const { plan } = world(`
services: {web: {image: 'web:1', secrets: [tok]}}
secrets: {tok: {environment: API_KEY}}
`);
    expect((await plan()).missing).toEqual([{ name: 'API_KEY', required: true }]);
  });
});
