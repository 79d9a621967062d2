import type { McpServer, PublishedPort } from '../../preload/contract/model.ts';
import { shellWord } from '../../preload/contract/shell-word.ts';

/** A port as one thing to show: published twice (IPv4 and IPv6) it is still one. */
export interface ShownPort {
  readonly key: string;
  /** ":3001" when published, "8080" when only exposed. */
  readonly label: string;
  /** "127.0.0.1:3001 → 3001/tcp" */
  readonly full: string;
  /** Only for TCP ports published on this machine. */
  readonly url: string | undefined;
  readonly published: boolean;
}

const wildcard = new Set(['', '0.0.0.0', '::', '127.0.0.1', '::1']);

function toUrl(port: PublishedPort, local: boolean): string | undefined {
  if (!local || port.host === undefined || port.protocol !== 'tcp') return undefined;
  const ip = port.hostIp ?? '';
  const host = wildcard.has(ip) ? '127.0.0.1' : ip.includes(':') ? `[${ip}]` : ip;
  return `http://${host}:${port.host}`;
}

/** Published ports first, each once, in rising order. `local` is false for engines on other machines. */
export function toShownPorts(ports: readonly PublishedPort[], local: boolean): readonly ShownPort[] {
  const shown = new Map<string, ShownPort & { readonly order: number }>();
  for (const port of ports) {
    const target = `${port.container}/${port.protocol}`;
    const key = `${port.host ?? '-'}:${target}`;
    if (shown.has(key)) continue;
    const published = port.host !== undefined;
    const ip = port.hostIp === undefined || port.hostIp === '' ? '0.0.0.0' : port.hostIp;
    shown.set(key, {
      key,
      label: published ? `:${port.host}` : String(port.container),
      full: published ? `${ip}:${port.host} → ${target}` : `${target}, not published`,
      url: toUrl(port, local),
      published,
      order: (published ? 0 : 100_000) + (port.host ?? port.container),
    });
  }
  return [...shown.values()].sort((a, b) => a.order - b.order).map(({ order: _order, ...port }) => port);
}

/** The line that registers the server with Claude Code on this machine. */
export const claudeMcpAdd = (server: McpServer): string | undefined =>
  server.url === undefined
    ? undefined
    : `claude mcp add --transport http ${shellWord(server.server)} ${shellWord(server.url)}`;
