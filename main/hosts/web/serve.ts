import { join } from 'node:path';
import { acquireLock } from '../../platform/lock.ts';
import { createDispatcher } from '../../rpc/dispatch.ts';
import type { Log } from '../../services/ports.ts';
import type { Services } from '../../services/services.ts';
import { startControl } from './control.ts';
import { createWebHost, type WebHost } from './host.ts';
import { readShell } from './shell.ts';

export interface ServeOptions {
  readonly services: Services;
  readonly log: Log;
  readonly stateFolder: string;
  /** The built page. */
  readonly pageFolder: string;
  readonly port: number;
}

/** The web host of this state folder, reachable for other terminals. Throws `stack.busy` while another one starts or runs. */
export async function serve(options: ServeOptions): Promise<WebHost> {
  const { services, log, stateFolder, pageFolder, port } = options;
  const release = await acquireLock({ folder: join(stateFolder, 'locks'), name: 'web', purpose: 'the web page' });
  try {
    const shell = await readShell(pageFolder);
    const host = await createWebHost({ dispatcher: createDispatcher({ services, log }), shell, log, port });
    const control = await startControl({ folder: stateFolder, port: host.port, link: host.link });
    return {
      ...host,
      close: async () => {
        await control.close();
        await host.close();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}
