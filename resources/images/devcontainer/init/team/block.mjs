// CLAUDE.md: the team's text stands in a block of its own behind the user's, which is not touched. Pure.

const begin = '<!-- claude-env: the team’s, begin; changed here it is yours -->';
const end = '<!-- claude-env: the team’s, end -->';

/** @param {string} text the team's CLAUDE.md @returns {string} with its marks */
export const toBlock = (text) => `${begin}\n${text.trimEnd()}\n${end}\n`;

/** @param {string} text @returns {boolean} whether it could not be told where the block ends */
export const hasMarks = (text) => text.includes(begin) || text.includes(end);

/** @param {string | null} users null: there is no such file @param {string} block @returns {string} */
export function addBlock(users, block) {
  if (users === null || users === '') {
    return block;
  }
  return `${users}${users.endsWith('\n') ? '' : '\n'}\n${block}`;
}

/**
 * @param {string} text
 * @param {string} block as it was added
 * @returns {string | undefined} without it; undefined when it is not there as it was added
 */
export function takeOutBlock(text, block) {
  const at = text.indexOf(block);
  if (at < 0) {
    return undefined;
  }
  const before = text.slice(0, at);
  const after = text.slice(at + block.length);
  // The empty line before it came with it.
  return (before.endsWith('\n\n') ? before.slice(0, -1) : before) + after;
}
