import type { Diagnostic, SourceLocation } from '../../../preload/contract/errors.ts';

/**
 * Something to say about a project before anything is changed. A planner knows positions as little as it knows files: it
 * names the key (`['services', 'web', 'image']`), and whoever loaded the files says where that is.
 */
export interface Problem extends Diagnostic {
  readonly at?: readonly (string | number)[];
}

export type FindPlace = (path: readonly (string | number)[]) => SourceLocation | undefined;

/** Diagnostics with file, line and column, in the order in which a reader meets them; without a place last. */
export function locateProblems(problems: readonly Problem[], where: FindPlace | undefined): readonly Diagnostic[] {
  return problems.map(({ at, ...said }) => {
    const place = said.where ?? (at === undefined ? undefined : where?.(at));
    return place === undefined ? said : { ...said, where: place };
  });
}
