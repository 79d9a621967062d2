// Which files of the team's repository a member gets. Pure, imports nothing: config-sync packs by it, and who unpacks
// asks it again.

/** The folder of the repository that mirrors Claude Code's configuration folder. */
export const memberFolder = 'claude';

/** Files of that folder that are taken, and folders that are taken whole. */
export const memberFiles = ['CLAUDE.md', 'settings.json'];
export const memberFolders = ['agents', 'commands', 'hooks', 'output-styles', 'skills'];

/**
 * @param {string} path of a file in the repository, with `/` between its parts
 * @returns {string | null} where it belongs in the configuration folder (`commands/review.md`), or null: it is not for members.
 *   Names are compared as they are written: `Claude/` and `claude/SETTINGS.json` are nobody's.
 */
export function toMemberPath(path) {
  const [top, first, ...rest] = path.split('/');
  if (top !== memberFolder || first === undefined) return null;
  if (rest.length === 0) return memberFiles.includes(first) ? first : null;
  return memberFolders.includes(first) ? [first, ...rest].join('/') : null;
}
