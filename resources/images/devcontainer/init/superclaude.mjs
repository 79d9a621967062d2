// SuperClaude (https://pypi.org/project/superclaude): commands and agents for Claude Code, installed where PyPI can be reached.
// It is a convenience: nothing about it makes the initialization fail.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** 4.2 is the first whose `install` asks nothing. */
const requirement = 'superclaude>=4.2,<5';
const reachTimeout = 4000;
const stepTimeout = 120_000;

/**
 * @param {object} options
 * @param {string} options.home the user's
 * @param {Record<string, string | undefined>} options.env CLAUDE_ENV_SUPERCLAUDE=off leaves it out; PIP_INDEX_URL names a mirror
 * @param {(line: string) => void} options.say
 */
export async function installSuperClaude({ home, env, say }) {
  const program = join(home, '.local/share/superclaude/bin/superclaude');
  if (env.CLAUDE_ENV_SUPERCLAUDE === 'off') {
    return say('SuperClaude: left out (CLAUDE_ENV_SUPERCLAUDE=off)');
  }
  try {
    if (existsSync(program)) {
      return say(`SuperClaude: already installed: ${await readVersion(program)}`);
    }
    const index = (env.PIP_INDEX_URL ?? 'https://pypi.org/simple').replace(/\/$/, '');
    const problem = await reach(`${index}/superclaude/`);
    if (problem !== null) {
      return say(`SuperClaude: not installed: ${new URL(index).host} cannot be reached (${problem})`);
    }
    const folder = join(home, '.local/share/superclaude');
    await run('python3', ['-m', 'venv', folder], { timeout: stepTimeout });
    await run(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', requirement], {
      timeout: stepTimeout,
    });
    // Copies its files into ~/.claude; files that are there already stay as they are.
    await run(program, ['install'], { timeout: stepTimeout });
    say(`SuperClaude: installed: ${await readVersion(program)}`);
  } catch (error) {
    const said =
      String(error.stderr ?? '')
        .trim()
        .split('\n')
        .at(-1) || error.message;
    say(`SuperClaude: not installed: ${said}`);
  }
}

/** @param {string} program */
async function readVersion(program) {
  const { stdout } = await run(program, ['--version'], { timeout: stepTimeout });
  return stdout.trim();
}

/** @param {string} url @returns {Promise<string | null>} what is wrong, or null */
async function reach(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(reachTimeout) });
    await response.body?.cancel();
    return response.ok ? null : `HTTP ${response.status}`;
  } catch (error) {
    return error.cause?.code ?? error.message;
  }
}
