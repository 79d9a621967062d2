/* What a file may cost. Compose files are far below all of these; hostile ones are not. */

/** The largest compose files in the wild are some 100 KB. */
export const MAX_CHARACTERS = 1024 * 1024;
export const MAX_DEPTH = 100;
/** Values after aliases are expanded; a "billion laughs" file passes it at once. */
export const MAX_NODES = 150_000;

/** Thrown by the readers of YAML, reported by parseSource. */
export class TooMuch extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export function tooManyValues(offset: number): TooMuch {
  return new TooMuch('the file has too many values, with its aliases expanded', offset);
}
