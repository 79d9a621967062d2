import { expect, it } from 'vitest';
import { planFor } from '../../../main/core/plan/actions.ts';
import { configHash } from '../../../main/core/plan/config-hash.ts';
import { withDefaultPlatform } from '../../../main/core/plan/default-platform.ts';
import { observed, project, service, sha256 } from '../../support/builders.ts';

const variables = new Map([['DOCKER_DEFAULT_PLATFORM', 'linux/arm64']]);

it('is the platform of what is built and says none, also in the hash; of nothing else', () => {
  const built = service('built', { build: { context: '/src' } });
  const own = service('own', { build: { context: '/src' }, platform: 'linux/amd64' });
  const pulled = service('pulled');
  const { services } = withDefaultPlatform(project([built, own, pulled]), variables);
  expect([...services.values()].map(({ platform }) => platform)).toEqual(['linux/arm64', 'linux/amd64', undefined]);
  expect(configHash(services.get('built') ?? built, sha256)).not.toBe(configHash(built, sha256));
  const untouched = project([built]);
  expect(withDefaultPlatform(untouched, new Map())).toBe(untouched);
});

it('is a problem where the build does not have it', () => {
  const built = service('built', { build: { context: '/src', platforms: ['linux/amd64'] } });
  const all = withDefaultPlatform(project([built]), variables);
  const { problems } = planFor('up', { project: all, name: 'shop', observed: observed(), options: {}, sha256 });
  expect(problems.map(({ rule, at }) => [rule, at])).toEqual([
    ['build-platform', ['services', 'built', 'build', 'platforms']],
  ]);
});
