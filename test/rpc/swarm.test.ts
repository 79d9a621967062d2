import { expect, it } from 'vitest';
import { recordLabel, stackLabel } from '../../main/core/swarm/names.ts';
import { observedStack, volumeBackup } from '../support/builders-swarm.ts';
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
    { kind: 'restore-volume', from: '20260101-080000-aaaaaa' },
    { kind: 'restore-volume', from: '20260101-080000-aaaaaa' },
  ],
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

it('copies are those of the stack, and the page gets what the contract names', async () => {
  const page = connect();
  const copy = (id: string, stack: string) => ({
    ...volumeBackup({ id, stack }),
    sha256: 'not for the page',
  });
  const all = [copy('20260103', 'shop'), copy('20260102', 'other'), copy('20260101', 'shop')];
  Object.assign(page.services.swarm.backups, { list: async () => all });
  const answer = await page.ask('swarm.backups', { stack: 'shop' });
  expect(answer).toMatchObject({ output: { backups: [{ id: '20260103' }, { id: '20260101' }] } });
  expect(JSON.stringify(answer)).not.toContain('not for the page');
});

it('what came of trying ports is told by port and node, with what to do; addresses of nodes stay here', async () => {
  const page = connect();
  const nodes = [{ id: 'id-n1', node: 'n1', address: '10.0.0.1', answer: 'silent' }];
  const port = { service: 'web', published: 80, target: 8080, protocol: 'tcp', mode: 'ingress', tasks: 1, nodes };
  const finding = { severity: 'warning', rule: 'swarm-mesh', message: 'm', hint: 'h', at: ['services', 'web'] };
  const asked: unknown[] = [];
  const tryPorts = async (target: unknown) => {
    asked.push(target);
    return { ports: [port], findings: [finding] };
  };
  Object.assign(page.services.swarm, { tryPorts });
  const { tasks: _tasks, ...rest } = port;
  const { at: _at, ...said } = finding;
  expect(await page.ask('swarm.tryPorts', { engine: 'e', stack: 'shop' })).toMatchObject({
    output: { ports: [{ ...rest, nodes: [{ node: 'n1', answer: 'silent' }] }], findings: [said] },
  });
  expect(asked).toEqual([{ engine: 'e', project: 'shop' }]);
  expect(JSON.stringify(page.sent)).not.toContain('10.0.0.1');
});
