// `claude-env init`: makes this container ready to work in, and brings it what the team has. It may be run again at any time.
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readServers } from './bundle.mjs';
import { toLine } from './config.mjs';
import { updateConfigFile } from './config-file.mjs';
import { installSuperClaude } from './superclaude.mjs';
import { runTeam, teamUsage } from './team/cli.mjs';

const usage = `usage: claude-env init --mode=local | init --mode=team [--receive] [--json] | ${teamUsage}`;
// In the container's own layer: a new container has none and is initialized again. The health check reads both.
const marker = '/run/claude-env/initialized';
const log = '/run/claude-env/init.log';
const folder = process.env.CLAUDE_CONFIG_DIR ?? `${process.env.HOME}/.claude`;
const verbs = ['diff', 'apply', 'undo', 'state', 'watch', 'leave', 'recover'];

const call = toCall(process.argv.slice(2));
if (call === undefined) {
  console.error(usage);
  process.exitCode = 2;
} else if (call.verb === 'init') {
  process.exitCode = await initialize('local');
} else if (call.verb === 'register') {
  // Where this container's own mode is `local`, what belongs to that was done at its start.
  const isOwn = process.env.CLAUDE_ENV_MODE === 'team';
  const hasBundle = process.env.CLAUDE_ENV_MCP_STATUS !== undefined;
  const local = isOwn && hasBundle ? await initialize('team') : 0;
  const code = await runTeam({ ...call, folder });
  if (isOwn && !hasBundle && code === 0) {
    writeFileSync(marker, 'team\n');
  }
  process.exitCode = code === 0 ? local : code;
} else {
  process.exitCode = await runTeam({ ...call, folder });
}

/** @param {string} mode @returns {Promise<number>} exit code */
async function initialize(mode) {
  writeFileSync(log, '');
  try {
    await init(mode);
    return 0;
  } catch (error) {
    // What was true before need not be true any more: the failure stays visible as "unhealthy".
    rmSync(marker, { force: true });
    say(`failed: ${error.message}`);
    return 1;
  }
}

/** @param {string} chosen */
async function init(chosen) {
  const status = new URL(process.env.CLAUDE_ENV_MCP_STATUS ?? 'http://mcp-bundle:3000/status');
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

/**
 * @param {string[]} args
 * @returns {{verb: string, sha: string | undefined, digest: string | undefined, json: boolean, receive: boolean} | undefined}
 */
function toCall(args) {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: {
        mode: { type: 'string' },
        digest: { type: 'string' },
        json: { type: 'boolean' },
        receive: { type: 'boolean' },
      },
      allowPositionals: true,
    });
    const [first = '', verb = '', sha] = positionals;
    const flags = { digest: values.digest, json: values.json === true, receive: values.receive === true };
    if (first === 'init' && positionals.length === 1) {
      const verbOf = { local: 'init', team: 'register' }[values.mode ?? ''];
      return verbOf === undefined ? undefined : { verb: verbOf, sha: undefined, ...flags };
    }
    const isTeam = first === 'team' && verbs.includes(verb) && values.mode === undefined && !flags.receive;
    const hasSha = verb === 'apply' ? /^[0-9a-f]{40}$/.test(sha ?? '') : sha === undefined;
    return isTeam && hasSha && positionals.length <= 3 ? { verb, sha, ...flags } : undefined;
  } catch (error) {
    console.error(error.message);
    return undefined;
  }
}
