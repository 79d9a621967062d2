import type { Build } from '../core/compose/project.ts';
import type { BuildSettings } from '../services/ports.ts';

/** Docker knows these without an ARG, and leaves them out of the image (docs.docker.com/build/building/variables). */
const proxies = /^(https?|no|ftp|all)_proxy$/i;

/**
 * The build's arguments. The file's own values stand; `NAME:` without a value is taken from the settings, else from the
 * environment, else left out, so that the Dockerfile's default holds. The settings' proxies reach every build.
 */
export function resolveBuildArgs(
  build: Build,
  settings: BuildSettings,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const fromSettings = Object.entries(settings.args).filter(([name]) => proxies.test(name));
  const fromFile = [...(build.args ?? [])].flatMap(([name, value]) => {
    const resolved = value ?? settings.args[name] ?? environment[name];
    return resolved === undefined ? [] : [[name, resolved] as const];
  });
  return Object.fromEntries([...fromSettings, ...fromFile]);
}

/** Those that shape the image: another proxy is no reason to build again. */
export const lastingArgs = (args: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(args).filter(([name]) => !proxies.test(name)));
