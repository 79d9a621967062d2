import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { standInSwarm } from './stand.ts';

/*
 * `x-claude-env: {migrate, smoke}` on a Swarm of one machine. Both jobs leave their mark in a file of the service, so that
 * what ran, as what, and in which order is read there and not in what we say.
 */

const swarm = standInSwarm({ nodes: 1 });

interface Wanted {
  readonly version: string;
  readonly migrate?: string;
  readonly smoke?: string;
  readonly timeout?: string;
}
const stack = ({ version, migrate = 'true', smoke = 'true', timeout = '1m' }: Wanted): string => `
services:
  api:
    image: claude-env/base
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "echo start $$VERSION >> /data/log; exec sleep 1000"]
    environment: {VERSION: "${version}"}
    volumes: ["./data:/data"]
    secrets: [password]
    ports: ["18000:80"]
    healthcheck: {test: [CMD, grep, -q, start, /data/log], interval: 1s}
    deploy: {update_config: {monitor: 1s}, rollback_config: {monitor: 1s}}
    depends_on: [db]
  db:
    image: claude-env/base
    init: true
    command: ["sleep", "1000"]
    deploy: {update_config: {monitor: 1s}, rollback_config: {monitor: 1s}}
secrets: {password: {file: ./password.txt}}
x-claude-env:
  migrate: {service: api, command: [sh, -c, ${JSON.stringify(`echo migrate $$VERSION $$(cat /run/secrets/password) >> /data/log; ${migrate}`)}], timeout: ${timeout}}
  smoke: {service: api, command: [sh, -c, ${JSON.stringify(`echo smoke $$VERSION >> /data/log; ${smoke}`)}]}
`;

/** Resolves when the engine has removed it. */
const gone = (container: Docker.Container): Promise<unknown> =>
  container.wait({ condition: 'removed' }).catch((error: { readonly statusCode?: number }) => {
    if (error.statusCode !== 404) throw error;
  });

it('migrates before services change, tests after, and takes back what fails', async () => {
  const place = await swarm.stand.put('jobs', {
    'compose.yaml': stack({ version: '1' }),
    'password.txt': 'pass',
    'data/log': '',
  });
  const put = (wanted: Wanted) => writeFile(place.file, stack(wanted));
  const deploy = () => swarm.stand.run(place, { kind: 'deploy', options: {} });
  const ran = async () => (await readFile(join(place.folder, 'data/log'), 'utf8')).trim().split('\n');
  const running = async (): Promise<readonly string[]> => (await swarm.stand.tasks('jobs')).map(({ ID }) => ID).sort();

  await swarm.stand.deploy(place);
  expect(await ran()).toEqual(['migrate 1 pass', 'start 1', 'smoke 1']);
  expect(Object.keys(await swarm.stand.specs('jobs')).sort()).toEqual(['jobs_api', 'jobs_db']);
  expect((await swarm.stand.plan(place)).steps).toEqual([]);
  const [first, specs] = await Promise.all([running(), swarm.stand.specs('jobs')]);

  await put({ version: '2', migrate: 'echo no such table; exit 3' });
  const unmigrated = await deploy();
  expect(unmigrated.error).toMatchObject({
    code: 'service.failed',
    message: 'migrate: it ended with exit code 3. No service was changed.',
    detail: expect.stringContaining('no such table'),
  });
  expect(await running()).toEqual(first);
  expect(await swarm.stand.specs('jobs')).toEqual(specs);

  await put({ version: '2', migrate: 'sleep 1000', timeout: '2s' });
  expect((await deploy()).error?.message).toMatch(/^migrate: it did not end within 2 s/);
  expect(await swarm.stand.specs('jobs')).toEqual(specs);
  // It is ended, not forgotten: two migrations beside each other would be worse than none.
  const { docker } = swarm.lab.node(1);
  const jobs = { all: true, filters: { name: ['claude-env-migrate'] } };
  for (const { Id } of await docker.listContainers(jobs)) await gone(docker.getContainer(Id));
  expect(await docker.listContainers(jobs)).toEqual([]);

  await put({ version: '2', smoke: 'echo not well; exit 4' });
  const unwell = await deploy();
  expect(unwell.error).toMatchObject({
    message: 'smoke: it ended with exit code 4. Rolled back: api.',
    detail: expect.stringContaining('not well'),
  });
  expect(await swarm.stand.specs('jobs')).toEqual(specs);
  expect((await ran()).slice(-4)).toEqual(['migrate 2 pass', 'start 2', 'smoke 2', 'start 1']);

  await swarm.stand.run(place, { kind: 'remove' });
});
