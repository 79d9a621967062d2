import { describe, expect, it } from 'vitest';
import type { SeenTask } from '../../main/core/swarm/observed.ts';
import { readableSecrets } from '../../main/core/team-services/readable-secrets.ts';
import {
  askedAfter,
  changedPeople,
  mergePresence,
  sortIncidents,
  toPeople,
} from '../../main/core/team-services/view.ts';
import { applyServicesPatch, unseenServices } from '../../preload/contract/team-services.ts';

const task = (node: string, service: string, ...secrets: string[]): SeenTask => ({
  ...{ id: `${node}-${service}`, service, node, state: 'running', desired: 'running', at: 0, createdAt: 0, image: 'x' },
  spec: { ContainerSpec: { Secrets: secrets.map((SecretName) => ({ SecretID: 'x', SecretName })) } },
});
const secret = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  ...{ id: name, name, labels, createdAt: 0 },
});
const shop = { 'com.docker.stack.namespace': 'shop' };

describe('secrets that could be read on machines that go', () => {
  const secrets = [
    secret('shop_db-1', { ...shop, 'io.claude-env.key': 'db' }),
    secret('shop_db-2', { ...shop, 'io.claude-env.key': 'db' }),
    secret('shop_mail', shop),
    secret('by-hand'),
  ];
  const tasks = [
    task('n1', 's1', 'shop_db-2', 'shop_mail'),
    task('n1', 's2', 'shop_mail'),
    task('n2', 's1', 'by-hand'),
    { ...task('n1', 's3'), spec: {} },
  ];
  const names = { s1: 'shop_web', s2: 'shop_worker' };
  const node = { id: 'n1', hostname: 'laptop', manager: false };

  it('are those of the tasks that a worker was given, and no others', () => {
    expect(readableSecrets(secrets, tasks, [node], names)).toEqual([
      { name: 'db', stack: 'shop', why: 'shop_web on laptop' },
      { name: 'mail', stack: 'shop', why: 'shop_web on laptop, shop_worker on laptop' },
    ]);
  });

  it('are all of them where one was a manager', () => {
    const found = readableSecrets(secrets, [], [{ ...node, manager: true }], names);
    expect(found.map(({ name }) => name)).toEqual(['by-hand', 'db', 'mail']);
    expect(found[0]?.why).toBe('laptop was a manager');
  });

  it('are none where no machine goes', () => {
    expect(readableSecrets(secrets, tasks, [], names)).toEqual([]);
  });
});

describe('people', () => {
  const anna = { id: 'a', name: 'Anna', role: 'member' as const, created: '2026', lastUsed: '2027' };
  const here = { id: 'a', online: true, seen: undefined, environments: [] };

  it('are away only where presence is known', () => {
    expect(toPeople([anna], { known: true, people: [] }, undefined).a?.online).toBe(false);
    expect(toPeople([anna], { known: false, people: [here] }, undefined).a?.online).toBeNull();
    expect(toPeople([anna], undefined, undefined).a?.online).toBeNull();
    expect(toPeople([anna], { known: true, people: [here] }, undefined).a).toMatchObject({
      online: true,
      seen: '2027',
    });
  });

  it('are behind only where both revisions are known', () => {
    const with_ = (revision: string | undefined) => ({
      known: true,
      people: [{ ...here, environments: [{ machine: 'm', state: 'running' as const, drifted: [], revision }] }],
    });
    const behind = (revision: string | undefined, current: string | undefined) =>
      toPeople([anna], with_(revision), current).a?.environments[0]?.behind;
    expect([behind('x', 'x'), behind('x', 'y'), behind(undefined, 'y'), behind('x', undefined)]).toEqual([
      false,
      true,
      null,
      null,
    ]);
  });

  it('who changed are told one by one, and all of them when somebody came or went', () => {
    const before = toPeople([anna, { ...anna, id: 'b' }], undefined, undefined);
    const now = toPeople([anna, { ...anna, id: 'b', name: 'Bo' }], undefined, undefined);
    expect(changedPeople(before, now)?.map(({ id }) => id)).toEqual(['b']);
    expect(changedPeople(before, before)).toEqual([]);
    expect(changedPeople(before, toPeople([anna], undefined, undefined))).toBeUndefined();
    expect(changedPeople(undefined, now)).toBeUndefined();
  });

  it('of whom nothing is told are as they were', () => {
    const before = { known: true, people: [here, { ...here, id: 'b' }] };
    const gone = { ...here, online: false };
    expect(mergePresence(before, { known: true, people: [gone] }).people).toEqual([{ ...here, id: 'b' }, gone]);
  });
});

it('a guest is asked nothing for that only members see, whatever is said to have changed', () => {
  const all = (['people', 'presence', 'config', 'incidents', 'mcp', 'swarm'] as const).flatMap((what) =>
    askedAfter(what, 'guest'),
  );
  expect(new Set(all)).toEqual(new Set(['me', 'config', 'mcp']));
});

it('open incidents come first, then the newest', () => {
  const one = (id: string, state: 'open' | 'resolved', opened: string) => ({
    ...{ id, state, opened, title: id, by: 'x', notes: [] },
  });
  const sorted = sortIncidents([one('1', 'resolved', '4'), one('2', 'open', '1'), one('3', 'open', '2')]);
  expect(sorted.map(({ id }) => id)).toEqual(['3', '2', '1']);
});

it('a patch leaves what it does not name as it is', () => {
  const mcp = applyServicesPatch(unseenServices, { op: 'put', value: { mcp: [], incidents: undefined } });
  expect(mcp).toEqual({ ...unseenServices, mcp: [] });
  const person = { id: 'a', name: 'Anna', role: 'member' as const, online: null, environments: [] };
  const put = applyServicesPatch(mcp, { op: 'put-person', value: person });
  expect(put.people).toEqual({ a: person });
  expect(put.mcp).toBe(mcp.mcp);
  expect(applyServicesPatch(put, { op: 'drop', part: 'people' })).toEqual(mcp);
});
