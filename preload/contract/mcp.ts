import * as z from 'zod';

export const mcpTool = z.object({ name: z.string(), description: z.string().optional() });
export const mcpServer = z.object({
  server: z.string(),
  /** What a client on this machine uses; absent when its port is not published. */
  url: z.string().optional(),
  port: z.number().int(),
  state: z.enum(['starting', 'ready', 'needs-setup', 'unreachable', 'failed', 'unknown']),
  reason: z.string().optional(),
  tools: z.array(mcpTool),
  restarts: z.number().int(),
  /** ISO 8601 in UTC. */
  since: z.string().optional(),
});
export type McpServer = z.infer<typeof mcpServer>;
