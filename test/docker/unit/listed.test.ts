import type Docker from 'dockerode';
import type { ContainerInfo } from 'dockerode';
import { expect, test } from 'vitest';
import { createDigestCache } from '../../../main/docker/build-digest.ts';
import { nodeHost } from '../../../main/docker/host.ts';
import { toListedContainer } from '../../../main/docker/listed.ts';
import { observeProject } from '../../../main/docker/observe.ts';
import { observeByLabels } from '../../../main/services/observe-options.ts';

const labels = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' };
const volume = '0'.repeat(64);
const listed = {
  Id: 'a'.repeat(64),
  Names: ['/other/alias', '/shop-web-1'],
  State: 'exited',
  Labels: labels,
  ImageID: 'sha256:x',
  Mounts: null,
} as unknown as ContainerInfo;
const inspected = {
  Id: listed.Id,
  Name: '/shop-web-1',
  Image: 'sha256:x',
  State: { Status: 'exited' },
  Config: { Labels: labels },
  Mounts: [{ Type: 'volume', Name: volume, Destination: '/data', RW: true }],
};

function observe(product: string, asked: string[]) {
  const docker = {
    listContainers: async () => [listed],
    listNetworks: async () => [],
    listVolumes: async () => ({ Volumes: [] }),
    getContainer: (id: string) => ({
      inspect: async () => {
        asked.push(id);
        return inspected;
      },
    }),
  } as unknown as Docker;
  return observeProject({
    docker,
    project: 'shop',
    options: observeByLabels('down', { args: {} }),
    signal: new AbortController().signal,
    digests: createDigestCache(),
    local: true,
    host: nodeHost(),
    logins: { ofImage: async () => ({ kind: 'none' }) } as never,
    engine: { product, apiVersion: '1.41', os: 'linux', arch: 'amd64' },
    findMissing: async () => [],
  });
}

test('Podman lists containers without their mounts, so each is asked about', async () => {
  const asked: string[] = [];
  const { containers } = await observe('Podman', asked);
  expect(asked).toEqual([listed.Id]);
  expect(containers[0]?.mounts).toMatchObject([{ name: volume }]);
});

test('Docker’s engine lists all that is needed', async () => {
  const asked: string[] = [];
  const { containers } = await observe('Docker Engine', asked);
  expect(asked).toEqual([]);
  expect(containers).toMatchObject([{ name: 'shop-web-1', service: 'web', number: 1, state: 'exited', mounts: [] }]);
});

test('a list as an engine may say it: without labels, names or networks', () => {
  const bare = { Id: 'b'.repeat(64), Names: [], State: 'odd', ImageID: '' } as unknown as ContainerInfo;
  expect(toListedContainer(bare)).toMatchObject({ name: 'b'.repeat(12), state: 'dead', networks: {}, labels: {} });
});
