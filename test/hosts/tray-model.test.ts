import { describe, expect, it } from 'vitest';
import { toTrayModel } from '../../main/hosts/electron/tray-model.ts';
import type { Aggregate, Engine, LiveState, Stack } from '../../preload/contract/model.ts';

const stack = (project: string, aggregate: Aggregate, more: Partial<Stack> = {}): Stack => ({
  id: `default/${project}`,
  engine: 'default',
  project,
  title: project,
  kind: 'compose',
  aggregate,
  files: [],
  filesFound: false,
  services: [],
  ...more,
});
const live = (stacks: readonly Stack[], engines: readonly Engine[] = []): LiveState => ({
  engines: Object.fromEntries(engines.map((engine) => [engine.id, engine])),
  stacks: Object.fromEntries(stacks.map((entry) => [entry.id, entry])),
  services: {},
});

describe('toTrayModel', () => {
  it.each([
    [[], 'off'],
    [['stopped', 'completed'], 'off'],
    [['healthy', 'stopped'], 'fine'],
    [['healthy', 'working'], 'working'],
    [['working', 'degraded'], 'degraded'],
    [['degraded', 'failed', 'healthy'], 'down'],
    [['unknown'], 'off'],
  ] as const)('%j shows %s', (aggregates, face) => {
    const stacks = aggregates.map((aggregate, index) => stack(`s${index}`, aggregate));
    expect(toTrayModel(live(stacks)).face).toBe(face);
  });

  it('puts the stack we ship first, then the others by name', () => {
    const model = toTrayModel(
      live([
        stack('web', 'healthy'),
        stack('api', 'healthy'),
        stack('own', 'healthy', { kind: 'local', title: 'Local' }),
      ]),
    );
    expect(model.entries.map((entry) => entry.label)).toEqual(['Local: healthy', 'api: healthy', 'web: healthy']);
  });

  it('names what is wrong and why', () => {
    const model = toTrayModel(
      live([stack('api', 'healthy'), stack('web', 'failed', { reason: 'db exited with code 1' })]),
    );
    expect(model.tooltip).toBe('claude-env: web failed, db exited with code 1');
  });

  it('says that no engine answers', () => {
    const lost: Engine = {
      id: 'default',
      title: 'default',
      address: 'unix:///var/run/docker.sock',
      source: 'default socket',
      preferred: true,
      local: true,
      state: {
        kind: 'unreachable',
        error: { code: 'engine.unreachable', message: 'no' },
        since: '2026-01-01T00:00:00Z',
      },
    };
    expect(toTrayModel(live([stack('web', 'unknown')], [lost])).tooltip).toBe(
      'claude-env: no container engine answers',
    );
  });

  it('offers only what makes sense', () => {
    const [running, stopped] = toTrayModel(live([stack('a', 'degraded'), stack('b', 'stopped')])).entries;
    expect([running?.canStart, running?.canStop]).toEqual([false, true]);
    expect([stopped?.canStart, stopped?.canStop]).toEqual([true, false]);
  });
});
