import type { Diagnostic, SourceLocation } from '../../../preload/contract/errors.ts';

/**
 * Something to say about a project before anything is changed. A planner knows positions as little as it knows files: it
 * names the key (`['services', 'web', 'image']`), and whoever loaded the files says where that is.
 */
export interface Problem extends Diagnostic {
  readonly at?: readonly (string | number)[];
}

export type FindPlace = (path: readonly (string | number)[]) => SourceLocation | undefined;

/** Diagnostics with file, line and column, in the order in which a reader of the files meets them; without a place last. */
export function locateProblems(problems: readonly Problem[], where: FindPlace | undefined): readonly Diagnostic[] {
  const located = problems.map(({ at, ...said }): Diagnostic => {
    const place = said.where ?? (at === undefined ? undefined : where?.(at));
    return place === undefined ? said : { ...said, where: place };
  });
  const files = [...new Set(located.flatMap((one) => one.where?.file ?? []))];
  const rank = ({ where: place }: Diagnostic): readonly number[] =>
    place === undefined ? [files.length, 0, 0] : [files.indexOf(place.file), place.line, place.column];
  return located
    .map((said) => ({ said, at: rank(said) }))
    .sort((a, b) => a.at.map((part, index) => part - (b.at[index] ?? 0)).find((difference) => difference !== 0) ?? 0)
    .map(({ said }) => said);
}
