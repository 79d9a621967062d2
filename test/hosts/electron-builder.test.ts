import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { linkScheme } from '../../main/hosts/electron/join-link.ts';

/*
 * electron-builder's own validator, because its tools cannot be downloaded everywhere and a wrong key is otherwise seen
 * only on the day of a release.
 */
const require = createRequire(import.meta.url);
const { validateConfiguration } = require('app-builder-lib/out/util/config/config') as {
  validateConfiguration: (configuration: unknown, logger: { isEnabled: boolean }) => Promise<void>;
};
const read = async () => parse(await readFile('electron-builder.yml', 'utf8')) as Record<string, unknown>;
const logger = { isEnabled: false };

describe('electron-builder.yml', () => {
  it('fits the schema of the installed electron-builder', async () => {
    await expect(validateConfiguration(await read(), logger)).resolves.toBeUndefined();
  });

  it('would be refused with a key that the schema does not know', async () => {
    const configuration = { ...(await read()), linux: { targets: ['AppImage'] } };
    await expect(validateConfiguration(configuration, logger)).rejects.toThrow(/configuration\.linux/);
  });

  it('has the system open the app by the scheme that it answers to', async () => {
    expect((await read()).protocols).toEqual([{ name: 'claude-env', schemes: [linkScheme] }]);
  });

  it('builds AppImage, deb, dmg and nsis', async () => {
    const configuration = await read();
    const targets = ['linux', 'mac', 'win'].flatMap((os) => (configuration[os] as { target: string[] }).target);
    expect(targets).toEqual(['AppImage', 'deb', 'dmg', 'nsis']);
  });

  it('names only files and folders that are there', async () => {
    const configuration = await read();
    const resources = (configuration.extraResources as { from: string }[]).map(({ from }) => from);
    const icons = ['linux', 'mac', 'win'].map(
      (os) => `resources/icons/${(configuration[os] as { icon: string }).icon}`,
    );
    expect([...resources, ...icons].filter((path) => !existsSync(path))).toEqual([]);
  });

  it('closes the ways to run Electron as plain Node', async () => {
    expect((await read()).electronFuses).toMatchObject({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      onlyLoadAppFromAsar: true,
    });
  });
});
