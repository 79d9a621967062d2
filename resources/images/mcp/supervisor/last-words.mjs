/**
 * Keeps the end of a stream of text, to say in one line why a process died: the last line that names an error, else the last
 * one. (Node's own last line after a crash is only its version.)
 */
export function createLastWords() {
  let text = '';
  return {
    /** @param {string} chunk may hold half a line */
    push(chunk) {
      text = (text + chunk).slice(-8000);
    },
    line() {
      const lines = text.split('\n').map((line) => line.trim());
      const told = lines.filter((line) => line !== '' && !/^Node\.js v\d/.test(line));
      return (told.findLast((line) => /^(\w+ )?\w*Error\b/.test(line)) ?? told.at(-1) ?? '').slice(0, 300);
    },
  };
}
