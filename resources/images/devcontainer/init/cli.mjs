// `claude-env init --mode=local`: makes this container ready to work in. It may be run again at any time.
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readServers } from './bundle.mjs';
import { toLine } from './config.mjs';
import { updateConfigFile } from './config-file.mjs';
import { installSuperClaude } from './superclaude.mjs';

const usage = 'usage: claude-env init --mode=local';
const modes = ['local'];
// In the container's own layer: a new container has none and is initialized again. The health check reads both.
const marker = '/run/claude-env/initialized';
const log = '/run/claude-env/init.log';

const mode = toMode(process.argv.slice(2));
if (mode === undefined) {
  console.error(usage);
  process.exitCode = 2;
} else {
  writeFileSync(log, '');
  try {
    await init(mode);
  } catch (error) {
    // What was true before need not be true any more: the failure stays visible as "unhealthy".
    rmSync(marker, { force: true });
    say(`failed: ${error.message}`);
    process.exitCode = 1;
  }
}

/** @param {string} chosen */
async function init(chosen) {
  const status = new URL(process.env.CLAUDE_ENV_MCP_STATUS ?? 'http://mcp-bundle:3000/status');
  const folder = process.env.CLAUDE_CONFIG_DIR ?? `${process.env.HOME}/.claude`;
  const servers = await readServers(status.href);
  const { reports, backup } = await updateConfigFile({ folder, servers, host: status.hostname, env: process.env });
  for (const report of reports) {
    say(toLine(report));
  }
  if (backup !== null) {
    say(`the configuration before this change: ${backup}`);
  }
  await installSuperClaude({ home: process.env.HOME ?? '/home/vscode', env: process.env, say });
  writeFileSync(marker, `${chosen}\n`);
  say(`initialized for mode ${chosen}`);
}

/** @param {string} line */
function say(line) {
  console.log(line);
  appendFileSync(log, `${line}\n`);
}

/** @param {string[]} args @returns {string | undefined} */
function toMode(args) {
  try {
    const { values, positionals } = parseArgs({ args, options: { mode: { type: 'string' } }, allowPositionals: true });
    const isInit = positionals.length === 1 && positionals[0] === 'init';
    return isInit && modes.includes(values.mode ?? '') ? values.mode : undefined;
  } catch (error) {
    console.error(error.message);
    return undefined;
  }
}
