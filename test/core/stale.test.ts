import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../main/core/seen.ts';
import { staleFrom } from '../../main/core/stale.ts';

const id = 'a'.repeat(64);
const compose = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' };
const event = (
  type: EngineEvent['type'],
  action: string,
  attributes: Readonly<Record<string, string>>,
): EngineEvent => ({
  type,
  action,
  id,
  attributes,
  timeNano: '1',
});

/** As written down from `docker events` on engine 20.10.24. */
const seen: readonly (readonly [what: string, actions: readonly string[], looks: number])[] = [
  ['docker run -d', ['create', 'start'], 2],
  ['docker stop', ['kill', 'kill', 'health_status: unhealthy', 'die', 'stop'], 3],
  ['docker kill -s HUP', ['kill'], 0],
  ['docker restart', ['kill', 'die', 'stop', 'start', 'restart'], 4],
  ['the process ends', ['die'], 1],
  ['out of memory', ['oom', 'oom', 'oom', 'die'], 1],
  ['docker pause and unpause', ['pause', 'unpause'], 2],
  ['docker rename and update', ['rename', 'update'], 2],
  ['docker rm', ['destroy'], 1],
  ['docker exec', ['exec_create: sh -c ls', 'exec_start: sh -c ls', 'exec_die'], 0],
  ['a health probe without news', ['exec_create: /bin/sh -c check', 'exec_start: /bin/sh -c check', 'exec_die'], 0],
  ['a health probe with news', ['exec_create: check', 'exec_start: check', 'exec_die', 'health_status: healthy'], 1],
  ['docker cp, top, attach', ['extract-to-dir', 'archive-path', 'top', 'attach', 'resize', 'detach'], 0],
];

describe('events that make a container stale', () => {
  it.each(seen)('%s', (_, actions, looks) => {
    const stale = actions.map((action) => staleFrom(event('container', action, compose)));
    expect(stale.filter((one) => one.kind === 'containers')).toHaveLength(looks);
    for (const one of stale) if (one.kind === 'containers') expect(one.ids).toEqual([id]);
  });

  it('a health command that is called like an event is no news', () => {
    expect(staleFrom(event('container', 'exec_start: start', compose))).toEqual({ kind: 'none' });
  });

  it('containers outside of compose projects are not shown', () => {
    expect(staleFrom(event('container', 'start', { name: 'alone' }))).toEqual({ kind: 'none' });
  });

  it.each(['network', 'volume', 'image', 'service', 'node'] as const)(
    '%s events change no container by themselves',
    (type) => {
      expect(staleFrom(event(type, 'create', compose))).toEqual({ kind: 'none' });
      expect(staleFrom(event(type, 'disconnect', { ...compose, container: id }))).toEqual({ kind: 'none' });
    },
  );
});
