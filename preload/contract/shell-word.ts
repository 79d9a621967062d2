/** Pure. A word as a POSIX shell takes it, for commands that are shown to be copied: quoted where it has to be. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-][\w@%+=:,./~-]*$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
