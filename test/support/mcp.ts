import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { inRoot } from '../../scripts/setup/paths.mjs';
import { provideModules } from './image-service.ts';

/*
 * Both ends of MCP for tests, from the packages that the image of the MCP servers has: clients of the SDK, and servers as
 * processes that can be killed.
 */

/** The folder with the packages of that image. */
export const mcpModules = async () => join(await provideModules('mcp'), 'node_modules');

/** What the SDK's client is for these tests. */
export interface McpClient {
  readonly connect: (transport: unknown) => Promise<void>;
  readonly callTool: (
    call: { readonly name: string; readonly arguments?: Readonly<Record<string, unknown>> },
    schema?: undefined,
    options?: { readonly signal?: AbortSignal; readonly timeout?: number },
  ) => Promise<{ readonly content: readonly { readonly text: string }[] }>;
  readonly listTools: () => Promise<{ readonly tools: readonly { readonly name: string }[] }>;
  readonly close: () => Promise<void>;
  fallbackNotificationHandler?: (notification: { readonly method: string }) => Promise<void>;
}
export interface McpTransport {
  readonly sessionId: string | undefined;
  readonly terminateSession: () => Promise<void>;
}
export interface McpConnection {
  readonly client: McpClient;
  readonly transport: McpTransport;
  /** Calls a tool and gives the text of its answer. */
  readonly call: (name: string, args?: Readonly<Record<string, unknown>>) => Promise<string>;
}

/** @returns connects a client of the SDK to a server over streamable HTTP */
export async function mcpConnector(): Promise<
  (url: string, options?: { readonly token?: string }) => Promise<McpConnection>
> {
  const sdk = async (path: string) =>
    import(pathToFileURL(join(await mcpModules(), '@modelcontextprotocol/sdk/dist/esm/client', path)).href);
  const { Client } = (await sdk('index.js')) as { Client: new (info: unknown) => McpClient };
  const { StreamableHTTPClientTransport } = (await sdk('streamableHttp.js')) as {
    StreamableHTTPClientTransport: new (url: URL, options: unknown) => McpTransport;
  };
  return async (url, { token } = {}) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
    const client = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(transport);
    const call = async (name: string, args: Readonly<Record<string, unknown>> = {}) =>
      (await client.callTool({ name, arguments: args })).content[0]?.text ?? '';
    return { client, transport, call };
  };
}

export interface Said {
  readonly event: string;
  readonly port?: number;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
export interface McpReplica {
  readonly pid: number;
  readonly address: string;
  readonly said: readonly Said[];
  /** The next thing of this name that it says, or the first that it has said and nobody has taken. */
  readonly hears: (event: string) => Promise<Said>;
  readonly kill: () => Promise<void>;
}

/** Starts a server (test/support/mcp-replica.mjs) in a process of its own, on 127.0.0.1. */
export async function startMcpReplica(): Promise<McpReplica> {
  const script = inRoot('test', 'support', 'mcp-replica.mjs');
  const child = spawn(process.execPath, [script, await mcpModules()], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: Said[] = [];
  const untaken: Said[] = [];
  const events = new EventEmitter<{ said: [] }>();
  events.setMaxListeners(0);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const one = JSON.parse(line) as Said;
    said.push(one);
    untaken.push(one);
    events.emit('said');
  });
  const hears = async (event: string): Promise<Said> => {
    for (;;) {
      const at = untaken.findIndex((one) => one.event === event);
      const [found] = at < 0 ? [] : untaken.splice(at, 1);
      if (found !== undefined) return found;
      await once(events, 'said');
    }
  };
  const { port } = await hears('listens');
  return {
    pid: child.pid ?? 0,
    address: `127.0.0.1:${port}`,
    said,
    hears,
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
