import type Docker from 'dockerode';
import type { ContainerInspectInfo } from 'dockerode';
import { secretFilesOf } from '../core/plan/secret-volumes.ts';
import { statusOf } from './errors.ts';
import { hasPath } from './memory-holds.ts';
import { mapLimited } from './parallel.ts';

/** The files of a container's secrets that were kept in memory and are gone; see core/plan/secret-volumes.ts. */
export type FindMissing = (
  docker: Docker,
  info: ContainerInspectInfo,
  signal: AbortSignal,
) => Promise<readonly string[]>;

/**
 * Asks whether the files are there, once a start: what a running container has in memory stays. Nothing is read. One that
 * the engine is starting again has none of them, because the volume was unmounted when its last run ended.
 */
export function createFindMissing(): FindMissing {
  const known = new Map<string, { readonly startedAt: string; readonly missing: readonly string[] }>();
  return async (docker, info, signal) => {
    const files = secretFilesOf(info.Config.Labels ?? {});
    const { Status, StartedAt } = info.State;
    if (files.length === 0) return [];
    if (Status === 'restarting') return files;
    if (Status !== 'running' && Status !== 'paused') {
      known.delete(info.Id);
      return [];
    }
    const before = known.get(info.Id);
    if (before?.startedAt === StartedAt) return before.missing;
    const there = await mapLimited(files, 4, (path) => hasPath(docker, info.Id, path, signal).catch(unlessRefused));
    const missing = files.filter((_path, index) => there[index] === false);
    known.set(info.Id, { startedAt: StartedAt, missing });
    return missing;
  };
}

/** An engine that answers with something else than yes or no is not taken at its word. */
function unlessRefused(error: unknown): boolean {
  if (statusOf(error) === undefined) throw error;
  return true;
}
