import { describe, expect, it } from 'vitest';
import { toMark } from '../../../main/core/opaque.ts';
import { fillValues } from '../../../main/docker/fill-step.ts';
import { createSecretStore } from '../../../main/services/secrets.ts';

const mark = (name: string) => toMark({ name, source: 'user', edition: 'e' });

function storeOf(values: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const store = createSecretStore({
    variables: new Map(),
    project: 'shop',
    runCommand: async () => 'printed',
    redactor: { know: () => undefined },
    credentials: {
      has: async (_project, name) => name in values,
      lookup: async (_project, name) => {
        asked.push(name);
        return values[name];
      },
    },
  });
  return { store, asked };
}

describe('filling a step', () => {
  it('asks for each value once, however many steps and places have it', async () => {
    const { store, asked } = storeOf({ A: 'one', B: 'two' });
    const steps = Array.from({ length: 20 }, (_, number) => ({
      body: { Env: [`A=${mark('A')}`, `B=${mark('B')}-${mark('A')}`], Labels: { n: `${number}` } },
    }));
    const filled = await Promise.all(steps.map((step) => fillValues(step, store)));
    expect(filled[7]).toEqual({ body: { Env: ['A=one', 'B=two-one'], Labels: { n: '7' } } });
    expect(asked.sort()).toEqual(['A', 'B']);
  });

  it('asks nothing where there is no mark, and gives the very same step', async () => {
    const { store, asked } = storeOf({});
    const step = { body: { Env: ['A=1'] } };
    expect(await fillValues(step, store)).toBe(step);
    expect(asked).toEqual([]);
  });

  it('refuses a value that is gone, and sends no mark', async () => {
    const { store } = storeOf({});
    await expect(fillValues({ a: mark('GONE') }, store)).rejects.toMatchObject({
      error: { code: 'file.invalid', hint: expect.stringContaining('secret set GONE') },
    });
  });
});
