/** A compose project as files; what is in them may be read by ours and by any other. */
export interface Project {
  /** A word or two, for test names and names on the engine. */
  readonly name: string;
  /** Text by path below the project's folder; IMAGE and PROJECT in it are replaced. */
  readonly files: Readonly<Record<string, string>>;
  /** Compose files, first to last; `compose.yaml` when absent. */
  readonly use?: readonly string[];
  readonly profiles?: readonly string[];
  readonly envFiles?: readonly string[];
  /** Its name on the engine comes from its folder's, which has to be made to fit; otherwise it is given with -p. */
  readonly nameFromFolder?: boolean;
}
