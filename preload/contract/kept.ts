import * as z from 'zod';

/*
 * What this machine keeps of a user's choices, and the ids it is kept by (model.ts says what they are made of). Apart from the
 * model, because every command reads these files, and making all of the model's schemas takes longer than that.
 */
export const engineId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9:._-]*$/);
export const stackId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9:._-]*\/[A-Za-z0-9._-]+$/);
export type EngineId = z.infer<typeof engineId>;
export type StackId = z.infer<typeof stackId>;

/** An environment of the stack we ship: its own name, code folder and ports. */
export const environment = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/),
  stack: stackId,
  /** Absolute path of the folder mounted at /workspaces. */
  workspace: z.string(),
  /** Published port by its variable in the stack file, e.g. `CLAUDE_ENV_PORT_3001` → 3001. */
  ports: z.record(z.string(), z.number().int().min(1).max(65535)),
  /** Consents, each off by default. */
  hostClaude: z.boolean(),
  dockerSocket: z.boolean(),
});
export type Environment = z.infer<typeof environment>;

export const settings = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  /** Engine used when nothing else is said; absent: the first that answers, in the order of §2. */
  engine: engineId.optional(),
  build: z.object({
    httpProxy: z.string().optional(),
    httpsProxy: z.string().optional(),
    noProxy: z.string().optional(),
    /** PEM file with certificates that builds and containers shall trust besides the usual ones. */
    extraCaFile: z.string().optional(),
    /** Image that ours are built from; absent: the Dockerfile's own default. */
    baseImage: z.string().optional(),
    /** Registry prefix to pull our images from instead of building them. */
    registry: z.string().optional(),
  }),
});
export type Settings = z.infer<typeof settings>;
