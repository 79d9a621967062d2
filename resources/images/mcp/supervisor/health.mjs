// The health check reads a file, so that asking every few seconds costs a shell and no second Node.
import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { toHealth } from './state.mjs';

/** The check takes a file that was not touched for 30 s for a supervisor that hangs; see bin/mcp-supervisor. */
const touchEvery = 10_000;

/**
 * Keeps the health file: `healthy` or `unhealthy`, then a line for each server.
 * @param {string} path
 * @param {ReturnType<typeof import('./status.mjs').createStatusHub>} hub
 */
export function keepHealthFile(path, hub) {
  const write = () => {
    const { healthy, lines } = toHealth(hub.snapshot().servers);
    // Renamed into place: a check never reads half of it.
    writeFileSync(`${path}.new`, `${[healthy ? 'healthy' : 'unhealthy', ...lines].join('\n')}\n`);
    renameSync(`${path}.new`, path);
  };
  write();
  hub.listen(write);
  setInterval(() => utimesSync(path, new Date(), new Date()), touchEvery).unref();
}
