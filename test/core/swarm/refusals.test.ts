import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { convertStack } from '../../../main/core/swarm/convert.ts';
import { loadProject } from '../../support/builders.ts';

/* What an engine was seen to refuse (test/swarm/every-key.long.test.ts); here: where it is said to be. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'claude-env-refusals-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function refused(service: string, top = '', apiVersion?: string): Promise<readonly string[]> {
  const file = join(folder, 'compose.yaml');
  await writeFile(
    file,
    `services:\n  web: {${service.startsWith('image:') ? '' : 'image: alpine, '}${service}}\n${top}\n`,
  );
  const { findings } = convertStack(await loadProject(file, { COMPOSE_PROJECT_NAME: 'kit' }), apiVersion);
  const errors = findings.filter(({ severity }) => severity === 'error');
  for (const { hint } of errors) expect(hint).toBeTruthy();
  return errors.map(({ at = [] }) => at.join('.'));
}

it.each([
  ['image: bad::tag', 'image'],
  ['image: UPPER/case', 'image'],
  ['restart: nonsense', 'restart'],
  ['isolation: nonsense', 'isolation'],
  ['deploy: {mode: nonsense}', 'deploy.mode'],
  ['deploy: {mode: global, replicas: 2}', 'deploy.replicas'],
  ['deploy: {endpoint_mode: nonsense}', 'deploy.endpoint_mode'],
  ['deploy: {update_config: {failure_action: nonsense}}', 'deploy.update_config.failure_action'],
  ['deploy: {rollback_config: {failure_action: nonsense}}', 'deploy.rollback_config.failure_action'],
  ['deploy: {update_config: {max_failure_ratio: 2}}', 'deploy.update_config.max_failure_ratio'],
  ['deploy: {restart_policy: {condition: unless-stopped}}', 'deploy.restart_policy.condition'],
  ['deploy: {restart_policy: {delay: -1s}}', 'deploy.restart_policy.delay'],
  ['deploy: {resources: {limits: {memory: 1m}}}', 'deploy.resources.limits.memory'],
  ['deploy: {resources: {reservations: {cpus: "0.0001"}}}', 'deploy.resources.reservations.cpus'],
  [
    'deploy: {placement: {constraints: [node.role == manager, "node.role = manager"]}}',
    'deploy.placement.constraints.1',
  ],
  ['deploy: {placement: {max_replicas_per_node: -1}}', 'deploy.placement.max_replicas_per_node'],
  ['healthcheck: {test: [CMD, x], interval: 1us}', 'healthcheck.interval'],
  ['ports: [{target: 80, mode: nonsense}]', 'ports.0'],
  ['volumes: [{type: bind, source: /x, target: /x, bind: {propagation: nonsense}}]', 'volumes.0.bind.propagation'],
  ['volumes: [{type: bind, source: /x, target: /x, volume: {nocopy: true}}]', 'volumes.0.volume'],
  ['credential_spec: {file: a, registry: b}', 'credential_spec'],
])('%s', async (service, path) => {
  expect(await refused(service)).toEqual([`services.web.${path}`]);
});

it.each([
  ['{driver: bridge}', 'networks.default.driver'],
  ['{name: meet.example.org}', 'networks.default'],
  ['{ipam: {config: [{subnet: nonsense}]}}', 'networks.default.ipam'],
  ['{external: true, name: none}', 'networks.default'],
])('a network %s', async (network, path) => {
  expect(await refused('', `networks: {default: ${network}}`)).toEqual([path]);
});

it('a name that is none on a network', async () => {
  expect(await refused('', '  dot.ted: {image: alpine}')).toEqual(['services.dot.ted']);
});

it('cluster volumes of an engine that has none', async () => {
  const [volume, top] = ['volumes: [{type: cluster, source: group:x, target: /x}]', ''];
  expect(await refused(volume, top, '1.41')).toEqual(['services.web.volumes.0.type']);
  expect(await refused(volume, top, '1.42')).toEqual([]);
});

it.each([
  'deploy: {mode: global}',
  'deploy: {endpoint_mode: DNSRR, resources: {limits: {memory: 4M, cpus: "0.001"}}}',
  'deploy: {placement: {constraints: ["node.labels.a-b != x y", "node.ip==10.0.0.0/8"]}}',
  'image: "localhost:5000/a/b_c:1@sha256:e7d88de73db3d3fd9b2d63aa7f447a10fd0220b7cbf39803c803f2af9ba256b3"',
  'volumes: ["./x:/x:z", {type: tmpfs, target: /t}]',
])('takes %s', async (service) => {
  expect(await refused(service)).toEqual([]);
});
