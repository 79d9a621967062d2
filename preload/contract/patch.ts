import * as z from 'zod';
import { engine, service, stack } from './model.ts';

/** One change of the live state: a whole entity put, or one dropped. Entities are small; finer patches did not pay. */
export const patch = z.discriminatedUnion('op', [
  z.object({ op: z.literal('put-engine'), value: engine }),
  z.object({ op: z.literal('put-stack'), value: stack }),
  z.object({ op: z.literal('put-service'), value: service }),
  z.object({ op: z.literal('drop'), kind: z.enum(['engines', 'stacks', 'services']), id: z.string() }),
]);
export type Patch = z.infer<typeof patch>;
