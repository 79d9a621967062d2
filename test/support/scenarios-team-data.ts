import type { Plan } from '../../preload/contract/model.ts';
import type { TriedPort } from '../../preload/contract/swarm-data.ts';
import type { VolumeBackup } from '../../preload/contract/volume-backup.ts';
import type { Act, Scenario, World } from './scenarios.ts';
import { ago } from './scenarios-data.ts';
import { plan, step } from './scenarios-plans.ts';

/* A stack's copies of volumes and its ports, for the screenshots. */

const copy = (id: string, at: string, members: Partial<VolumeBackup> = {}): VolumeBackup => ({
  id,
  service: 'db',
  volume: 'team_data',
  node: 'falcon-1',
  at,
  image: 'postgres:16@sha256:3f9a1c',
  reason: 'before deploy',
  inUse: true,
  bytes: 48_300_000,
  file: `/home/anna/.local/state/claude-env/backups/${id}.tar.gz`,
  ...members,
});
const backups: readonly VolumeBackup[] = [
  copy('20261121-095000-3f9a1c', ago(600)),
  copy('20261119-080000-a01cb3', ago(2 * 86_400), { inUse: false, bytes: 47_900_000, reason: 'before rollback' }),
  copy('20261112-070000-77c0de', ago(9 * 86_400), { volume: 'team_uploads', node: 'falcon-2', bytes: 2_140_000_000 }),
];
const restore: Plan = plan({
  stack: 'default/team',
  action: 'restore-volume',
  command: 'claude-env stack restore-volume 20261121-095000-3f9a1c -p team',
  steps: [
    step(
      '1',
      'restore-volume',
      'team_data on falcon-1',
      'db',
      'as it was at 2026-11-21 09:50 UTC, under postgres:16; what it holds now is copied to this machine first',
    ),
  ],
  losses: ['the log of team_db.1.x9k2: it has ended, and holds the volume'],
});
const port = (service: string, published: number, members: Partial<TriedPort>): TriedPort => ({
  service,
  published,
  target: 8080,
  protocol: 'tcp',
  mode: 'ingress',
  nodes: [],
  ...members,
});
const ports: readonly TriedPort[] = [
  port('api', 8080, {
    nodes: [
      { node: 'anna-laptop', answer: 'unreachable' },
      { node: 'falcon-1', answer: 'yes' },
      { node: 'falcon-2', answer: 'partly' },
      { node: 'falcon-3', answer: 'silent' },
    ],
  }),
  port('db', 5432, { target: 5432, mode: 'host', nodes: [{ node: 'falcon-1', answer: 'refused' }] }),
  port('dns', 53, { target: 53, protocol: 'udp', nodes: [{ node: 'falcon-1', answer: 'untried' }] }),
  port('report', 8090, {}),
];
const findings = [
  {
    severity: 'warning',
    rule: 'swarm-mesh',
    message: 'service api: the mesh does not answer at 8080 on falcon-2, falcon-3, and does on falcon-1',
    hint: 'let nodes reach each other on 7946/tcp, 7946/udp and 4789/udp, and see that each has the kernel’s module ip_vs',
  },
  {
    severity: 'warning',
    rule: 'swarm-port-silent',
    message: 'service db: port 5432 does not answer on falcon-1, where a task runs',
    hint: 'does it listen on 5432, on all addresses of its container? And does a firewall let 5432/tcp through?',
  },
] as const;

/** `acts`: to the open menu of the stack. */
export function teamDataScenarios(full: World, acts: readonly Act[]): readonly Scenario[] {
  const world: World = {
    ...full,
    answers: {
      ...full.answers,
      'swarm.backups': { output: { backups } },
      'swarm.plan': { output: restore },
      'swarm.tryPorts': { output: { ports, findings } },
    },
  };
  const copies = [...acts, { click: ['menuitem', 'Copies of its volumes…'] }] as const;
  return [
    { name: 'team-copies', world, acts: copies, shows: 'team_uploads on falcon-2' },
    {
      name: 'team-copies-remove',
      world,
      acts: [...copies, { click: ['button', 'Remove…'] }],
      shows: 'will be gone for good',
    },
    {
      name: 'team-restore',
      world,
      acts: [...copies, { click: ['button', 'Restore…'] }],
      shows: 'what it holds now is copied',
    },
    {
      name: 'team-ports',
      world,
      acts: [...acts, { click: ['menuitem', 'Try its ports…'] }],
      shows: 'answers now and then',
    },
  ];
}
