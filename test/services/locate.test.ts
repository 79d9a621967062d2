import { describe, expect, it } from 'vitest';
import { composeLabels } from '../support/fake-engine.ts';
import { createWorld } from './support.ts';

/* A project that docker compose started and whose file was moved since. */
const old = '/srv/shop/compose.yaml';
const moved = '/srv/elsewhere/compose.yaml';
const text = 'services: {web: {image: web:1}}';
const stack = 'fake/shop';

const world = (texts: Readonly<Record<string, string>>) =>
  createWorld({
    texts,
    prepare: (engine) => void engine.put({ name: 'shop-web-1', image: 'web:1', labels: composeLabels('shop', 'web') }),
  });

describe('a compose file that was moved', () => {
  it('is missed with a word about what to do, and its stack can still be stopped', async () => {
    const { services, during } = world({});
    await expect(during(services.stacks.plan({ stack }, 'up', {}))).rejects.toMatchObject({
      error: { code: 'file.invalid', hint: expect.stringContaining('locate -p shop FILE') },
    });
    expect((await during(services.stacks.plan({ stack }, 'stop', {}))).steps).toHaveLength(1);
    const drift = await during(services.stacks.drift({ stack }, []));
    expect(drift.items).toEqual([
      { subject: 'project', name: 'shop', containers: [], key: 'config_files', change: 'missing', engine: old },
    ]);
  });

  it('is found again where the user says, now and after a restart, under its own name', async () => {
    const { services, during, state } = world({ [moved]: text });
    expect(await during(services.stacks.locate(stack, [moved]))).toEqual([]);
    const plan = await during(services.stacks.plan({ stack }, 'up', {}));
    expect(plan.stack).toBe(stack);
    await during(services.live.ready());
    expect(services.live.state().stacks[stack]).toMatchObject({ files: [moved], filesFound: true });
    const drift = await during(services.stacks.drift({ stack }, []));
    expect(drift.items).toContainEqual(
      expect.objectContaining({ key: 'config_files', change: 'changed', file: moved, engine: old }),
    );
    const later = createWorld({ texts: { [moved]: text }, documents: Object.fromEntries(state.documents) });
    expect((await later.during(later.services.stacks.files(stack))).files).toEqual([{ path: moved, text }]);
  });

  it('is not taken where there is none, and doubted where none of its services are in it', async () => {
    const { services, during, state } = world({ [moved]: 'services: {api: {image: web:1}}' });
    await expect(during(services.stacks.locate(stack, ['/srv/none.yaml']))).rejects.toMatchObject({
      error: { code: 'file.invalid' },
    });
    expect(state.documents.has('stacks')).toBe(false);
    // The engine's containers have to have been seen for that.
    await during(services.live.ready());
    expect((await during(services.stacks.locate(stack, [moved]))).map(({ rule }) => rule)).toEqual(['other-project']);
  });
});
