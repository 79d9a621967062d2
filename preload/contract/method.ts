import type * as z from 'zod';

/** `any`: every host serves it. `desktop`: only the Electron window may call it (native dialogs). */
export type Scope = 'any' | 'desktop';

interface MethodSpec<I extends z.ZodType, O extends z.ZodType> {
  readonly scope: Scope;
  readonly input: I;
  readonly output: O;
}
interface StreamSpec<I extends z.ZodType, F extends z.ZodType> {
  readonly scope: Scope;
  readonly input: I;
  readonly frame: F;
}

export const method = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O, scope: Scope = 'any') =>
  ({ scope, input, output }) as const satisfies MethodSpec<I, O>;
export const stream = <I extends z.ZodType, F extends z.ZodType>(input: I, frame: F, scope: Scope = 'any') =>
  ({ scope, input, frame }) as const satisfies StreamSpec<I, F>;
