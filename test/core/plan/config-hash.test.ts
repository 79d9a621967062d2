import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Project } from '../../../main/core/compose/project.ts';
import { withApiSocket } from '../../../main/core/plan/api-socket.ts';
import { configHash, networkHash, toHashedText, volumeHash } from '../../../main/core/plan/config-hash.ts';
import { resolveReferences } from '../../../main/core/plan/references.ts';
import { loadProject, project, service, sha256 } from '../../support/builders.ts';

/*
 * labels.json holds what docker compose 2.40.3 wrote as com.docker.compose.config-hash on the containers, networks and
 * volumes that it made from compose.yaml (docker compose create, engine 20.10.24).
 */
const folder = join(import.meta.dirname, 'hashes');
const labels: Record<'services' | 'networks' | 'volumes', Record<string, string>> = JSON.parse(
  await readFile(join(folder, 'labels.json'), 'utf8'),
);

describe('the configuration hash equals the label that docker compose 2.40.3 wrote', () => {
  let file: Project;
  beforeAll(async () => {
    file = await loadProject(join(folder, 'compose.yaml'));
  });

  it.each(Object.entries(labels.services))('service %s', (name, hash) => {
    const found = file.services.get(name);
    if (found === undefined) throw new Error(`the loader gave no service ${name}`);
    const resolved = resolveReferences(found, () => undefined);
    expect(configHash(resolved, sha256), toHashedText(resolved)).toBe(hash);
  });

  it.each(Object.entries(labels.networks))('network %s', (key, hash) => {
    const found = file.networks.get(key);
    if (found === undefined) throw new Error(`the loader gave no network ${key}`);
    expect(networkHash(found, sha256)).toBe(hash);
  });

  it.each(Object.entries(labels.volumes))('volume %s', (key, hash) => {
    const found = file.volumes.get(key);
    if (found === undefined) throw new Error(`the loader gave no volume ${key}`);
    expect(volumeHash(found, sha256)).toBe(hash);
  });
});

const more = join(import.meta.dirname, 'hashes-more');
const moreLabels: { readonly services: Record<string, string> } = JSON.parse(
  await readFile(join(more, 'labels.json'), 'utf8'),
);

describe('rarer keys, as docker compose 2.40.3 printed them', () => {
  it.each(Object.entries(moreLabels.services))('service %s', async (name, hash) => {
    const found = (await loadProject(join(more, 'compose.yaml'))).services.get(name);
    if (found === undefined) throw new Error(`the loader gave no service ${name}`);
    expect(configHash(found, sha256), toHashedText(found)).toBe(hash);
  });
});

it('counts where labels come from, besides the labels', () => {
  // As on a container that docker compose 2.40.3 made from /srv/shop-labels/compose.yaml.
  const labels = new Map([
    ['lf', '1'],
    ['lg', 'two'],
    ['own', 'yes'],
  ]);
  const web = { ...service('web'), image: 'kb', labels, label_file: ['/srv/shop-labels/l.env'] };
  expect(configHash(web, sha256)).toBe('83233f92a58ada65b0adf8bc20704047ccc2628278d8a6df1a00b9fe532075c1');
});

it('counts what use_api_socket adds to a service', () => {
  // As on a container that docker compose 2.40.3 made, with and without registry logins.
  const networks = new Map([['default', null]]);
  const a = { ...service('a'), image: 'kb', use_api_socket: true, environment: new Map([['A', 'b']]), networks };
  const found = withApiSocket(project([a])).services.get('a');
  const hash = found === undefined ? undefined : configHash(found, sha256);
  expect(hash).toBe('0d662727678105a5b36eeccd802be8ecb02822a6ae2962a43de526accd3b8ecc');
});

describe('what does not count', () => {
  const plain = service('web');
  it.each([
    ['build', { build: { context: '/src' } }],
    ['pull_policy', { pull_policy: 'always' }],
    ['scale', { scale: 3 }],
    ['depends_on', { depends_on: new Map([['db', { condition: 'service_started', required: true } as const]]) }],
    ['profiles', { profiles: ['debug'] }],
    ['extensions', { extensions: { 'x-a': 1 } }],
  ])('%s', (_, members) => {
    expect(configHash({ ...plain, ...members }, sha256)).toBe(configHash(plain, sha256));
  });

  it('a provider’s type comes before its options', () => {
    const { networks: _networks, ...web } = service('web', {
      provider: { type: 't', options: new Map([['x', ['x']]]) },
    });
    // docker compose 2.40.3: config --hash web
    expect(configHash(web, sha256)).toBe('2da7c9bd6ea898fb02714cae9f2ebd5dff7e69879b7cbc563523b0ba032a4b5c');
  });

  it('an empty deploy does count, its replicas do not', () => {
    expect(configHash({ ...plain, deploy: {} }, sha256)).not.toBe(configHash(plain, sha256));
    expect(configHash({ ...plain, deploy: { replicas: 3 } }, sha256)).toBe(
      configHash({ ...plain, deploy: {} }, sha256),
    );
  });
});
