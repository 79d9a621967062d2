import type { Diagnostic } from '../../preload/contract/errors.ts';
import type { MissingValue, PlanCredential } from '../../preload/contract/plan-values.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { OpaqueValues } from '../core/compose/options.ts';
import { marksWithin, type OpaqueValue, toMark } from '../core/opaque.ts';
import { findGivenValues } from '../core/plan/given-values.ts';
import type { Step } from '../core/plan/plan.ts';
import { mayNameSecret } from '../core/secrecy/names.ts';
import type { LoadedTarget } from './load-target.ts';

/* Values of a stack that are not in its files: which are missing, which the keychain gives to whom, and who agreed. */

/**
 * Where nothing but values is missing the project can be planned all the same, with marks in their places: the plan says
 * what is asked for, and is not run. undefined: something else is wrong as well, or nothing is.
 */
export async function loadWithoutValues(
  loaded: LoadedTarget,
  opaque: OpaqueValues,
  reload: (opaque: OpaqueValues) => Promise<LoadedTarget>,
): Promise<(LoadedTarget & { readonly problems: readonly Diagnostic[] }) | undefined> {
  const names = loaded.missing.filter(({ required }) => required).map(({ name }) => name);
  if (loaded.project !== undefined || names.length === 0) return undefined;
  const marks = names.map((name): [string, OpaqueValue] => [name, { name, source: 'missing', edition: '' }]);
  const again = await reload((project) => new Map([...opaque(project), ...marks]));
  if (again.project === undefined) return undefined;
  const problems = loaded.diagnostics.filter(({ severity }) => severity === 'error');
  return { ...again, missing: loaded.missing, problems };
}

/** What to ask for: nothing can be done without it, or it is blank and is called as secrets are. */
export function toMissingValues(
  { missing }: Pick<LoadedTarget, 'missing'>,
  unset: ReadonlySet<string> = new Set(),
): MissingValue[] {
  const variables = missing
    .filter(({ name, required }) => required || mayNameSecret(name))
    .map(({ message, ...one }): MissingValue => (message === '' ? one : { ...one, message }));
  const known = new Set(variables.map(({ name }) => name));
  return [
    ...variables,
    ...[...unset].filter((name) => !known.has(name)).map((name): MissingValue => ({ name, required: true })),
  ];
}

interface Sources {
  readonly steps: readonly Step[];
  /** What the environment and the env files have: nobody is asked about those. */
  readonly variables: ReadonlyMap<string, string>;
  readonly opaque: ReadonlyMap<string, OpaqueValue>;
  /** Names that the project's folder may have; undefined: all, for the stack is ours. */
  readonly agreed: ReadonlySet<string> | undefined;
  /** Values are missing and the plan is only shown: marks stand in for those. */
  readonly incomplete?: boolean;
}

/** A mark is the loader's to write: one that stood in a file or a variable already is nothing that anybody meant. */
function requireOwnMarks({ steps, opaque, incomplete = false }: Sources): void {
  const isOurs = (one: OpaqueValue): boolean => {
    const known = opaque.get(one.name);
    return one.source === 'missing' ? incomplete : known !== undefined && toMark(known) === toMark(one);
  };
  const foreign = marksWithin(steps).find((one) => !isOurs(one));
  if (foreign === undefined) return;
  throw new AppFailure({
    code: 'file.invalid',
    message: `The project has characters (U+FDD0, U+FDD1) that stand for the value of ${foreign.name} in the keychain.`,
    hint: `Write \${${foreign.name}} for that value, or take the characters out.`,
  });
}

/** Which entries of the keychain the steps will give to which services. */
export function toPlanCredentials(sources: Sources): PlanCredential[] {
  requireOwnMarks(sources);
  const { steps, variables, opaque, agreed } = sources;
  return findGivenValues(steps).flatMap(({ name, services, ...given }): PlanCredential[] => {
    const source = given.source ?? (variables.has(name) && !given.fromKeychain ? undefined : opaque.get(name)?.source);
    if (source === undefined || source === 'missing') return [];
    return [{ name, source, services: [...services], agreed: agreed?.has(name) ?? true }];
  });
}

/** Throws unless everything that the plan gives away was agreed to, before or now. */
export function requireAgreement(credentials: readonly PlanCredential[], now: readonly string[], folder: string): void {
  const open = credentials.filter(({ name, agreed }) => !agreed && !now.includes(name));
  if (open.length === 0) return;
  const said = open.map(({ name, services }) => `${name} to ${services.join(', ')}`).join('; ');
  throw new AppFailure({
    code: 'usage',
    message: `${folder} asks for values of yours for the first time: ${said}.`,
    hint: 'Look at what its services do with them, and agree: in the plan’s confirmation, on a terminal, or with --yes.',
  });
}
