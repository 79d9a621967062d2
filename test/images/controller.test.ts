import { describe, expect, it } from 'vitest';
import { Failure, isDatabaseAway, toBody, toFailure } from '../../resources/images/controller/src/failure.mjs';
import { allows, mayHear, roles } from '../../resources/images/controller/src/roles.mjs';
import { parseServers, readSettings } from '../../resources/images/controller/src/settings.mjs';
import { digestOf, newCode, newToken, parseFirstOperator } from '../../resources/images/controller/src/tokens.mjs';
import {
  countStates,
  toDrift,
  toOverview,
  toPresence,
  toServers,
  toSuccessRate,
} from '../../resources/images/controller/src/view.mjs';
import { roughly, roughServers, roughSync } from '../../resources/images/controller/src/watch.mjs';

const at = new Date(0);
const environment = (person: string, machine: string, more: object = {}) => ({
  person,
  machine,
  state: 'running',
  revision: 'r1',
  drifted: [],
  node: null,
  at,
  ...more,
});
const anna = { id: 'a', name: 'Anna', used: at };
const ben = { id: 'b', name: 'Ben', used: null };

describe('presence', () => {
  const environments = [environment('a', 'desk', { node: 'n1' }), environment('a', 'laptop', { revision: null })];

  it('is per person, and what a machine does is known only while it says so', () => {
    expect(toPresence([anna, ben], environments, [{ person: 'a', machine: 'desk' }])).toEqual([
      {
        id: 'a',
        online: true,
        seen: at.toISOString(),
        environments: [
          { machine: 'desk', state: 'running', revision: 'r1', drifted: [], node: 'n1', at: at.toISOString() },
          { machine: 'laptop', state: 'unknown', drifted: [], at: at.toISOString() },
        ],
      },
      { id: 'b', online: false, seen: null, environments: [] },
    ]);
  });

  it('is not known without Redis, which is not the same as nobody', () => {
    const [one] = toPresence([anna], environments, undefined);
    expect(one).toMatchObject({ online: null, environments: [{ state: 'unknown' }, { state: 'unknown' }] });
    expect(countStates(environments, undefined)).toMatchObject({ running: 0, unknown: 2 });
  });
});

describe('drift', () => {
  const environments = [
    environment('a', 'desk'),
    environment('b', 'laptop', { revision: 'r0' }),
    environment('b', 'desk', { drifted: ['CLAUDE.md'] }),
  ];

  it('is another revision, or files that were changed', () => {
    expect(toDrift([anna, ben], environments, 'r1')).toEqual({ percent: 66.7, behind: ['Ben/desk', 'Ben/laptop'] });
  });

  it.each([
    ['nothing is offered', environments, null],
    ['what is offered is not known', environments, undefined],
    ['nobody has said anything', [], 'r1'],
  ])('has no percentage where %s', (_, list, current) => {
    expect(toDrift([anna], list, current)).toEqual({ percent: null, behind: [] });
  });
});

describe('the MCP registry', () => {
  const servers = [{ name: 'context7', service: 'mcp-context7' }];
  const summary = (addresses: readonly string[], more: object = {}) => ({
    servers: [
      {
        name: 'context7',
        replicas: addresses.map((address) => ({ address })),
        requestsPerSecond: 1.5,
        p95Seconds: 0.1,
        ...more,
      },
    ],
  });
  const wanted = (desired: number) => [{ name: 'team_mcp-context7', running: 1, desired }];

  it('adds up what several gateways say, and counts a replica once', () => {
    const said = [summary(['x', 'y']), summary(['y'], { p95Seconds: 0.3 })];
    expect(toServers(servers, said, wanted(2))).toEqual([
      { name: 'context7', path: '/mcp/context7', state: 'running', replicas: 2, p95Seconds: 0.3, requestsPerSecond: 3 },
    ]);
  });

  it.each([
    ['degraded', [summary(['x'])], wanted(2)],
    ['running', [summary(['x'])], undefined],
    ['running', [summary([])], wanted(1)],
    ['stopped', [summary([])], [{ name: 'team_mcp-context7', running: 0, desired: 2 }]],
    ['unknown', [summary([])], undefined],
    ['unknown', undefined, wanted(2)],
  ])('calls it %s', (state, said, services) => {
    expect(toServers(servers, said, services)[0]?.state).toBe(state);
  });

  it('knows no figure that no gateway has', () => {
    expect(toServers(servers, [summary(['x'], { p95Seconds: null })], undefined)[0]?.p95Seconds).toBe(null);
  });
});

describe('the overview', () => {
  it('has null for what is not known', () => {
    const servers = toServers([{ name: 'context7', service: 's' }], undefined, undefined);
    expect(
      toOverview({ people: [anna], environments: [], here: undefined, sync: undefined, servers, incidents: 2 }),
    ).toMatchObject({
      environments: null,
      sync: { successRate: null, lastError: 'config-sync does not answer.' },
      mcp: { p95Seconds: null, requestsPerSecond: null },
      drift: { percent: null, behind: [] },
      incidents: 2,
    });
  });

  it.each([
    [0.75, { hour: { success: 3, failure: 1 }, day: { success: 100, failure: 0 } }],
    [0.5, { hour: { success: 0, failure: 0 }, day: { success: 1, failure: 1 } }],
    [null, { hour: { success: 0, failure: 0 } }],
  ])('has a success rate of %s', (rate, syncs) => {
    expect(toSuccessRate({ remote: null, lastSync: null, error: null, remoteHead: null, current: null, syncs })).toBe(
      null,
    );
    expect(toSuccessRate({ lastSync: null, error: null, remoteHead: null, current: null, syncs })).toBe(rate);
  });
});

describe('what is told as changed', () => {
  it('is a figure that somebody would see as another one', () => {
    expect(roughly(0.1002)).toBe(roughly(0.1));
    expect(roughly(0.2)).not.toBe(roughly(0.1));
    expect([roughly(0), roughly(null)]).toEqual([0, null]);
    const servers = (p95Seconds: number | null) => [
      { name: 'x', path: '/mcp/x', state: 'running', replicas: 1, p95Seconds, requestsPerSecond: 0 },
    ];
    expect(roughServers(servers(0.1002))).toBe(roughServers(servers(0.1)));
    expect(roughServers(servers(null))).not.toBe(roughServers(servers(0.1)));
  });

  it('is a revision, a head or an error, and not the hour of the last look', () => {
    const state = { lastSync: '1', error: null, remoteHead: 'h', current: null };
    expect(roughSync({ ...state, lastSync: '2' })).toBe(roughSync(state));
    expect(roughSync({ ...state, error: { message: 'gone' } })).not.toBe(roughSync(state));
    expect(roughSync(undefined)).not.toBe(roughSync(state));
  });
});

describe('roles', () => {
  it('may each what the lower ones may', () => {
    const table = roles.map((role) => roles.map((needed) => allows(role, needed)));
    expect(table).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
  });

  it('hear what they may ask for', () => {
    expect(['config', 'mcp', 'people', 'presence'].filter((what) => mayHear('guest', what))).toEqual(['config', 'mcp']);
    expect(mayHear('member', 'people')).toBe(true);
  });
});

describe('tokens and codes', () => {
  it('are long, of one form, and never the same', () => {
    expect(newToken().text).toMatch(/^cet_[\w-]{43}$/);
    expect(newCode().text).toMatch(/^cei_[\w-]{32}$/);
    expect(newToken().text).not.toBe(newToken().text);
    const { text, digest } = newToken();
    expect(digest).toBe(digestOf(text));
  });

  it.each([
    '',
    'not json',
    '{}',
    '{"name":"x","tokenSha256":"short"}',
    'null',
    `{"name":" ","tokenSha256":"${'a'.repeat(64)}"}`,
  ])('refuse %s as the first operator, without repeating it', (text) => {
    expect(() => parseFirstOperator(text)).toThrow(/^The secret first-operator is not/);
  });
});

describe('settings', () => {
  it('need the name of the team, and ports that are ports', () => {
    expect(() => readSettings({})).toThrow('TEAM_NAME');
    expect(() => readSettings({ TEAM_NAME: 'x', WS_PORT: '70000' })).toThrow('WS_PORT is no port: 70000');
    expect(readSettings({ TEAM_NAME: ' Rocket ' })).toMatchObject({
      team: 'Rocket',
      database: { host: 'tasks.postgres' },
    });
  });

  it('read the same list of servers as the gateway', () => {
    expect(parseServers('context7=mcp-context7:3001, magic=mcp-magic:3003')).toEqual([
      { name: 'context7', service: 'mcp-context7' },
      { name: 'magic', service: 'mcp-magic' },
    ]);
    expect(() => parseServers('context7')).toThrow('context7');
  });
});

describe('failures', () => {
  const coded = (code: string) => Object.assign(new Error('x'), { code });

  it.each([coded('57P01'), coded('ECONNREFUSED'), coded('08006'), new Error('Connection terminated unexpectedly')])(
    'are 503 when the database is away: %s',
    (error) => {
      expect(toFailure(error)).toMatchObject({
        status: 503,
        code: 'database.unavailable',
        retryAfter: expect.any(Number),
      });
    },
  );

  it.each([coded('23505'), coded('42P01'), new Error('terminated'), 'text', undefined])(
    'of ours tell the client nothing: %s',
    (error) => {
      expect(isDatabaseAway(error)).toBe(false);
      expect(toFailure(error)).toBe(undefined);
    },
  );

  it('have one form', () => {
    expect(toBody(new Failure(409, 'a.b', 'No.', { hint: 'Wait.' }))).toEqual({
      error: { code: 'a.b', message: 'No.', hint: 'Wait.' },
    });
    expect(toBody(new Failure(404, 'a.b', 'No.'))).toEqual({ error: { code: 'a.b', message: 'No.' } });
  });
});
