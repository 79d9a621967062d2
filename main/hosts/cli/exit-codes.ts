import type { ErrorCode } from '../../../preload/contract/errors.ts';

/** What scripts may rely on. `exec` passes the command's own code through. */
export const exitCodes = { done: 0, failed: 1, usage: 2, unreachable: 3, invalidFile: 4, cancelled: 5 } as const;

const special: Partial<Record<ErrorCode, number>> = {
  usage: exitCodes.usage,
  'input.invalid': exitCodes.usage,
  'engine.unreachable': exitCodes.unreachable,
  'engine.too-old': exitCodes.unreachable,
  'file.invalid': exitCodes.invalidFile,
  'file.not-found': exitCodes.invalidFile,
  cancelled: exitCodes.cancelled,
};

export const toExitCode = (code: ErrorCode): number => special[code] ?? exitCodes.failed;
