import * as z from 'zod';
import type { McpServer, PublishedPort } from '../../preload/contract/model.ts';
import { parseJson } from '../core/parse-json.ts';

/*
 * What `mcp-supervisor watch` writes inside a container of ours: one JSON object a line, a snapshot first and then one
 * line a change. It comes out of a container, so it is believed within bounds only.
 */
const maxLine = 256 * 1024;
const maxServers = 64;
const maxTools = 500;

const text = (limit: number) => z.string().transform((value) => value.slice(0, limit));
const states = ['starting', 'ready', 'needs-setup', 'unreachable', 'failed'] as const;

const watchedServer = z.object({
  server: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  port: z.number().int().min(1).max(65_535),
  path: z
    .string()
    .regex(/^\/(?!\/)[\w./~-]{0,255}$/)
    .catch('/mcp'),
  state: z.enum(states).or(z.literal('unknown')).catch('unknown'),
  reason: text(2_000).nullish(),
  tools: z.array(z.object({ name: text(256), description: text(8_000).nullish() })).max(maxTools),
  restarts: z.number().int().min(0).catch(0),
  since: text(64).nullish(),
});
export type WatchedServer = z.infer<typeof watchedServer>;

const watchMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), servers: z.array(watchedServer).max(maxServers) }),
  z.object({ type: z.literal('change'), server: watchedServer }),
]);

/** Pure. What is known after one more line; undefined when the line does not fit. */
export function reduceWatchLine(known: readonly WatchedServer[], line: string): readonly WatchedServer[] | undefined {
  const parsed = watchMessage.safeParse(parseJson(line));
  if (!parsed.success) return undefined;
  if (parsed.data.type === 'snapshot') return parsed.data.servers;
  const { server } = parsed.data;
  const at = known.findIndex((other) => other.server === server.server);
  if (at >= 0) return known.with(at, server);
  return known.length >= maxServers ? undefined : [...known, server];
}

/** Cuts a byte stream into lines; a line past 256 KiB is dropped whole and told to `onTooLong`. */
export function createLineSplitter(onLine: (line: string) => void, onTooLong: () => void) {
  const decoder = new TextDecoder();
  let pending = '';
  let dropping = false;
  return (chunk: Uint8Array): void => {
    pending += decoder.decode(chunk, { stream: true });
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      const line = pending.slice(0, end).trim();
      pending = pending.slice(end + 1);
      if (!dropping && line.length > maxLine) onTooLong();
      else if (!dropping && line !== '') onLine(line);
      dropping = false;
    }
    if (pending.length > maxLine) {
      if (!dropping) onTooLong();
      dropping = true;
      pending = '';
    }
  };
}

const everywhere = new Set(['', '0.0.0.0', '::', '127.0.0.1', '::1', undefined]);

/** As the page shows it. The address is for this machine, so only an engine on this machine has one. */
export function toMcpServer(watched: WatchedServer, ports: readonly PublishedPort[], local: boolean): McpServer {
  const published = ports.find(
    ({ container, protocol, host, hostIp }) =>
      container === watched.port && protocol === 'tcp' && host !== undefined && everywhere.has(hostIp),
  );
  const url = local && published?.host !== undefined ? `http://127.0.0.1:${published.host}${watched.path}` : undefined;
  return {
    server: watched.server,
    ...(url === undefined ? {} : { url }),
    port: watched.port,
    state: watched.state,
    ...(watched.reason ? { reason: watched.reason } : {}),
    tools: watched.tools.map(({ name, description }) => ({ name, ...(description ? { description } : {}) })),
    restarts: watched.restarts,
    ...(watched.since ? { since: watched.since } : {}),
  };
}
