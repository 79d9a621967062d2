import { statSync } from 'node:fs';

/*
 * Who reads the socket. The group that may is another number on each machine (999, 998, 118, 0), so no file of a stack can
 * name it for all managers. This program is therefore started as root, with the capabilities to become another user and no
 * other; it looks at the socket, becomes 10001 with that one group, and by that has no capability left.
 */

/** @typedef {Pick<Required<typeof process>, 'getuid' | 'setgroups' | 'setgid' | 'setuid'>} Identity */

const groupMay = 0o060;

/**
 * @param {string} socketPath
 * @param {object} [options]
 * @param {number} [options.id] user and group to become
 * @param {Identity} [options.identity]
 * @param {(path: string) => { gid: number, mode: number }} [options.stat]
 * @returns {{ user: 'other' | 'same' | 'root', why: string }} `same`: it was not started as root
 */
export function becomeReader(
  socketPath,
  { id = 10001, identity = /** @type {Identity} */ (process), stat = statSync } = {},
) {
  if (identity.getuid() !== 0) return { user: 'same', why: 'not started as root' };
  const { gid, mode } = stat(socketPath);
  if ((mode & groupMay) !== groupMay) return { user: 'root', why: 'only the socket’s owner may use it' };
  try {
    identity.setgroups([gid]);
    identity.setgid(id);
    identity.setuid(id);
  } catch (error) {
    // Half a change would be neither; each call needs the same two capabilities.
    if (error.code !== 'EPERM') throw error;
    return { user: 'root', why: 'without the capabilities SETUID and SETGID' };
  }
  return { user: 'other', why: `group ${gid} of the socket` };
}
