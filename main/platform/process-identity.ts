import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { hasCode } from './files.ts';

/** Tells a process from a later one that was given the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the system's own spelling; '' where the system does not say cheaply (Windows). */
  readonly started: string;
}

async function startTime(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    try {
      const [stat, boot] = await Promise.all([
        readFile(`/proc/${pid}/stat`, 'utf8'),
        readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
      ]);
      // proc(5): field 22 is the start time; field 2 is the name in parentheses and may hold anything.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // A zombie holds nothing any more: it only waits for its parent to ask how it ended.
      if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
      return `${boot.trim()}/${fields[19] ?? ''}`;
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined;
      return '';
    }
  }
  if (process.platform === 'darwin') {
    try {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
      return stdout.trim() === '' ? undefined : stdout.trim();
    } catch {
      // `ps -p` of a number that is not there exits with 1; signal 0 below decides.
      return '';
    }
  }
  return '';
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

export async function identifySelf(): Promise<ProcessIdentity> {
  return { pid: process.pid, started: (await startTime(process.pid)) ?? '' };
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  if (!answersSignal(identity.pid)) return false;
  const started = await startTime(identity.pid);
  if (started === undefined) return false;
  return started === '' || identity.started === '' || started === identity.started;
}
