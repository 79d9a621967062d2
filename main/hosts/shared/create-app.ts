import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AppInfo } from '../../../preload/contract/api.ts';
import { createEngines } from '../../docker/engines.ts';
import { nodeHost } from '../../docker/host.ts';
import { createDockerLogins } from '../../docker/registry-auth.ts';
import { createPlatform, type Platform } from '../../platform/index.ts';
import { createKeychain, forkKeychainWorker, type StartKeychainWorker } from '../../platform/keychain/keychain.ts';
import { createServices } from '../../services/index.ts';
import { withRedactor } from '../../services/knowing-keychain.ts';
import type { Log } from '../../services/ports.ts';
import { createRegistries } from '../../services/registries.ts';
import type { Services } from '../../services/services.ts';
import { createSettings } from '../../services/settings.ts';
import { programName } from './program-name.ts';

export interface CreateAppOptions {
  readonly host: AppInfo['host'];
  readonly version: string;
  /** Installed as a package: stack files are copied to the state folder first. */
  readonly packaged?: boolean;
  /** Folder that holds `resources`, where a package keeps it (Electron's process.resourcesPath). */
  readonly resourcesIn?: string;
  /** How the keychain's own process is started; a child of Node unless the host has another way. */
  readonly startKeychain?: StartKeychainWorker;
}

export interface App {
  readonly services: Services;
  readonly log: Log;
  readonly platform: Platform;
  /** Cancels what runs and closes every connection. */
  readonly close: () => Promise<void>;
}

const capabilities = { electron: ['dialogs', 'tray'], web: [], cli: [] } as const;

/** Puts machine, engines and services together for a host. A command connects to the engines it uses, the others to all. */
export async function createApp({
  host,
  version,
  packaged,
  resourcesIn,
  startKeychain = forkKeychainWorker,
}: CreateAppOptions): Promise<App> {
  const entry = process.argv[1];
  const platform = createPlatform({
    // Where a window was opened from says nothing of the projects in it.
    ...(host === 'cli' ? {} : { environment: { ...process.env, PWD: undefined } }),
    version,
    programFolders: [
      ...(resourcesIn === undefined ? [] : [resourcesIn]),
      dirname(fileURLToPath(import.meta.url)),
      ...(entry === undefined ? [] : [dirname(entry)]),
    ],
    ...(packaged === undefined ? {} : { packaged }),
  });
  const { log, clock } = platform;
  const { engine } = await createSettings({ state: platform.state, log }).get();
  const keychain = withRedactor(createKeychain({ start: startKeychain }), platform.redactor);
  const registries = createRegistries({ ...platform, keychain, docker: createDockerLogins(nodeHost()) });
  const engines = await createEngines({
    clock,
    logins: registries,
    connect: host === 'cli' ? 'on-use' : 'all',
    ...(engine === undefined ? {} : { preferred: engine }),
  });
  const services = createServices({
    ...platform,
    keychain,
    registries,
    engines,
    program: programName(),
    scope: host === 'cli' ? 'used' : 'all',
    app: { version, host, node: process.versions.node, capabilities: [...capabilities[host]] },
  });
  // Others of the team see that this machine is there for as long as the window, the tray or the page's server is.
  if (host !== 'cli') services.teamServices.hold();
  if (host !== 'cli') services.teamMember.start();
  return { services, log, platform, close: () => services.close() };
}
