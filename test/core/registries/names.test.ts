import { describe, expect, test } from 'vitest';
import { hub, registryOf, registryTitle, toImagePlace, toRegistry } from '../../../main/core/registries/names.ts';

describe('the registry of an image', () => {
  test.each([
    ['redis', hub],
    ['docker.io/library/redis', hub],
    ['registry-1.docker.io/library/redis', hub],
    ['team/app:1', hub],
    ['ghcr.io/team/app', 'ghcr.io'],
    ['localhost/app', 'localhost'],
    ['127.0.0.1:5000/app:1', '127.0.0.1:5000'],
  ])('%s belongs to %s', (image, registry) => expect(registryOf(image)).toBe(registry));
});

describe('a registry as it is written', () => {
  test.each([
    ['', hub],
    ['docker.io', hub],
    ['https://index.docker.io/v1/', hub],
    ['GHCR.io', 'ghcr.io'],
    ['https://ghcr.io/v2/', 'ghcr.io'],
    ['127.0.0.1:5000', '127.0.0.1:5000'],
    ['[::1]:5000', '[::1]:5000'],
    ['registry_1', 'registry_1'],
    ["x';rm -rf", undefined],
    ['a b', undefined],
    ['host:port', undefined],
    ['-o.example', undefined],
    ['user:secret@host', undefined],
  ])('%s is %s', (written, registry) => expect(toRegistry(written)).toBe(registry));
  test('the Hub has a name', () => expect(registryTitle(hub)).toBe('Docker Hub'));
});

describe('where a team pushes its images to', () => {
  test.each([
    ['registry.example:5000/team/', 'registry.example:5000/team'],
    ['127.0.0.1:5000', '127.0.0.1:5000'],
    ['GHCR.io/our-team', 'ghcr.io/our-team'],
    ['docker.io/our-team', 'docker.io/our-team'],
    ['docker.io', undefined],
    ['our-team', undefined],
    ['https://ghcr.io/team', undefined],
    ['ghcr.io/Team', undefined],
    ['ann:pw@ghcr.io', undefined],
  ])('%s is %s', (written, place) => expect(toImagePlace(written)).toBe(place));
});
