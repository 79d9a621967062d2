import { basename } from 'node:path';

/**
 * What one types to start this program again, for every hint that names a command: `claude-env` where it is on the PATH,
 * otherwise (a clone, `npm start`, `node out/cli/index.cjs`) what works in the clone's folder. npm tells by
 * `npm_command` that it was started through npx, which runs the same `claude-env` from a folder that only npm knows.
 * Rooms and pages that cannot know write `npx claude-env`, since npx finds an installed one, too.
 */
export function programName(
  entry: string | undefined = process.argv[1],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const installed = environment.npm_command === undefined && entry !== undefined && basename(entry) === 'claude-env';
  return installed ? 'claude-env' : 'npx claude-env';
}
