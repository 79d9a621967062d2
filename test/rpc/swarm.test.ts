import { expect, it } from 'vitest';
import { recordLabel, stackLabel } from '../../main/core/swarm/names.ts';
import { observedStack } from '../support/builders-swarm.ts';
import { connect } from './support.ts';

/** What the services are asked for, when the page asks for this. */
async function asked(input: object) {
  const page = connect();
  const seen: unknown[] = [];
  const take = async (...given: readonly unknown[]) => {
    seen.push(...given);
    return { operation: 'o' };
  };
  Object.assign(page.services.swarm, { run: take });
  expect(await page.ask('swarm.run', { engine: 'e', fingerprint: 'f', ...input })).toMatchObject({ t: 'result' });
  return seen;
}

it('a deploy is of the files that were shown, under their own name unless another is given', async () => {
  const files = ['/srv/a.yaml', '/srv/b.yaml'];
  const change = { kind: 'deploy', files, options: { prune: true, ordered: false, canary: 1, registry: 'r.test/x' } };
  expect(await asked({ change })).toEqual([
    { engine: 'e', files },
    { kind: 'deploy', options: { prune: true, ordered: false, canary: 1, registry: 'r.test/x' } },
    { fingerprint: 'f', agree: undefined },
  ]);
  const [target, , with_] = await asked({ stack: 'shop', change, agree: ['DB_PASSWORD'] });
  expect([target, with_]).toEqual([
    { engine: 'e', project: 'shop', files },
    { fingerprint: 'f', agree: ['DB_PASSWORD'] },
  ]);
});

it.each([
  [
    { kind: 'scale', service: 'shop_web', replicas: 2 },
    { kind: 'scale', replicas: { shop_web: 2 } },
  ],
  [{ kind: 'remove' }, { kind: 'remove' }],
  [
    { kind: 'canary', end: 'promote', services: ['shop_web'] },
    { kind: 'canary', end: 'promote', services: ['shop_web'] },
  ],
  [
    { kind: 'go-back', to: '3', options: { resetScale: true } },
    { kind: 'go-back', to: '3', options: { resetScale: true } },
  ],
])('%j of a stack that is there needs no file', async (change, request) => {
  const [target, seen] = await asked({ stack: 'shop', change });
  expect([target, seen]).toEqual([{ engine: 'e', project: 'shop' }, request]);
});

it('the history says which deploys there is a way back to, and gives none of what is recorded to the page', async () => {
  const page = connect();
  const record = (number: number, data: string) => ({
    name: `shop_deploy-${number}`,
    id: `id-${number}`,
    createdAt: number,
    data,
    labels: {
      [stackLabel]: 'shop',
      [recordLabel]: '1',
      [`${recordLabel}.number`]: String(number),
      [`${recordLabel}.who`]: 'anna@laptop',
    },
  });
  const observed = observedStack('shop', { configs: [record(1, 'LQ=='), record(2, 'c2VjcmV0')] });
  Object.assign(page.services.swarm, { look: async () => observed });
  const answer = await page.ask('swarm.history', { engine: 'e', stack: 'shop' });
  expect(answer).toMatchObject({
    output: {
      deploys: [
        { number: 2, who: 'anna@laptop', back: true },
        { number: 1, back: false },
      ],
    },
  });
  expect(JSON.stringify(answer)).not.toContain('c2VjcmV0');
});
