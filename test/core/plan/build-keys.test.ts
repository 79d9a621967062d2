import { expect, it } from 'vitest';
import type { Build } from '../../../main/core/compose/project.ts';
import { isUsableBuildx, toBuildKitKeys, toCacheImage } from '../../../main/core/plan/build-keys.ts';

it.each<[Partial<Build>, readonly string[]]>([
  [{}, []],
  [{ secrets: [], ssh: [], platforms: ['linux/amd64'], provenance: 'false', sbom: 'false', privileged: false }, []],
  [{ platforms: ['linux/amd64', 'linux/arm64'], provenance: 'mode=max' }, ['provenance', 'platforms']],
  [{ cache_from: ['image:1', 'type=registry,ref=image:2'] }, []],
  [{ cache_from: ['type=local,src=/c'], cache_to: ['type=inline'] }, ['cache_from', 'cache_to']],
])('%j needs %j', (members, keys) => {
  expect(toBuildKitKeys({ context: '/ctx', ...members })).toEqual(keys);
});

it('a cache is an image for the classic builder', () => {
  expect(toCacheImage('image:1')).toBe('image:1');
  expect(toCacheImage('ref=host/image:2,type=registry')).toBe('host/image:2');
  expect(toCacheImage('type=gha')).toBeUndefined();
});

it.each([
  ['0.12.9', false],
  ['v0.13.0', true],
  ['0.29.1+ds1', true],
  ['1.0', true],
  ['garbage', false],
])('buildx %s is new enough: %s', (version, usable) => expect(isUsableBuildx(version)).toBe(usable));
