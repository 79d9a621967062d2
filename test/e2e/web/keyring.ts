import { hasSecretService, type SecretService, startSecretService } from '../../support/secret-service.ts';
import { test } from './fixture.ts';

/**
 * Tests of the file that calls this at its top have a Secret Service of the file's own, and their web host keeps values in
 * it; where there can be none they are skipped. The answer gives that service.
 */
export function withKeyring(): () => Promise<SecretService> {
  let keyring: Promise<SecretService> | undefined;
  const service = () => {
    keyring ??= startSecretService();
    return keyring;
  };
  test.skip(!hasSecretService, 'no dbus-daemon and gnome-keyring here');
  test.use({
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
    surroundings: async ({}, use) => use((await service()).environment),
  });
  test.afterAll(async () => (await keyring)?.stop());
  return service;
}
