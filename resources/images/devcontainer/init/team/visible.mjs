// What somebody agrees to has to be what he sees: a text of the team's may hold characters that move the cursor, colour what
// follows away, or turn the direction of a line. Pure.

/** Control, format and unassigned characters; those that nobody sees, though they are letters or marks; line ends of Unicode's own. */
const hidden =
  /(?<!\p{Extended_Pictographic})\ufe0f|(?!\ufe0f)(?:[^\P{C}\n\t]|\p{Default_Ignorable_Code_Point}|[\u2800\p{Zl}\p{Zp}])/gu;

/**
 * @param {string} text
 * @returns {string} with each of them as an escape, but for line breaks, tabs, and the sign that makes a picture of the one before it
 */
export const toVisible = (text) => text.replace(hidden, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
