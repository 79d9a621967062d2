import { execFile } from 'node:child_process';
import { access, chmod, constants, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppFailure } from '../core/app-failure.ts';
import type { SwarmFiles } from '../services/ports.ts';
import { hasCode } from './files.ts';

const run = promisify(execFile);

/** What a manager's folder always has: its identity, and the Raft log with the whole Swarm in it. */
const parts = [/^swarm\/docker-state\.json$/, /^swarm\/certificates\/swarm-node\.crt$/, /^swarm\/raft\//];

/**
 * The folder `swarm` below an engine's root, which is the Swarm as far as a manager has it, by the system's own tar: owners and
 * modes stay. The engine must be stopped: a Raft log that is written to meanwhile may not be read back.
 */
export function createSwarmFiles(): SwarmFiles {
  return {
    backUp: async (root, file) => {
      await mustBeRead(join(root, 'swarm', 'docker-state.json'), root);
      await tar(['-C', root, '-czf', file, 'swarm']);
      // It holds the Swarm's keys and secrets (encrypted at rest only where autolock is on).
      await chmod(file, 0o600);
      return { bytes: (await stat(file)).size };
    },
    isBackup: async (file) => {
      const names = await list(file);
      return parts.every((part) => names.some((name) => part.test(name)));
    },
    restore: async (root, file, aside) => {
      await access(root, constants.W_OK).catch(() => {
        throw unreadable(root);
      });
      const folder = join(root, 'swarm');
      const kept = join(root, aside);
      const moved = await rename(folder, kept).then(
        () => true,
        (error: unknown) => {
          if (hasCode(error, 'ENOENT')) return false;
          throw error;
        },
      );
      await tar(['-C', root, '-xzf', file]);
      return moved ? { kept } : {};
    },
  };
}

const unreadable = (root: string): AppFailure =>
  new AppFailure({
    code: 'file.not-found',
    message: `${root} holds no Swarm that can be read.`,
    hint: 'It is the engine’s root folder (`docker info` says “Docker Root Dir”), and root’s: use sudo.',
  });

async function mustBeRead(path: string, root: string): Promise<void> {
  await access(path, constants.R_OK).catch(() => {
    throw unreadable(root);
  });
}

async function list(file: string): Promise<readonly string[]> {
  try {
    return (await run('tar', ['-tzf', file], { maxBuffer: 16 * 1024 * 1024 })).stdout.split('\n');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) throw error;
    return [];
  }
}

async function tar(args: readonly string[]): Promise<void> {
  try {
    await run('tar', [...args]);
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new AppFailure({ code: 'engine.error', message: `tar: ${said.slice(0, 500)}` });
  }
}
