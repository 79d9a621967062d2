import { describe, expect, test } from 'vitest';
import { AppFailure } from '../../../main/core/app-failure.ts';
import { registryOf } from '../../../main/core/registries/names.ts';
import { explainBuild } from '../../../main/docker/build-registries.ts';
import type { RegistryLogins } from '../../../main/services/ports.ts';

const asked: string[] = [];
const ofRegistry: RegistryLogins['ofRegistry'] = async (registry) => {
  asked.push(registry);
  const auth = { username: 'ann', password: 'x', serveraddress: registry };
  return { registry, login: { auth, source: { kind: 'keychain' } }, problems: [] };
};
const logins: RegistryLogins = { ofRegistry, ofImage: (image) => ofRegistry(registryOf(image)), own: async () => [] };
const failed = (message: string) => new AppFailure({ code: 'image.build-failed', message, detail: 'lines' });
const explain = async (message: string, images: readonly string[]) => {
  const said = await explainBuild(failed(message), { image: 'shop-web', images, logins });
  return said instanceof AppFailure ? `${said.error.code}: ${said.error.message}` : String(said);
};

describe('a build that a registry refused', () => {
  test.each([
    [
      'the classic builder',
      'Building shop-web failed at Step 1/2: FROM ghcr.io/a/base:1: unauthorized: authentication required',
    ],
    [
      'BuildKit',
      'Building shop-web failed at load metadata for ghcr.io/a/base:1: pulling from host ghcr.io failed with status code [manifests 1]: 401 Unauthorized',
    ],
  ])('%s: says whose login it was', async (_builder, message) => {
    expect(await explain(message, ['debian', 'base', 'ghcr.io/a/base:1'])).toBe(
      'registry.denied: Building shop-web: ghcr.io refused the login of ann (from the keychain).',
    );
  });

  test.each([
    ['a command that says so itself', 'Building shop-web failed at Step 2/2: RUN curl ghcr.io # unauthorized: code 1'],
    ['something else', 'Building shop-web failed at Step 1/2: FROM ghcr.io/a/base:1: no space left on device'],
    ['no image of the build', 'Building shop-web failed at COPY: denied: no'],
  ])('%s stays what it is, and nobody is asked', async (_what, message) => {
    asked.length = 0;
    expect(await explain(message, ['ghcr.io/a/base:1'])).toBe(`image.build-failed: ${message}`);
    expect(asked).toEqual([]);
  });
});
