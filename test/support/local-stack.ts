import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workbench } from '../cli/support.ts';
import { freePorts } from './ports.ts';

/*
 * The stack we ship, on the test engine. Its images are built by whoever needs them first and stay on that engine, so
 * the terminal's tests pay for the build and the browser's find it done.
 */

/** What set-up writes for a user: the base image of this machine, and the certificates its network needs. */
export async function writeSettings(bench: Workbench): Promise<void> {
  const ca = process.env.CLAUDE_ENV_TEST_CA;
  const build = { baseImage: bench.engine.base, ...(ca === undefined ? {} : { extraCaFile: ca }) };
  await writeFile(join(bench.state, 'settings.json'), JSON.stringify({ theme: 'system', build }));
}

const portVariables = [3000, 3001, 3002, 3003, 3004, 3005, 3006, 3007, 3008, 3009, 3010];

export interface LocalStack {
  /** The environment's name; the project is `claude-env-NAME`. */
  readonly name: string;
  readonly args: readonly string[];
  readonly workspace: string;
  /** Arguments of the `up` that makes it. */
  readonly up: readonly string[];
}

/** On an engine of our own it is `local` on its own ports; on a user's engine a name and ports that nobody uses. */
export async function describeLocalStack(bench: Workbench): Promise<LocalStack> {
  const workspace = join(bench.folder, 'code');
  await mkdir(workspace, { recursive: true });
  if (bench.engine.canInjectFaults) {
    return { name: 'local', args: [], workspace, up: ['up', '--workspace', workspace] };
  }
  const name = bench.engine.uniqueName('env');
  const free = await freePorts(portVariables.length);
  const ports = portVariables.flatMap((port, index) => ['--port', `${port}=${free[index] ?? 0}`]);
  const args = ['--environment', name];
  return { name, args, workspace, up: [...args, 'up', '--workspace', workspace, ...ports] };
}

/** One digest for everything below a folder: names, modes and contents. */
export async function digestFolder(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }));
  for (const { entry, path } of files.sort((a, b) => a.path.localeCompare(b.path))) {
    hash.update(`${path}\0`);
    if (entry.isFile()) hash.update(await readFile(path));
  }
  return hash.digest('hex');
}

/** Ends one MCP server's processes inside the bundle, and nothing else, as a crash would. */
export const killMcpServer = (word: string): readonly string[] => [
  'exec',
  '--user',
  'root',
  'mcp-bundle',
  'sh',
  '-c',
  // The word is quoted apart, so that this very command does not look like the server.
  `word=${word.slice(0, 3)}; word="\${word}"${word.slice(3)}; killed=1
   for dir in /proc/[0-9]*; do
     pid=\${dir#/proc/}
     [ "$pid" = "$$" ] && continue
     if tr '\\0' ' ' < "$dir/cmdline" 2>/dev/null | grep -q "$word"; then kill -9 "$pid" && killed=0; fi
   done
   exit $killed`,
];
