import { readFileSync } from 'node:fs';

/**
 * When a Linux process began, in clock ticks since boot: with the pid it names one process for good, since pids are used again.
 * Field 22 of proc(5); the command in field 2 may contain spaces and parentheses, so count from the last one.
 * @param {number} pid
 * @returns {string | undefined} undefined when there is no such process
 */
export function processStartTime(pid) {
  let stat;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  return parseStartTime(stat);
}

/**
 * @param {string} stat text of /proc/PID/stat
 * @returns {string | undefined} undefined for a zombie: it has ended, and its parent has not looked yet
 */
export function parseStartTime(stat) {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/**
 * @param {{ pid: number, startTime?: string | undefined }} recorded
 * @returns {boolean} whether that very process still runs
 */
export function isSameProcess({ pid, startTime }) {
  const now = processStartTime(pid);
  return now !== undefined && now === startTime;
}
