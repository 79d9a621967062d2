import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createRedactor } from '../core/redact.ts';
import type { MachinePorts } from '../services/ports.ts';
import { certificates } from './certificates.ts';
import { createClock, createIds } from './clock.ts';
import { createFiles, hasCode } from './files.ts';
import { createLog } from './log-file.ts';
import { createMachineNetwork } from './network.ts';
import { findProgram } from './programs.ts';
import { createTextChanges } from './replace-text.ts';
import { createResources, findResources } from './resources.ts';
import { createPrograms } from './run-program.ts';
import { stateFolder } from './state-folder.ts';
import { createStateStore } from './state-store.ts';
import { createSwarmFiles } from './swarm-files.ts';
import { swarmValues } from './swarm-values.ts';
import { createTeamLink } from './team-link.ts';
import { createBackupStore } from './volume-backups.ts';

export interface PlatformOptions {
  readonly version: string;
  /** Folders from which `resources` is looked for, upwards; the built program's own folder and its entry file's. */
  readonly programFolders: readonly string[];
  /** The program was installed as a package whose files may move or go away: stack files are copied to the state folder. */
  readonly packaged?: boolean;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

export interface Platform extends MachinePorts {
  readonly stateFolder: string;
  readonly logFile: string;
}

async function freeBytes(path: string): Promise<number | undefined> {
  for (let at = path; ; at = dirname(at)) {
    try {
      const found = await statfs(at);
      return found.bavail * found.bsize;
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ENOTDIR') || dirname(at) === at) return undefined;
    }
  }
}

/** Everything of this machine that the services need, and nothing of any engine. */
export function createPlatform(options: PlatformOptions): Platform {
  const environment = options.environment ?? process.env;
  const files = createFiles({ environment, ...(options.cwd === undefined ? {} : { cwd: options.cwd }) });
  const folder = stateFolder({ platform: process.platform, environment, home: files.home() });
  const logFile = join(folder, 'log', 'claude-env.log');
  const redactor = createRedactor();
  const onFailure = (error: unknown): void => {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`claude-env: the log ${logFile} cannot be written: ${why}\n`);
  };
  const log = createLog(logFile, onFailure, redactor);
  const source = findResources(options.programFolders);
  return {
    files,
    state: createStateStore({
      folder,
      onCorrupt: (file, movedTo) =>
        log('warn', 'a state file could not be read and was moved aside', { file, movedTo }),
    }),
    stateFolder: folder,
    clock: createClock(),
    ids: createIds(),
    resources: createResources({
      source,
      ...(options.packaged ? { copyTo: { folder: join(folder, 'resources'), version: options.version } } : {}),
    }),
    network: createMachineNetwork(),
    swarmFiles: createSwarmFiles(),
    machine: { findProgram: (name) => findProgram(name, environment), freeBytes, stateFolder: () => folder },
    swarmValues: swarmValues(),
    certificates,
    teamLink: createTeamLink(),
    backupStore: createBackupStore(folder),
    programs: createPrograms(environment),
    changes: createTextChanges(),
    log,
    redactor,
    logFile,
  };
}
