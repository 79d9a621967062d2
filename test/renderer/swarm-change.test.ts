import { describe, expect, test } from 'vitest';
import type { Operation } from '../../preload/contract/model.ts';
import {
  type AskedChange,
  changeTitle,
  changeVerb,
  operatedStacks,
  undoable,
} from '../../renderer/show/swarm-change.ts';
import { service } from '../support/scenarios-team.ts';

const deploy: AskedChange = { change: { kind: 'deploy', files: ['/srv/a b.yaml', '/srv/c.yaml'], options: {} } };
const scale: AskedChange = { stack: 'shop', change: { kind: 'scale', service: 'shop_web', replicas: 3 } };

describe('a change says what it is', () => {
  test.each<[AskedChange, string, string]>([
    [deploy, 'Deploy a stack', 'Deploy'],
    [scale, 'Scale web to 3', 'Scale'],
    [{ stack: 'shop', change: { kind: 'remove' } }, 'Remove the stack shop', 'Remove'],
    [{ stack: 'shop', change: { kind: 'restart', services: ['shop_web'] } }, 'Restart web', 'Restart'],
    [
      { stack: 'shop', change: { kind: 'rollback', services: ['shop_web', 'other'] } },
      'Roll web, other back',
      'Roll back',
    ],
    [{ stack: 'shop', change: { kind: 'go-back', to: '3', options: {} } }, 'Take shop back to deploy 3', 'Roll back'],
    [{ stack: 'shop', change: { kind: 'restore-volume', from: 'x' } }, 'Restore a volume of shop', 'Restore'],
    [{ stack: 'claude-team', change: { kind: 'remove' } }, 'Take down the team’s services', 'Take down'],
    [
      { stack: 'shop', change: { kind: 'canary', end: 'promote', services: ['shop_web'] } },
      'Give all tasks of web the new version',
      'Promote',
    ],
    [
      { stack: 'shop', change: { kind: 'canary', end: 'rollback', services: ['shop_web'] } },
      'Take the canary of web back',
      'Take back',
    ],
  ])('%j', (asked, title, verb) => {
    expect([changeTitle(asked), changeVerb(asked)]).toEqual([title, verb]);
  });
});

const operation = (state: Operation['state'], members: Partial<Operation> = {}): Operation => ({
  id: 'o',
  stack: 'e/shop',
  action: 'deploy',
  state,
  startedAt: '2026-11-21T10:00:00.000Z',
  steps: (['web', 'api', 'late'] as const).map((name) => ({
    id: `update-service shop_${name}`,
    kind: 'update-service',
    target: name,
    service: name,
    cause: 'image',
    destructive: false,
    after: [],
  })),
  progress: {
    'update-service shop_web': { step: 'update-service shop_web', state: 'done' },
    'update-service shop_api': { step: 'update-service shop_api', state: 'done' },
    'update-service shop_late': { step: 'update-service shop_late', state: 'skipped' },
  },
  ...members,
});

describe('the way back from what failed', () => {
  const able = { canRollBack: true };
  const services = Object.fromEntries(
    [
      service('shop', 'web', able),
      service('shop', 'api'),
      service('shop', 'late', able),
      service('x', 'web', able),
    ].map((one) => [one.id, one]),
  );
  test('only services that it changed and that the Swarm can take back', () => {
    expect(undoable(operation('failed'), services).map(({ name }) => name)).toEqual(['shop_web']);
    expect(undoable(operation('cancelled'), services)).toHaveLength(1);
  });
  test('nothing is offered while it runs, nor when it went well', () => {
    for (const state of ['running', 'cancelling', 'done'] as const)
      expect(undoable(operation(state), services)).toEqual([]);
  });
});

test('operations of this Swarm alone are shown: no compose project’s, no other engine’s', () => {
  const container = { ...operation('done').steps[0], id: 'x', kind: 'create-container' } as Operation['steps'][number];
  const byId = {
    a: operation('running'),
    b: operation('done', { id: 'b' }),
    c: operation('done', { id: 'c', stack: 'other/shop' }),
    d: operation('done', { id: 'd', stack: 'e/local', action: 'up', steps: [container] }),
  };
  expect(operatedStacks(byId, 'e')).toEqual(['e/shop']);
});
