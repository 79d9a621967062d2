import type { Diagnostic } from '../../preload/contract/errors.ts';
import type { PortConflict, StackId } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';

/* What keeps a stack's file from being read or a plan from being run, as the one failure that says all of it. */

export function invalidFile(diagnostics: readonly Diagnostic[], files: readonly string[]): AppFailure {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const name = files[0] ?? 'the compose file';
  return new AppFailure({
    code: 'file.invalid',
    message:
      errors.length === 1 && first !== undefined
        ? `${name}: ${first.message}`
        : `${name} has ${errors.length} mistakes; nothing was done.`,
    hint: first?.hint ?? 'Mend them and try again; each names its line.',
    ...(first?.where === undefined ? {} : { where: first.where }),
    diagnostics: [...diagnostics],
  });
}

interface Obstacles {
  readonly stack: StackId;
  readonly conflicts: readonly PortConflict[];
  readonly problems: readonly Diagnostic[];
}

const portMessage = ({ port, service, owner }: PortConflict): string =>
  `port ${port.host ?? port.container} for ${service} is held by ${owner}`;

function asDiagnostic(conflict: PortConflict): Diagnostic {
  const { alternative, where } = conflict;
  return {
    severity: 'error',
    rule: 'port-taken',
    message: portMessage(conflict),
    hint: `stop what holds it, or publish another port${alternative === undefined ? '' : `; ${alternative} is free`}`,
    ...(where === undefined ? {} : { where }),
  };
}

/** Ports alone are `port.taken`; with anything else in the way it is `file.invalid`, which lists everything. undefined: nothing is in the way. */
export function findObstacle({ stack, conflicts, problems }: Obstacles): AppFailure | undefined {
  if (problems.length === 0 && conflicts.length === 0) return undefined;
  const all = [...problems, ...conflicts.map(asDiagnostic)];
  const [first] = all;
  if (problems.length > 0) {
    return new AppFailure({
      code: 'file.invalid',
      message:
        all.length === 1 && first !== undefined
          ? first.message
          : `${all.length} things stand in the way of ${stack.slice(stack.indexOf('/') + 1)}; nothing was changed.`,
      ...(all.length === 1 && first?.hint !== undefined ? { hint: first.hint } : {}),
      ...(all.length === 1 && first?.where !== undefined ? { where: first.where } : {}),
      diagnostics: all,
    });
  }
  const free = conflicts.flatMap(({ alternative }) => alternative ?? [])[0];
  return new AppFailure({
    code: 'port.taken',
    message: conflicts.map((conflict) => `${portMessage(conflict).replace(/^p/, 'P')}.`).join('\n'),
    hint: `Stop what holds it, or publish another port${free === undefined ? '' : `; ${free} is free`}.`,
    diagnostics: all,
  });
}
