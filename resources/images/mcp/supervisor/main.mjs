// The supervisor: the container's main process. Ends with the container; when it dies, the container does.
import { mkdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { toAccessRule } from './access.mjs';
import { keepHealthFile } from './health.mjs';
import { withKeyFiles } from './key-files.mjs';
import { createRunner } from './runner.mjs';
import { selectServers } from './servers.mjs';
import { createStatusHub, createStatusServer } from './status.mjs';

const folder = '/run/mcp';
const socket = `${folder}/status.sock`;
const statusPort = 3000;

const stopping = new AbortController();
const rule = toAccessRule(process.env, hostname());
const definitions = toDefinitions();
const env = withKeyFiles(process.env, definitions);
const runners = definitions.map((definition) =>
  createRunner({ definition, env, rule, onChange: (status) => report(status) }),
);
const hub = createStatusHub(runners.map((runner) => runner.status()));

mkdirSync(folder, { recursive: true, mode: 0o700 });
rmSync(socket, { force: true });
keepHealthFile(`${folder}/health`, hub);
createStatusServer({ hub, events: true }).listen(socket);
createStatusServer({ hub, rule, events: false }).listen(statusPort);

process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());
await Promise.all(runners.map((runner) => runner.start(stopping.signal)));

function toDefinitions() {
  try {
    return selectServers(process.env.MCP_SERVERS);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

/** @param {import('./status.mjs').Status} status */
function report(status) {
  hub.change(status);
  const said = status.reason ?? (status.state === 'ready' ? `${status.tools.length} tools, pid ${status.pid}` : '');
  console.log(`${status.server}: ${status.state}${said === '' ? '' : `: ${said}`}`);
}

/** Every server gets a second to end by itself, and a second more after SIGTERM; docker stop waits for ten. */
async function stop() {
  stopping.abort();
  await Promise.all(runners.map((runner) => runner.stop()));
  process.exit(0);
}
