import { fileURLToPath } from 'node:url';
import { _electron } from 'playwright';
import type { Desktop } from './launch.ts';

const main = fileURLToPath(new URL('../../out/main/index.cjs', import.meta.url));

/** The same built app on real Electron, where its binary exists. */
export async function launchElectron(env: NodeJS.ProcessEnv): Promise<Desktop> {
  const defined = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const electron = await _electron.launch({ args: [main], env: defined });
  const child = electron.process();
  return {
    page: await electron.firstWindow(),
    quit: async () => {
      await electron.close();
      return child.exitCode;
    },
  };
}
