import * as z from 'zod';

/** What somebody may do in a team. */
export const personRole = z.enum(['operator', 'member', 'guest']);
export type PersonRole = z.infer<typeof personRole>;
