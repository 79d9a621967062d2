import type { Position } from './tree.ts';

/** A variable that neither the environment, nor an env file, nor the keychain has, and that has no default. */
export interface Missing {
  readonly name: string;
  /** `${NAME:?…}`: the project cannot be read without it. Else it is blank. */
  readonly required: boolean;
  /** What the file says about it. */
  readonly message: string;
  readonly at: Position;
}
