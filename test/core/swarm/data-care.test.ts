import { expect, it } from 'vitest';
import type { Raw } from '../../../main/core/plan/inherit.ts';
import { type DataCare, withDataCare } from '../../../main/core/swarm/data-care.ts';
import type { ObservedStack } from '../../../main/core/swarm/observed.ts';
import {
  planRestartStack,
  planRollbackStack,
  planScaleStack,
  planUpdateStack,
} from '../../../main/core/swarm/operate.ts';
import { volumePlaces, writtenVolumes } from '../../../main/core/swarm/volume-data.ts';
import { node, observedService, observedStack, task, volumeBackup } from '../../support/builders-swarm.ts';

const mounts = [
  { Type: 'volume', Source: 'shop_data', Target: '/data' },
  { Type: 'volume', Source: 'shop_seed', Target: '/seed', ReadOnly: true },
  { Type: 'bind', Source: '/etc', Target: '/etc' },
  { Type: 'volume', Target: '/anonymous' },
];
const spec = (image: string, Mounts: readonly Raw[] = mounts): Raw => ({
  Name: 'shop_db',
  Mode: { Replicated: { Replicas: 1 } },
  TaskTemplate: { ContainerSpec: { Image: image, Mounts } },
});
const image = 'postgres:16@sha256:aa';

function swarm(members: Partial<ObservedStack> = {}): ObservedStack {
  const db = observedService('shop_db', spec(image), { previous: spec('postgres:15') });
  return observedStack('shop', {
    services: [db],
    nodes: [node('n1', { role: 'manager' }), node('n2')],
    tasks: [task(db.id, 1, { node: 'id-n2', image, container: 'c1' })],
    digests: { 'postgres:17': 'sha256:bb' },
    ...members,
  });
}
const backup = volumeBackup();
const care = (members: Partial<DataCare> = {}): DataCare => ({
  observed: swarm(),
  backups: [],
  backUp: false,
  engines: [{ node: 'id-n2', engine: 'context-n2' }],
  ...members,
});
const newer = { services: ['db'], image: 'postgres:17' };

it('offers a backup of what a service writes, where it is, with the age of the last one', () => {
  const { warnings, steps } = withDataCare(planUpdateStack(swarm(), newer), care());
  expect(steps.map(({ kind }) => kind)).toEqual(['update-service', 'wait-converged']);
  expect(warnings).toMatchObject([
    {
      rule: 'swarm-backup',
      message:
        'service db: postgres:17 takes over from postgres:16, over the data in shop_data on n2; there is no backup of it here',
    },
  ]);
  const again = withDataCare(planUpdateStack(swarm(), newer), care({ backups: [backup] }));
  expect(again.warnings[0]?.message).toContain('its last backup here is of 2026-01-01 08:00 UTC');
});

it('says nothing where containers stay, or fresh ones of the same come', () => {
  for (const plan of [planScaleStack(swarm(), { db: 2 }), planRestartStack(swarm(), ['db'])]) {
    expect(plan.steps).not.toEqual([]);
    expect(withDataCare(plan, care({ backUp: true }))).toEqual(plan);
  }
});

it('backs up before everything else, from the node that has the data', () => {
  const { steps, problems } = withDataCare(planUpdateStack(swarm(), newer), care({ backUp: true }));
  expect(problems).toEqual([]);
  expect(steps[0]).toMatchObject({
    kind: 'backup-volume',
    volume: 'shop_data',
    node: 'n2',
    engine: 'context-n2',
    image,
    inUse: true,
    after: [],
  });
  expect(steps.slice(1).every(({ after }) => after.includes('backup-volume shop_data id-n2'))).toBe(true);
});

it('copies a volume that two services share once, and in use where either of them runs, changed or not', () => {
  const [db] = swarm().services;
  if (db === undefined) throw new Error('no db');
  const other = observedService('shop_app', spec('app:1'));
  const stopped = task(db.id, 1, { node: 'id-n2', image, desired: 'shutdown', state: 'complete' });
  const observed = swarm({ services: [db, other], tasks: [stopped, task(other.id, 1, { node: 'id-n2' })] });
  const plan = planUpdateStack(observed, newer);
  const both = [...plan.steps, ...planUpdateStack(observed, { services: ['app'], image: 'app:2' }).steps];
  for (const steps of [plan.steps, both]) {
    const cared = withDataCare({ ...plan, steps }, care({ observed, backUp: true }));
    expect(cared.steps.filter(({ kind }) => kind === 'backup-volume')).toMatchObject([
      { volume: 'shop_data', inUse: true },
    ]);
    expect(cared.warnings.filter(({ rule }) => rule === 'backup-in-use')).toMatchObject([
      { hint: expect.stringContaining('scale -p shop app=0 first') },
    ]);
  }
});

it('is no plan to run where a backup is asked for and cannot be made', () => {
  const update = planUpdateStack(swarm(), newer);
  const unknown = withDataCare(update, care({ backUp: true, engines: [] }));
  expect(unknown.problems[0]?.message).toBe(
    'shop_data is on n2, and this machine has no connection to that engine: it cannot be backed up from here',
  );
  const nodes = [node('n1', { role: 'manager' }), node('n2', { state: 'down' })];
  const gone = withDataCare(update, care({ backUp: true, observed: swarm({ nodes }) }));
  expect(gone.problems[0]?.message).toBe('shop_data is on n2, which does not answer: it cannot be backed up');
});

it('takes along what a migration may write to, though its service stays', () => {
  const plan = planUpdateStack(swarm(), newer);
  const job = { id: 'run-job', target: 'migrate', cause: '', destructive: false, after: [], kind: 'run-job' } as const;
  const migrate = {
    ...plan,
    steps: [
      {
        ...job,
        stack: 'shop',
        name: 'x',
        job: 'migrate' as const,
        body: {},
        image: '',
        timeout: 1,
        undo: [],
        stays: [],
      },
    ],
  };
  const { steps } = withDataCare(migrate, care({ backUp: true }));
  expect(steps.map(({ kind, cause }) => [kind, cause])).toEqual([
    ['backup-volume', 'a migration may write to it'],
    ['run-job', ''],
  ]);
});

it('names on the way back what the newer image wrote to, and the backup from before', () => {
  const back = planRollbackStack(swarm(), ['db']);
  const said = withDataCare(back, care({ backups: [backup] })).warnings.find(({ rule }) => rule === 'rollback-data');
  expect(said).toMatchObject({
    message:
      'service db: postgres:16 wrote to shop_data on n2, and going back leaves that as it is: postgres:15 may not read it, or not start',
    hint: expect.stringContaining('claude-env stack restore-volume 20260101-080000-aaaaaa'),
  });
  // A task that never came to a container wrote nothing.
  const never = swarm({ tasks: [task('id-shop_db', 1, { node: 'id-n2', image, state: 'rejected' })] });
  const rules = withDataCare(planRollbackStack(never, ['db']), care({ observed: never })).warnings.map(
    ({ rule }) => rule,
  );
  expect(rules).not.toContain('rollback-data');
});

it('finds the data of a name with a template, and of a service that does not run, at its last task', () => {
  const [db] = swarm().services;
  if (db === undefined) throw new Error('the Swarm has a service');
  const template = ['data-{{.Node.Hostname}}-{{ .Task.Slot }}', 'x-{{index .Service.Labels "a"}}'];
  expect(volumePlaces(swarm(), db, template).map(({ volume }) => volume)).toEqual([
    'data-n2-1',
    'x-{{index .Service.Labels "a"}}',
  ]);
  const ended = swarm({
    tasks: [
      task(db.id, 1, { node: 'id-n1', state: 'shutdown', createdAt: 1 }),
      task(db.id, 1, { node: 'id-n2', state: 'shutdown', createdAt: 2 }),
    ],
  });
  expect(volumePlaces(ended, db, writtenVolumes(db.spec))).toEqual([
    { volume: 'shop_data', nodeId: 'id-n2', node: 'n2', inUse: false },
  ]);
});
