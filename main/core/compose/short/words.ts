export interface CommandLine {
  readonly words: readonly string[];
  /** The shell operator at which the rest is dropped, as docker compose does: there is no shell to run it. */
  readonly cutAt?: string;
}

/**
 * Splits a command line as a POSIX shell would, without expansion: quotes group, a backslash takes the next character
 * as it is, and `;`, `&`, `|`, `<`, `>` end it. undefined when a quote is not closed or a parenthesis stands bare.
 * The rules are those of https://github.com/mattn/go-shellwords, seen with docker compose 2.40.3.
 */
export function splitWords(line: string): CommandLine | undefined {
  const words: string[] = [];
  let word = '';
  let started = false;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? '';
    if (character === '\\' && quote !== "'") {
      at += 1;
      word += line[at] ?? '';
      started = true;
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      started = true;
    } else if (/[ \t\r\n]/.test(character)) {
      if (started) words.push(word);
      word = '';
      started = false;
    } else if (/[;&|<>]/.test(character)) {
      // `2>` is one operator: its number is no word.
      if (started && !(character === '>' && /^\d/.test(word))) words.push(word);
      return { words, cutAt: character };
    } else if (character === '(' && !word.endsWith('$')) {
      return undefined;
    } else {
      word += character;
      started = true;
    }
  }
  if (quote !== '') return undefined;
  return { words: started ? [...words, word] : words };
}
