import { expect, it } from 'vitest';
import { judgeCheck } from '../../../main/core/swarm/check-images.ts';
import { node, task } from '../../support/builders-swarm.ts';

it('waits for each node, and names those whose engine has no such image', () => {
  const nodes = [node('n1'), node('n2'), node('n3')];
  const said = (name: string, state: string, error?: string) =>
    task('check', 0, { node: `id-${name}`, state, desired: 'shutdown', ...(error === undefined ? {} : { error }) });
  const tasks = [
    said(
      'n1',
      'failed',
      'starting container failed: exec: "/claude-env/looks-for-the-image": no such file or directory',
    ),
    said('n2', 'rejected', 'No such image: shop/web:dev'),
    said('n3', 'preparing'),
  ];
  expect(judgeCheck(tasks, nodes)).toEqual({ missing: ['n2'], open: ['n3'] });
  expect(judgeCheck(tasks.slice(0, 1), nodes.slice(0, 1))).toEqual({ missing: [], open: [] });
  expect(judgeCheck([], nodes).open).toEqual(['n1', 'n2', 'n3']);
});
