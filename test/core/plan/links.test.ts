import { expect, it } from 'vitest';
import { toContainerSpec } from '../../../main/core/plan/container-spec.ts';
import { project, service, sha256 } from '../../support/builders.ts';

/** Seen on what docker compose 2.40.3 made; it fails for `host`, where links mean nothing. */
it.each([
  ['bridge', ['shop-db-1:db', 'shop-db-1:db-1', 'shop-db-1:shop-db-1']],
  ['host', undefined],
  [undefined, undefined],
])('links in network_mode %s', (mode, links) => {
  const web = service('web', {
    links: ['db'],
    ...(mode === undefined ? {} : { network_mode: mode, networks: new Map() }),
  });
  const { body } = toContainerSpec({
    project: project([web, service('db')]),
    service: web,
    number: 1,
    apiVersion: '1.41',
    sha256,
    reference: () => undefined,
    containersOf: () => ['shop-db-1'],
    replaces: false,
  });
  expect((body.HostConfig as { Links?: readonly string[] }).Links).toEqual(links);
});
