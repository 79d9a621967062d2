import type { AppError } from '../../preload/contract/errors.ts';
import { unseenSwarm } from '../../preload/contract/swarm-state.ts';
import type {
  Incident,
  PersonRole,
  TeamEnvironment,
  TeamPerson,
  TeamServicesState,
} from '../../preload/contract/team-services.ts';
import type { Act, Scenario, World } from './scenarios.ts';
import { ago } from './scenarios-data.ts';
import { compared, guestAnswers, offered, offeredBefore, yours } from './scenarios-team-member.ts';
import { lastHour, looked } from './scenarios-team-trend.ts';

/* The states of a team's services, for the screenshots and the page's tests. */

export const environment = (machine: string, members: Partial<TeamEnvironment> = {}): TeamEnvironment => ({
  machine,
  state: 'running',
  revision: offered,
  behind: false,
  drifted: [],
  at: ago(40),
  ...members,
});
export const person = (name: string, members: Partial<TeamPerson> = {}): TeamPerson => ({
  id: `p-${name.toLowerCase()}`,
  name,
  role: 'member',
  online: true,
  environments: [],
  ...members,
});
const byId = (list: readonly TeamPerson[]): Record<string, TeamPerson> =>
  Object.fromEntries(list.map((one) => [one.id, one]));

const people = [
  person('Anna', { role: 'operator', environments: [environment('anna-laptop', { node: 'anna-laptop' })] }),
  person('Ben', {
    online: false,
    seen: ago(3 * 3600),
    environments: [
      environment('bens-thinkpad', { state: 'stopped', revision: offeredBefore, behind: true, at: ago(3 * 3600) }),
    ],
  }),
  person('Chiara', {
    environments: [
      environment('chiara-desk', { drifted: ['settings.json', 'hooks/format.sh'] }),
      environment('chiara-laptop', { state: 'failed', behind: null, at: ago(600) }),
    ],
  }),
  person('Dimitri', { role: 'guest', environments: [environment('dimitri-mbp', { state: 'starting', at: ago(4) })] }),
  person('Eun-ji', { online: false, seen: ago(26 * 3600) }),
];

const incidents: readonly Incident[] = [
  {
    id: 'i2',
    title: 'Playwright answers with 504',
    detail: 'Since the deploy of this morning, every second call.',
    state: 'open',
    by: 'Chiara',
    opened: ago(25 * 60),
    notes: [],
  },
  {
    id: 'i1',
    title: 'falcon-3 is drained',
    state: 'open',
    by: 'Ben',
    opened: ago(5 * 3600),
    owner: { id: 'p-anna', name: 'Anna' },
    notes: [{ by: 'Anna', at: ago(4 * 3600), text: 'A new disk is on its way; nothing runs there until then.' }],
  },
  {
    id: 'i0',
    title: 'The repository could not be reached',
    state: 'resolved',
    by: 'Anna',
    opened: ago(50 * 3600),
    resolved: ago(48 * 3600),
    owner: { id: 'p-ben', name: 'Ben' },
    notes: [{ by: 'Ben', at: ago(49 * 3600), text: 'The deploy key had expired.' }],
  },
];

const open = (role: PersonRole, id = 'p-anna', name = 'Anna'): TeamServicesState['link'] => ({
  kind: 'open',
  team: 'Falcon',
  addresses: ['10.77.0.2:8443', '10.77.0.3:8443'],
  address: '10.77.0.2:8443',
  me: { id, name, role },
  tokenCreated: ago(9 * 86_400),
});
const lost: AppError = {
  code: 'engine.unreachable',
  message: 'None of the team’s servers (10.77.0.2:8443, 10.77.0.3:8443) answers.',
  hint: 'Is this machine in the team’s network or VPN? It is tried again by itself.',
  retry: true,
};

export const teamServices: TeamServicesState = {
  link: open('operator'),
  people: byId(people),
  invites: [
    {
      id: 'v1',
      name: 'Farid',
      role: 'guest',
      by: 'Chiara',
      issued: ago(1200),
      expires: '2026-03-13T14:10:00.000Z',
      state: 'pending',
    },
    {
      id: 'v2',
      name: 'Greta',
      role: 'member',
      by: 'Anna',
      issued: ago(7200),
      expires: '2026-03-13T12:30:00.000Z',
      state: 'open',
      approvedBy: 'Anna',
    },
  ],
  overview: {
    environments: { running: 2, known: 5 },
    sync: { successRate: 0.992, lastError: null },
    mcp: { p95Seconds: 0.084, requestsPerSecond: 1.4 },
    drift: { percent: 20, behind: ['Ben/bens-thinkpad'] },
    incidents: 2,
  },
  trend: lastHour(60),
  config: {
    current: {
      sha: offered,
      subject: 'Let the formatter run after every edit',
      since: ago(26 * 3600),
      signedBy: 'anna@falcon.test',
    },
    sync: { lastSync: ago(25), error: null, remoteHead: 'c71d0a44e5b8f2936d10ce87ab35f4029b6d8e13' },
    pending: [
      {
        sha: 'c71d0a44e5b8f2936d10ce87ab35f4029b6d8e13',
        subject: 'Agents for reviews of migrations',
        author: 'Chiara Conti',
        date: ago(3600),
        signature: 'unknown-signer',
        signer: 'chiara@home.test',
      },
      {
        sha: '1d9e7c3385aa01b64f20cd58e7136b9f0a4c2e75',
        subject: 'A command that opens the runbook',
        author: 'Ben Okafor',
        date: ago(2 * 3600),
        signature: 'none',
      },
      {
        sha: '77aa0d5be2f41c6093d8e7b5a4c1f20918364eab',
        subject: 'Share the notes of the last retreat',
        author: 'Ben Okafor',
        date: ago(4 * 3600),
        signature: 'good',
        signer: 'ben@falcon.test',
        refused: '`claude/skills/notes/retreat.mov` has 88 MB; a file may have 5 MB.',
      },
    ],
  },
  mcp: [
    {
      name: 'context7',
      path: '/mcp/context7',
      state: 'running',
      replicas: 2,
      p95Seconds: 0.061,
      requestsPerSecond: 0.8,
    },
    {
      name: 'sequential',
      path: '/mcp/sequential',
      state: 'running',
      replicas: 2,
      p95Seconds: 1.24,
      requestsPerSecond: 0.6,
    },
    { name: 'magic', path: '/mcp/magic', state: 'unknown', replicas: null, p95Seconds: null, requestsPerSecond: null },
    {
      name: 'playwright',
      path: '/mcp/playwright',
      state: 'degraded',
      replicas: 1,
      p95Seconds: 4.9,
      requestsPerSecond: 0,
    },
  ],
  incidents: [...incidents],
  deploys: [
    {
      stack: 'team',
      number: 14,
      by: 'anna on anna-laptop',
      at: ago(5 * 3600),
      what: 'playwright: image 1.4.0 → 1.5.0',
    },
    { stack: 'docs', number: 3, by: 'ben on falcon-2', at: ago(30 * 3600), what: 'web: replicas 1 → 2' },
  ],
  errors: {},
};

/** Nothing can be told now: Redis is gone, no gateway has figures, nobody has reported. */
const unknown: TeamServicesState = {
  ...teamServices,
  people: byId(people.map(({ seen: _seen, ...one }) => ({ ...one, online: null, environments: [] }))),
  invites: [],
  incidents: [],
  overview: {
    environments: null,
    sync: { successRate: null, lastError: 'The repository git.falcon.test cannot be reached: Connection timed out' },
    mcp: { p95Seconds: null, requestsPerSecond: null },
    drift: { percent: null, behind: [] },
    incidents: null,
  },
  trend: null,
};
const {
  people: _people,
  invites: _invites,
  overview: _overview,
  trend: _trend,
  incidents: _incidents,
  deploys: _deploys,
  ...guestParts
} = teamServices;
export const guestServices: TeamServicesState = {
  ...guestParts,
  link: open('guest', 'p-dimitri', 'Dimitri'),
  config: { ...teamServices.config, pending: undefined } as TeamServicesState['config'],
};
export const lostServices: TeamServicesState = {
  ...teamServices,
  link: {
    kind: 'connecting',
    team: 'Falcon',
    addresses: ['10.77.0.2:8443', '10.77.0.3:8443'],
    me: { id: 'p-anna', name: 'Anna', role: 'operator' },
    error: lost,
  },
};
/** As many as the services are made for. */
export const manyPeople = (count: number): Record<string, TeamPerson> =>
  byId(
    Array.from({ length: count }, (_, at) =>
      person(`Person ${String(at + 1).padStart(3, '0')}`, {
        id: `p${at}`,
        online: at % 3 !== 0,
        environments: at % 4 === 0 ? [] : [environment(`machine-${at}`, { behind: at % 7 === 0 })],
      }),
    ),
  );

const made = {
  // What an invite looks like; it opens nothing.
  invite: `claude-env-team-2-${'exampleinviteopensnothing'.repeat(9)}-abcdefghijkl`,
  id: 'v3',
  team: 'Falcon',
  name: 'Hana',
  role: 'guest',
  expires: '2026-03-13T14:30:00.000Z',
  pending: false,
  notes: [],
};
const advice = {
  name: 'Ben',
  means: [
    'Their token holds no longer: the team’s MCP servers and configuration end for them within seconds.',
    'The Swarm’s join tokens for workers are made anew: open invites for workers are worth nothing.',
    'Their machine bens-thinkpad leaves the Swarm; what runs on it starts elsewhere.',
  ],
  nodes: ['bens-thinkpad'],
};
const removed = {
  name: 'Ben',
  revoked: 1,
  invitesEnded: 1,
  rotated: ['worker'],
  nodes: ['bens-thinkpad'],
  secrets: [{ name: 'shop_db_password', stack: 'shop', why: 'a task of `shop_api` ran on bens-thinkpad' }],
  notes: [],
};

export function teamServicesScenarios(world: World): readonly Scenario[] {
  const using = (state: TeamServicesState): World => ({
    ...world,
    answers: {
      ...world.answers,
      teamServices: { output: state },
      teamMember: { output: { environments: [yours] } },
      'teamMember.diff': { output: compared },
      'teamServices.syncConfig': { output: looked },
      'teamServices.invitePerson': { output: made },
      'teamServices.adviseRemoval': { output: advice },
      'teamServices.removePerson': { output: removed },
    },
  });
  const button = (name: string): Act => ({ click: ['button', name] });
  const to = (...names: readonly string[]): readonly Act[] => [
    button('Team'),
    ...names.map((name): Act => ({ click: ['tab', name] })),
  ];
  const linked = using(teamServices);
  const guest: World = { ...world, answers: { ...world.answers, ...guestAnswers } };
  const paste = [
    ...to('Team services'),
    button('Join with an invite…'),
    { fill: ['Invite', 'claude-env-team-2-x'] },
    button('Read it'),
  ] as const;
  const person = (menu: string): readonly Act[] => [
    ...to('People'),
    button('Change Ben'),
    { click: ['menuitem', menu] },
  ];
  return [
    {
      name: 'team-services-none',
      // A manager is shown more: scenarios-team-up.ts.
      world: { ...world, answers: { ...world.answers, swarm: { output: unseenSwarm } } },
      acts: to('Team services'),
      shows: 'belongs to no team’s services',
    },
    { name: 'team-overview', world: linked, acts: to('Overview'), shows: '84 ms' },
    {
      name: 'team-overview-young',
      world: using({ ...teamServices, trend: lastHour(22) }),
      acts: to('Overview'),
      shows: 'since',
    },
    { name: 'team-overview-unknown', world: using(unknown), acts: to('Overview'), shows: 'No gateway has figures now' },
    { name: 'team-overview-lost', world: using(lostServices), acts: to('Overview'), shows: 'Try now' },
    {
      name: 'team-overview-guest',
      world: using(guestServices),
      acts: [button('Team')],
      shows: 'You are Dimitri, guest',
    },
    { name: 'team-people', world: linked, acts: [...to('People'), button('Chiara')], shows: 'waits for approval' },
    {
      name: 'team-people-many',
      world: using({ ...teamServices, invites: [], people: manyPeople(200) }),
      acts: to('People'),
      shows: '200 people',
    },
    {
      name: 'team-person-invite',
      world: linked,
      acts: [...to('People'), button('Invite a person…')],
      shows: 'Role in the team',
    },
    {
      name: 'team-person-invite-made',
      world: linked,
      acts: [...to('People'), button('Invite a person…'), { fill: ['Name', 'Hana'] }, button('Make an invite')],
      shows: 'whoever uses it first is Hana',
    },
    { name: 'team-person-remove', world: linked, acts: person('Remove…'), shows: 'Their token holds no longer' },
    {
      name: 'team-person-removed',
      world: linked,
      acts: [...person('Remove…'), button('Remove Ben')],
      shows: 'Change these secrets',
    },
    { name: 'team-config', world: linked, acts: to('Configuration'), shows: 'Waits for an operator' },
    {
      name: 'team-config-sync',
      world: linked,
      acts: [...to('Configuration'), button('Sync now')],
      shows: 'waits for approval.',
    },
    {
      name: 'team-config-diff',
      world: linked,
      acts: [...to('Configuration'), button('See what changes…')],
      shows: 'This of it runs in your environment',
    },
    { name: 'team-join-guest', world: guest, acts: paste, shows: 'nobody of the team can run anything on it' },
    { name: 'team-joined-guest', world: guest, acts: [...paste, button('Join Falcon')], shows: 'You are in Falcon' },
    {
      name: 'team-config-approve',
      world: linked,
      acts: [...to('Configuration'), button('Approve…')],
      shows: 'Approve this commit',
    },
    {
      name: 'team-incidents',
      world: linked,
      acts: [...to('Incidents (2)'), button('falcon-3 is drained')],
      shows: 'A new disk is on its way',
    },
  ];
}
