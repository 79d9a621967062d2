import { execFile } from 'node:child_process';
import { configDirectory, parseJson } from './context-store.ts';
import type { Host } from './host.ts';

/*
 * The CLI's plugin `buildx`, looked for where docker looks for plugins, in its order: docker/cli cli-plugins/manager.
 */

export interface Buildx {
  readonly path: string;
  /** As the plugin says it: `0.29.1`, sometimes with `v`. */
  readonly version: string;
}

type FindHost = Pick<Host, 'env' | 'home' | 'platform' | 'readText' | 'exists'>;

/** Runs a plugin with `docker-cli-plugin-metadata`, to which every plugin answers with JSON. */
export type AskPlugin = (path: string) => Promise<string>;

const askPlugin: AskPlugin = (path) =>
  new Promise((resolve, reject) => {
    execFile(path, ['docker-cli-plugin-metadata'], { timeout: 10_000, windowsHide: true }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });

async function pluginFolders(host: FindHost): Promise<readonly string[]> {
  const config = parseJson(await host.readText(`${configDirectory(host)}/config.json`));
  const extra = Array.isArray(config?.cliPluginsExtraDirs) ? config.cliPluginsExtraDirs : [];
  const { ProgramData, ProgramFiles } = host.env;
  const system =
    host.platform === 'win32'
      ? [ProgramData, ProgramFiles].flatMap((root) => (root ? [`${root}\\Docker\\cli-plugins`] : []))
      : [
          '/usr/local/lib/docker/cli-plugins',
          '/usr/local/libexec/docker/cli-plugins',
          '/usr/lib/docker/cli-plugins',
          '/usr/libexec/docker/cli-plugins',
        ];
  return [...extra.filter((folder) => typeof folder === 'string'), `${configDirectory(host)}/cli-plugins`, ...system];
}

/** What was found stays found while its file is there: asking it costs a process, and every plan asks. */
const found = new WeakMap<FindHost, Buildx>();

/** undefined where there is none, or what is there is no plugin. */
export async function findBuildx(host: FindHost, ask: AskPlugin = askPlugin): Promise<Buildx | undefined> {
  const before = found.get(host);
  if (before !== undefined && (await host.exists(before.path))) return before;
  const buildx = await lookForBuildx(host, ask);
  if (buildx !== undefined) found.set(host, buildx);
  return buildx;
}

async function lookForBuildx(host: FindHost, ask: AskPlugin): Promise<Buildx | undefined> {
  const name = host.platform === 'win32' ? 'docker-buildx.exe' : 'docker-buildx';
  for (const folder of await pluginFolders(host)) {
    const path = `${folder}/${name}`;
    if (!(await host.exists(path))) continue;
    const metadata = await ask(path).then(parseJson, () => undefined);
    if (typeof metadata?.Version === 'string') return { path, version: metadata.Version };
  }
  return undefined;
}
