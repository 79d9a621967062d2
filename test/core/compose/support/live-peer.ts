import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { AppFailure } from '../../../../main/core/app-failure.ts';
import { toConfig } from '../../../../main/core/compose/config.ts';
import { load } from '../../../../main/core/compose/load.ts';
import { createFiles } from '../../../../main/platform/files.ts';

/*
 * The same project asked of a real docker compose and of this loader, from files on disk. Both get the same small
 * environment, so that what is set on the machine that runs the test counts for neither.
 */
export interface Asked {
  /** Absolute, at least one. */
  readonly files: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}
/** `model` is what `config --format json` prints; a refused project has a reason instead. */
export type Answer = { readonly model: unknown } | { readonly refused: string };

const ENVIRONMENT = { HOME: '/home/me', PATH: '/usr/bin:/bin' };
const MAX_OUTPUT = 64 * 1024 * 1024;

/** The docker compose that tests may ask: a path to the plug-in itself. */
export function peerBinary(): string | undefined {
  return process.env.CLAUDE_ENV_PEER_COMPOSE ?? process.env.CLAUDE_ENV_BENCH_COMPOSE;
}

/** Rejects when the peer cannot be run at all, or does not end within a minute. */
export function askPeer(binary: string, { files, environment }: Asked): Promise<Answer> {
  const args = [...files.flatMap((file) => ['-f', file]), 'config', '--format', 'json'];
  const options = {
    cwd: dirname(files[0] ?? '/'),
    env: { ...ENVIRONMENT, ...environment },
    maxBuffer: MAX_OUTPUT,
    timeout: 60_000,
  };
  return new Promise((resolve, reject) => {
    execFile(binary, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ model: JSON.parse(stdout) as unknown });
      else if (typeof error.code === 'number') resolve({ refused: stderr.trim() });
      else reject(error);
    });
  });
}

export async function askOurs({ files, environment }: Asked): Promise<Answer> {
  const onDisk = createFiles();
  try {
    const { project, diagnostics } = await load({
      files,
      environment: { ...ENVIRONMENT, PWD: dirname(files[0] ?? '/'), ...environment },
      platform: 'posix',
      readText: (path) => onDisk.readText(path),
      exists: async (path) => (await onDisk.exists(path)) !== undefined,
    });
    if (project !== undefined) return { model: JSON.parse(JSON.stringify(toConfig(project, { format: 'json' }))) };
    const errors = diagnostics.filter((found) => found.severity === 'error');
    return { refused: errors.map(({ where, message }) => `${where?.line}:${where?.column}: ${message}`).join('\n') };
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    return { refused: error.error.message };
  }
}

/** The first place at which two models differ, as `services.web.ports[0].target: 80 | 81`; undefined when they agree. */
export function firstDifference(ours: unknown, peer: unknown, path = ''): string | undefined {
  if (Object.is(ours, peer)) return undefined;
  const both = [ours, peer];
  const areLists = both.every(Array.isArray);
  const areRecords = both.every((one) => typeof one === 'object' && one !== null && !Array.isArray(one));
  if (!areLists && !areRecords) return `${path}: ${shown(ours)} | ${shown(peer)}`;
  const [left, right] = both as [Record<string, unknown>, Record<string, unknown>];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const found = firstDifference(left[key], right[key], areLists ? `${path}[${key}]` : `${path}${path && '.'}${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** What differs, or undefined where both refuse or both have the same model. */
export function disagreement(ours: Answer, peer: Answer): string | undefined {
  if ('refused' in ours) return 'refused' in peer ? undefined : `only ours refuses: ${ours.refused}`;
  if ('refused' in peer) return `only the peer refuses: ${peer.refused}`;
  const found = firstDifference(ours.model, peer.model);
  return found && `model, ours | peer: ${found}`;
}
