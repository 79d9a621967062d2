import * as z from 'zod';
import { sourceLocation } from './errors.ts';

/* Values of a plan that are not in its files: what the keychain gives to whom, and what nobody has. */

/** An entry of the keychain, or a value for this run, that the plan's steps give to services. Never the value. */
export const planCredential = z.object({
  name: z.string(),
  source: z.enum(['project', 'team', 'user', 'session']),
  services: z.array(z.string()),
  /** The project's folder may have it. Else confirming the plan means agreeing: `stacks.run` is told the names. */
  agreed: z.boolean(),
});
export type PlanCredential = z.infer<typeof planCredential>;

/** A variable without a value, worth asking for: nothing can be done without it, or it is blank and is called as secrets are. */
export const missingValue = z.object({
  name: z.string(),
  required: z.boolean(),
  /** What the file says about it: `${NAME:?message}`. */
  message: z.string().optional(),
  where: sourceLocation.optional(),
});
export type MissingValue = z.infer<typeof missingValue>;
