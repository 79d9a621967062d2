import { type ChildProcess, spawn } from 'node:child_process';
import type { ProgramCall, ProgramEnd, Programs } from '../services/ports.ts';
import { findProgram } from './programs.ts';

/** On POSIX it is started as the leader of a group, so that what it has started ends with it. */
const ownGroup = process.platform !== 'win32';

function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (ownGroup) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch (error) {
    // It has just ended.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/**
 * Runs a program without a shell and without input. What it writes besides its output is dropped: where it prints a secret, its
 * complaints may hold parts of one.
 */
export function runProgram({ program, args, cwd, env, timeout, maxBytes, signal }: ProgramCall): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let total = 0;
    let ended = false;
    const end = (how: ProgramEnd) => {
      if (ended) return;
      ended = true;
      clearTimeout(late);
      signal?.removeEventListener('abort', stop);
      for (const chunk of chunks) chunk.fill(0);
      resolve(how);
    };
    const give = (kind: 'late' | 'too-much' | 'cancelled') => {
      kill(child);
      end({ kind });
    };
    const child = spawn(program, [...args], {
      cwd,
      env: { ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: ownGroup,
      windowsHide: true,
    });
    const late = setTimeout(() => give('late'), timeout);
    const stop = () => give('cancelled');
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) return stop();
    child.stdout.on('data', (chunk: Buffer) => {
      total += chunk.length;
      if (total > maxBytes) give('too-much');
      else chunks.push(chunk);
    });
    child.once('error', (error) => end({ kind: 'not-started', reason: error.message }));
    child.once('close', (code) => end({ kind: 'ended', code, output: Buffer.concat(chunks).toString('utf8') }));
  });
}

/** A program that was started from macOS' Dock has neither in its PATH, and password managers are there. */
const usualFolders = '/usr/local/bin:/opt/homebrew/bin';

export const createPrograms = (environment: Readonly<Record<string, string | undefined>>): Programs => ({
  find: async (name) => (await findProgram(name, environment)) ?? findProgram(name, { PATH: usualFolders }),
  run: runProgram,
});
