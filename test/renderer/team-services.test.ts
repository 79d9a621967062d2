import { describe, expect, test } from 'vitest';
import type { Frame } from '../../preload/contract/api.ts';
import { unseenServices } from '../../preload/contract/team-services.ts';
import { openInvites, peopleRows } from '../../renderer/show/team-rows.ts';
import {
  configLook,
  environmentsText,
  incidentLook,
  mayAs,
  notCurrent,
  overviewPanels,
  percentText,
  personConfigLook,
  presenceLook,
  removedFacts,
  secondsText,
  servicesSummary,
  signatureLook,
  teamTabsOf,
} from '../../renderer/show/team-services.ts';
import { createTeamServicesStore } from '../../renderer/store/team-services.ts';
import {
  environment,
  guestServices,
  lostServices,
  manyPeople,
  person,
  teamServices,
} from '../support/scenarios-team-services.ts';
import { createFakeClient, createQueue } from './support.ts';

const { overview } = teamServices;
if (overview === undefined) throw new Error('the scenario has no overview');
const panel = (key: string, changes: Partial<typeof overview> = {}) =>
  overviewPanels({ ...overview, ...changes }).find((one) => one.key === key);

describe('the four panels', () => {
  test('have their numbers, each with its unit', () => {
    expect(overviewPanels(overview).map(({ value }) => value)).toEqual(['2', '99 %', '84 ms', '20 %']);
  });

  test('what is not known is no number, and says why', () => {
    const panels = overviewPanels({
      environments: null,
      sync: { successRate: null, lastError: null },
      mcp: { p95Seconds: null, requestsPerSecond: null },
      drift: { percent: null, behind: [] },
      incidents: null,
    });
    expect(panels.map(({ value }) => value)).toEqual([undefined, undefined, undefined, undefined]);
    expect(panels.map(({ says }) => /\d/.test(says))).toEqual([false, false, false, false]);
  });

  test('0 is a number: nobody is behind, nothing runs', () => {
    expect(panel('drift', { drift: { percent: 0, behind: [] } })).toMatchObject({ value: '0 %', tone: 'plain' });
    expect(panel('environments', { environments: { running: 0, known: 3 } })?.value).toBe('0');
  });

  test('a rate is not rounded up to all, nor drift down to none', () => {
    expect(percentText(0.9999)).toBe('99 %');
    expect(percentText(1)).toBe('100 %');
    expect(panel('drift', { drift: { percent: 0.5, behind: ['a/b'] } })?.value).toBe('1 %');
  });

  test('the last error of the sync stands beside its rate', () => {
    const sync = { successRate: 0.5, lastError: 'The repository cannot be reached' };
    expect(panel('sync', { sync })).toMatchObject({ value: '50 %', says: sync.lastError, tone: 'warn' });
  });

  test.each([
    [0.0002, '1 ms'],
    [0.0841, '84 ms'],
    [0.9996, '1.0 s'],
    [4.94, '4.9 s'],
  ])('%d seconds', (seconds, text) => expect(secondsText(seconds)).toBe(text));
});

describe('roles', () => {
  test('a guest sees neither people nor incidents', () => {
    expect(teamTabsOf(guestServices.link, 2).map(({ key }) => key)).toEqual(['swarm', 'overview', 'config']);
    expect(teamTabsOf(teamServices.link, 2).map(({ key }) => key)).toEqual([
      'swarm',
      'overview',
      'people',
      'config',
      'incidents',
    ]);
  });

  test('each may what the lower may, and without a link nobody may anything', () => {
    expect((['guest', 'member', 'operator'] as const).map((role) => mayAs(guestServices.link, role))).toEqual([
      true,
      false,
      false,
    ]);
    expect(mayAs(teamServices.link, 'operator')).toBe(true);
    expect(mayAs({ kind: 'none' }, 'guest')).toBe(false);
    expect(teamTabsOf({ kind: 'none' }, 0)).toHaveLength(2);
  });
});

describe('people', () => {
  test('presence that is not known is neither here nor away', () => {
    expect([true, false, null].map((online) => presenceLook({ online }).label)).toEqual(['here', 'away', 'not known']);
    const people = { a: person('A', { online: null }), b: person('B') };
    expect(servicesSummary(teamServices.link, people)).toBe('You are Anna, operator · 2 people, presence is not known');
    expect(servicesSummary(lostServices.link, people)).not.toMatch(/here now/);
  });

  test('nothing reported is not the same as nothing running', () => {
    expect(environmentsText({ environments: [] })).toBe('none reported');
    expect(environmentsText({ environments: [environment('a', { state: 'stopped' })] })).toBe('a, stopped');
    expect(environmentsText({ environments: [environment('a'), environment('b', { state: 'failed' })] })).toBe(
      '2, 1 running',
    );
  });

  test('a machine is current only where that is known and nothing was changed there', () => {
    const { revision: _none, ...unapplied } = environment('a', { behind: true });
    const labels = [
      environment('a'),
      environment('a', { behind: true }),
      unapplied,
      environment('a', { drifted: ['settings.json'] }),
      environment('a', { behind: null }),
    ].map((one) => configLook(one).label);
    expect(labels).toEqual(['current', 'behind', 'not applied', 'changed there', 'not known']);
  });

  test('a person is as the machine that is worst off; those that are not current are listed', () => {
    const environments = [environment('a'), environment('b', { behind: true })];
    expect(personConfigLook({ environments })?.label).toBe('behind');
    expect(personConfigLook({ environments: [] })).toBeUndefined();
    expect(notCurrent(teamServices.people ?? {}).map((one) => one.environment.machine)).toEqual([
      'bens-thinkpad',
      'chiara-desk',
    ]);
  });

  test('rows: proposals first, then open invites, then people by name with the machines of those that are open', () => {
    const rows = peopleRows(teamServices.people ?? {}, teamServices.invites ?? [], {
      query: '',
      open: new Set(['p-chiara', 'p-eun-ji']),
    });
    expect(rows.map(({ id }) => id)).toEqual([
      'invites',
      'invite v1',
      'invite v2',
      'people',
      'p-anna',
      'p-ben',
      'p-chiara',
      'p-chiara chiara-desk',
      'p-chiara chiara-laptop',
      'p-dimitri',
      'p-eun-ji',
      'p-eun-ji none',
    ]);
  });

  test('an invite that was used or has expired is no longer anybody’s to end', () => {
    const invites = (teamServices.invites ?? []).map((one) => ({ ...one, state: 'used' as const }));
    expect(openInvites(invites)).toEqual([]);
    expect(peopleRows({}, invites, { query: '', open: new Set() })).toEqual([]);
  });

  test('two hundred are searched by name, machine and state', () => {
    const find = (query: string) => peopleRows(manyPeople(200), [], { query, open: new Set() }).map(({ id }) => id);
    expect(find('')).toHaveLength(200);
    expect(find('person 007')).toEqual(['p6']);
    expect(find('MACHINE-13')).toEqual(['p13', 'p130', 'p131', 'p133', 'p134', 'p135', 'p137', 'p138', 'p139']);
    expect(find('nobody')).toEqual([]);
  });

  test('what was not done when somebody was removed is not said', () => {
    expect(removedFacts({ revoked: 1, invitesEnded: 0, rotated: [], nodes: [] })).toEqual([['Tokens', '1 ended']]);
    const all = removedFacts({ revoked: 2, invitesEnded: 1, rotated: ['worker', 'manager'], nodes: ['n1', 'n2'] });
    expect(all.map(([, text]) => text).join('; ')).toMatch(/for workers and managers: .*; without n1, n2$/);
  });
});

test('an incident that nobody is on is red; a signature of a stranger is no good one', () => {
  const look = (state: 'open' | 'resolved', owner?: { id: string; name: string }) =>
    incidentLook({ state, ...(owner === undefined ? {} : { owner }) });
  expect([look('open').tone, look('open', { id: 'a', name: 'Anna' }).label, look('resolved').tone]).toEqual([
    'bad',
    'Anna is on it',
    'idle',
  ]);
  const tones = (['good', 'bad', 'none', 'unknown-signer'] as const).map(
    (signature) => signatureLook({ signature }).tone,
  );
  expect(tones).toEqual(['ok', 'bad', 'idle', 'warn']);
});

describe('the store', () => {
  const setUp = () => {
    const fake = createFakeClient();
    const later = createQueue();
    const store = createTeamServicesStore(fake.client, later.after);
    const sendFrame = (frame: Frame<'teamServices'>) =>
      fake.send({ t: 'frame', id: fake.opens().at(-1)?.id ?? -1, frame: structuredClone(frame) });
    return { ...fake, later, store, sendFrame };
  };
  const snapshot = { kind: 'snapshot', seq: 0, state: teamServices } as const;

  test('takes parts and people one by one, and keeps the rest as it is', () => {
    const { store, opens, closes, sendFrame } = setUp();
    const stop = store.actions.follow();
    expect(opens().map(({ stream, input }) => [stream, input])).toEqual([['teamServices', {}]]);
    sendFrame(snapshot);
    const { config, people } = store.getState();
    sendFrame({
      kind: 'patches',
      seq: 1,
      patches: [
        { op: 'put-person', value: person('Ben', { online: true }) },
        { op: 'drop', part: 'invites' },
      ],
    });
    const now = store.getState();
    expect(now.people?.['p-ben']?.online).toBe(true);
    expect(now.people?.['p-anna']).toBe(people?.['p-anna']);
    expect(now.config).toBe(config);
    expect(now).not.toHaveProperty('invites');
    stop();
    expect(closes()).toHaveLength(1);
  });

  test('opened anew, what is known stays until something has been read, and nothing of another link after', () => {
    const { store, sendFrame } = setUp();
    store.actions.follow()();
    store.actions.follow();
    sendFrame(snapshot);
    store.actions.follow();
    sendFrame({ kind: 'snapshot', seq: 0, state: unseenServices });
    expect(store.getState().link).toMatchObject({ kind: 'open' });
    sendFrame({ kind: 'patches', seq: 1, patches: [{ op: 'put', value: { link: { kind: 'none' } } }] });
    expect(store.getState()).toEqual({ link: { kind: 'none' }, errors: {}, trouble: undefined });
  });

  test('a hole in the numbers is mended by a fresh snapshot; an end is tried again, and said', () => {
    const { store, opens, send, sendFrame, later } = setUp();
    store.actions.follow();
    sendFrame(snapshot);
    sendFrame({ kind: 'patches', seq: 7, patches: [{ op: 'drop', part: 'people' }] });
    expect(opens()).toHaveLength(2);
    expect(store.getState().people).toBeDefined();
    send({ t: 'end', id: opens().at(-1)?.id ?? -1, error: { code: 'internal', message: 'it broke' } });
    expect(store.getState().trouble?.message).toBe('it broke');
    later.flush();
    sendFrame(snapshot);
    expect(store.getState().trouble).toBeUndefined();
  });
});
