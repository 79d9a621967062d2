import type {
  AddressAdvice,
  CreatedTeam,
  InviteFacts,
  IssuedInvite,
  JoinedTeam,
  ListedInvite,
  ReachCheck,
} from '../../preload/contract/team.ts';
import type { Act, Scenario, World } from './scenarios.ts';

/* Getting into a team and changing its machines, for the screenshots. */

const fingerprint = '3F9A 1C77 5BE0 42D8';
const expires = '2026-11-22T10:00:00.000Z';
const listed = (id: string, members: Partial<ListedInvite> = {}): ListedInvite => ({
  id,
  role: 'worker',
  machine: 'laptop',
  by: 'anna on falcon-1',
  issued: '2026-11-21T09:00:00.000Z',
  expires,
  alive: true,
  ...members,
});
const issued: IssuedInvite = {
  // What an invite looks like; it opens nothing.
  invite: `claude-env-team-1-${'exampleinviteopensnothing'.repeat(10)}-abcdefghijkl`,
  team: 'Falcon',
  role: 'worker',
  machine: 'laptop',
  expires,
  fingerprint,
  rotated: false,
  notes: [],
};
const facts: InviteFacts = {
  team: 'Falcon',
  role: 'worker',
  machine: 'laptop',
  managers: ['10.77.0.2:2377', '10.77.0.3:2377'],
  expires,
  fingerprint,
  means: [
    'Whoever manages Falcon can run anything on this machine, as root: containers with its disk, its network, its devices.',
    'As a worker this machine runs what managers give it, and cannot look at the rest of the Swarm.',
    'An engine can belong to one Swarm only. `team leave` ends it; what managers did here stays done.',
  ],
};
const checks: readonly ReachCheck[] = [
  {
    what: 'manager 10.77.0.2:2377',
    status: 'ok',
    found: 'answers, and shows the certificate that the invite names',
  },
  { what: '7946/tcp of 10.77.0.2', status: 'ok', found: 'open' },
  { what: 'manager 10.77.0.3:2377', status: 'problem', found: 'Nobody answers at 10.77.0.3:2377 within 3 s.' },
  { what: '7946/tcp of 10.77.0.3', status: 'problem', found: 'no answer: a firewall?' },
  {
    what: '7946/udp and 4789/udp',
    status: 'unknown',
    found: 'cannot be told from outside (UDP does not answer); the overlay test after joining tells',
  },
];
const addresses: readonly AddressAdvice[] = [
  { name: 'eth0', address: '10.77.0.21', verdict: 'good', reasons: [] },
  {
    name: 'wlan0',
    address: '192.168.1.20',
    verdict: 'doubtful',
    reasons: [
      'wireless: it changes with the place',
      'leased (DHCP): when it changes, this machine has to join again; reserve it in the router',
    ],
  },
];
const joined: JoinedTeam = {
  team: 'Falcon',
  role: 'worker',
  nodeId: 'abc',
  hostname: 'anna-laptop',
  address: '10.77.0.21',
  warnings: [],
  overlay: {
    verdict: 'traffic',
    says: 'The other end is known, and nothing comes back: 4789/udp has to pass between the machines; protocol 50 too where the team encrypts.',
  },
  notes: [],
};
const created: CreatedTeam = {
  team: 'Falcon',
  address: '10.77.0.21',
  fingerprint,
  encrypted: true,
  warnings: [],
  firewall: [
    '2377/tcp to managers: management',
    '7946/tcp and 7946/udp between all: who is there',
    '4789/udp between all: the overlay networks’ traffic',
    'IP protocol 50 (ESP) between all: the same, encrypted',
    'ports that containers publish are open to everybody: Docker writes its rules before ufw’s',
  ],
};
const answers = {
  'team.addresses': { output: { listed: true, addresses, warnings: [] } },
  'team.create': { output: created },
  'team.invites': {
    output: { invites: [listed('a1'), listed('b2', { role: 'manager', machine: 'server', by: 'ben on falcon-2' })] },
  },
  'team.invite': { output: issued },
  'team.readInvite': { output: facts },
  'team.tryInvite': { output: { checks, answering: 1 } },
  'team.adviseNode:demote': {
    output: {
      advice: {
        kind: 'doubtful',
        advice: 'With 2 managers, all of them have to be there: that is worse than one.',
      },
    },
  },
  joining: { output: [{ kind: 'joined', joined }] },
} satisfies World['answers'];

export function teamDialogScenarios(worlds: { readonly none: World; readonly full: World }): readonly Scenario[] {
  const using = (base: World, more: World['answers'] = {}): World => ({
    ...base,
    answers: { ...base.answers, ...answers, ...more },
  });
  const [none, full] = [using(worlds.none), using(worlds.full)];
  const button = (name: string): Act => ({ click: ['button', name] });
  const invite = [button('Team'), button('Invite…')];
  const paste = [button('Team'), button('Join with an invite…'), { fill: ['Invite', 'claude-env-team-1-x'] }] as const;
  const read = [...paste, button('Read it')];
  const create = [button('Team'), button('Create a team…')];
  const error = {
    code: 'swarm.invite-expired',
    message: 'The invite to Falcon expired at 2026-11-20 10:00 UTC.',
    hint: 'Ask for a new one; and is this machine’s clock right?',
  } as const;
  return [
    { name: 'team-invite', world: full, acts: invite, shows: 'Invites that are out' },
    {
      name: 'team-invite-made',
      world: full,
      acts: [...invite, button('Make an invite')],
      shows: 'Pass it on like a password',
    },
    {
      name: 'team-invite-qr',
      world: full,
      acts: [...invite, button('Make an invite'), button('QR code')],
      shows: 'Copy invite',
    },
    {
      name: 'team-join-refused',
      world: using(worlds.none, { 'team.readInvite': { error } }),
      acts: read,
      shows: 'expired at 2026-11-20',
    },
    { name: 'team-join', world: none, acts: read, shows: 'What joining means' },
    {
      name: 'team-joined',
      world: using(worlds.none, {
        'team.addresses': { output: { listed: true, addresses: addresses.slice(0, 1), warnings: [] } },
      }),
      acts: [...read, button('Join Falcon')],
      shows: 'nothing comes back',
    },
    { name: 'team-create', world: none, acts: [...create, { fill: ['Name', 'Falcon'] }], shows: 'wireless' },
    {
      name: 'team-created',
      world: using(worlds.none, {
        'team.addresses': { output: { listed: true, addresses: addresses.slice(0, 1), warnings: [] } },
      }),
      acts: [...create, { fill: ['Name', 'Falcon'] }, button('Create')],
      shows: 'have to let through',
    },
    {
      name: 'team-demote',
      world: full,
      acts: [button('Team'), button('Change falcon-2'), { click: ['menuitem', 'Demote…'] }],
      shows: 'worse than one',
    },
  ];
}
