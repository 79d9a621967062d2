import * as z from 'zod';

/** A copy of what a volume held. */
export const volumeBackup = z.object({
  id: z.string(),
  /** By its name in the stack's file. */
  service: z.string(),
  volume: z.string(),
  /** Hostname of the node that has the volume. */
  node: z.string(),
  at: z.string(),
  /** What the service ran then, with its digest where it had one. */
  image: z.string(),
  /** What it was made for. */
  reason: z.string(),
  /** Tasks ran and may have written meanwhile. */
  inUse: z.boolean(),
  /** Of the file. */
  bytes: z.number().int(),
  file: z.string(),
});
export type VolumeBackup = z.infer<typeof volumeBackup>;
