import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { fewestRunning } from './fewest-running.ts';
import { standInSwarm } from './stand.ts';

/*
 * An image that cannot start, in a rolling update (must-show 5 of issue 5): four tasks, and each policy's minimum of them. With
 * a delay, because without one Swarm keeps no minimum for sure: see lintUpdate in core/swarm/lint.ts.
 */

const swarm = standInSwarm({ nodes: 3 });

interface Policy {
  readonly order: 'start-first' | 'stop-first';
  readonly parallelism: number;
  readonly fails: 'pause' | 'rollback';
  /** So many run at any moment. */
  readonly least: number;
}
const policies: readonly Policy[] = [
  { order: 'start-first', parallelism: 1, fails: 'pause', least: 4 },
  { order: 'stop-first', parallelism: 1, fails: 'pause', least: 3 },
  { order: 'stop-first', parallelism: 2, fails: 'rollback', least: 2 },
  { order: 'start-first', parallelism: 2, fails: 'rollback', least: 4 },
];
/**
 * One that no machine has, and one that ends at once. Without a health check Swarm takes a task for one that runs as soon as it
 * has started, and takes away the one before.
 */
const mistakes = [
  ['no such image', 'claude-env/nowhere:1', 'exec sleep 1000', /No such image/],
  ['a program that ends', 'claude-env/base', 'echo cannot start; exit 7', /exit code 7/],
] as const;

const compose = ({ order, parallelism, fails }: Policy, image: string, command: string): string => `
services:
  web:
    image: ${image}
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", ${JSON.stringify(command)}]
    healthcheck: {test: [CMD, "true"], interval: 1s}
    deploy:
      replicas: 4
      restart_policy: {delay: 0s}
      update_config: {order: ${order}, parallelism: ${parallelism}, failure_action: ${fails}, monitor: 2s, delay: 1s}
      rollback_config: {order: ${order}, parallelism: ${parallelism}, monitor: 1s}
`;

const cases = policies.flatMap((policy) => mistakes.map((mistake) => ({ policy, mistake })));

describe.each(cases)(
  '$policy.order, $policy.parallelism at a time, then $policy.fails: $mistake.0',
  { timeout: 180_000 },
  ({ policy, mistake: [, image, command, words] }) => {
    it('is stopped, explained and taken back, and enough tasks run all the while', async () => {
      const good = compose(policy, 'claude-env/base', 'exec sleep 1000');
      const place = await swarm.stand.put('rolling', { 'compose.yaml': good });
      await swarm.stand.deploy(place);
      await writeFile(place.file, compose(policy, image, command));
      const { fewest, looks, result } = await fewestRunning(swarm.stand, place.name, async () => {
        const ended = await swarm.stand.run(place, { kind: 'deploy', options: {} });
        if (policy.fails === 'pause') {
          const back = await swarm.stand.run(place, { kind: 'rollback', services: [] });
          expect(back.state).toBe('done');
        }
        return ended;
      });
      expect(result.state).toBe('failed');
      expect(result.error).toMatchObject({ code: 'service.failed', message: expect.stringMatching(words) });
      expect(result.error?.message).toMatch(policy.fails === 'pause' ? /stopped/ : /went back to what ran before/);
      console.log(`fewest of 4 tasks in ${looks} looks: ${fewest}, promised ${policy.least}`);
      expect(fewest).toBeGreaterThanOrEqual(policy.least);

      await writeFile(place.file, good);
      await swarm.stand.deploy(place);
      expect((await swarm.stand.tasks(place.name)).filter(({ Status }) => Status.State === 'running')).toHaveLength(4);
      await swarm.stand.run(place, { kind: 'remove' });
    });
  },
);
