import { describe, expect, it } from 'vitest';
import { afterDeath } from '../../main/core/death.ts';
import type { EngineEvent, SeenContainer } from '../../main/core/seen.ts';

const container = (restartPolicy: string): SeenContainer => ({
  id: 'a'.repeat(64),
  name: 'web-1',
  labels: {},
  state: 'running',
  health: 'healthy',
  oomKilled: false,
  restarts: 0,
  restartPolicy,
  image: 'web',
  ports: [],
});
const die = (exitCode: string): EngineEvent => ({
  type: 'container',
  action: 'die',
  id: 'a'.repeat(64),
  attributes: { exitCode },
  timeNano: '1700000000123456789',
});

describe('afterDeath', () => {
  it.each([
    ['unless-stopped', '137', false, 'restarting'],
    ['unless-stopped', '137', true, 'exited'],
    ['always', '0', false, 'restarting'],
    ['on-failure', '1', false, 'restarting'],
    ['on-failure', '0', false, 'exited'],
    ['no', '1', false, 'exited'],
  ] as const)('policy %s, exit code %s, asked for: %s → %s', (policy, exitCode, asked, state) => {
    expect(afterDeath(container(policy), die(exitCode), asked)).toMatchObject({
      state,
      health: 'none',
      exitCode: Number(exitCode),
      finishedAt: '2023-11-14T22:13:20.123Z',
    });
  });

  it('claims no exit code that the event does not carry', () => {
    expect(afterDeath(container('no'), die(''), false)).not.toHaveProperty('exitCode');
  });
});
