// What somebody agrees to has to be what he sees: a text of the team's may hold characters that move the cursor, colour what
// follows away, or turn the direction of a line. Pure.

/**
 * @param {string} text
 * @returns {string} with every control, format and invisible character as an escape, but for line breaks and tabs
 */
export const toVisible = (text) =>
  text.replace(/[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
