import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { noRedactor, type Redactor } from '../core/redact.ts';
import type { Log } from '../services/ports.ts';
import { hasCode } from './files.ts';

const maxBytes = 1024 * 1024;
const maxLine = 8 * 1024;

const sizeOf = (path: string): number => {
  try {
    return statSync(path).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return 0;
    throw error;
  }
};

/**
 * JSON lines, at most 2 x 1 MiB on disk, readable by the user alone. Written synchronously: what is logged is rare, and
 * the line about a crash must be there after it. Values in use are taken out. A disk that cannot be written is told to `onFailure` once, never thrown.
 */
export function createLog(path: string, onFailure: (error: unknown) => void, redactor: Redactor = noRedactor): Log {
  let broken = false;
  const write = (level: string, message: string, fields?: Readonly<Record<string, unknown>>): void => {
    if (broken) return;
    const whole = JSON.stringify({ at: new Date().toISOString(), level, message, pid: process.pid, ...fields });
    // Before it is cut: a part of a value would be known no more.
    const line = redactor.redact(whole);
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      if (sizeOf(path) > maxBytes) renameSync(path, `${path}.1`);
      appendFileSync(path, `${line.slice(0, maxLine)}\n`, { mode: 0o600 });
    } catch (error) {
      broken = true;
      onFailure(error);
    }
  };
  return Object.assign(write, { redactor });
}
