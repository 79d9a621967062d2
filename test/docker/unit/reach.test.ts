import { afterEach, expect, it } from 'vitest';
import { AppFailure } from '../../../main/core/app-failure.ts';
import { createEngines } from '../../../main/docker/engines.ts';
import { createClock } from '../../../main/platform/clock.ts';
import type { Engines } from '../../../main/services/ports.ts';
import { createFakeDockerLogins } from '../../support/fake-engine-world.ts';
import { hostFor } from '../support.ts';

/* A team's manager, as an invite names it. */

let engines: Engines;
afterEach(() => engines.close());
const create = async () => {
  engines = await createEngines({
    clock: createClock(),
    host: hostFor('unix:///nonexistent/docker.sock'),
    connect: 'on-use',
    logins: createFakeDockerLogins(),
  });
  return engines;
};

it('is an engine like others, once, and never the one that is meant when nothing is said', async () => {
  const { reach, list, preferred } = await create();
  const before = preferred();
  const id = reach('ssh://ops@10.77.0.2');
  expect(reach('ssh://ops@10.77.0.2')).toBe(id);
  expect(list().find((engine) => engine.id === id)).toMatchObject({ address: 'ssh://ops@10.77.0.2', local: false });
  expect(list()).toHaveLength(2);
  expect(preferred()).toBe(before);
});

it('is refused where it would become an option of ssh', async () => {
  const { reach, list } = await create();
  expect(() => reach('ssh://-oProxyCommand')).toThrow(AppFailure);
  expect(list()).toHaveLength(1);
});
