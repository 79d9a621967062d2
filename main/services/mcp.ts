import type { EngineId, McpServer } from '../../preload/contract/model.ts';
import type { SeenContainer } from '../core/seen.ts';
import { deferred } from './deferred.ts';
import { createLineSplitter, reduceWatchLine, toMcpServer, type WatchedServer } from './mcp-protocol.ts';
import type { Clock, EngineConnection, Log } from './ports.ts';

export const mcpLabel = 'io.claude-env.mcp';
const command = ['mcp-supervisor', 'watch'] as const;
const firstPause = 250;
const longestPause = 10_000;

export interface McpOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** What is known of a container's servers has changed. */
  readonly onChange: (engine: EngineId, containerId: string) => void;
}

interface Watcher {
  readonly controller: AbortController;
  /** A restarted container is another process tree: its old exec is gone even when nothing has told us yet. */
  readonly startedAt: string | undefined;
  servers: readonly WatchedServer[];
  /** Resolves at the first thing it says, or when asking it failed. */
  readonly heard: Promise<void>;
  readonly hear: () => void;
}

/**
 * Standard input that says nothing and stays open. An engine lets an exec'ed process run on after its client has left and
 * swallows its output, but it closes its input (both seen with 20.10): that is what `watch` ends by.
 */
async function* silence(signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const { promise, resolve } = deferred();
  signal.addEventListener('abort', () => resolve(), { once: true });
  if (!signal.aborted) await promise;
}

const wanted = (container: SeenContainer): boolean =>
  container.state === 'running' && container.labels[mcpLabel] === 'true';

/**
 * Follows the MCP servers of the containers it is given: one `mcp-supervisor watch` a running container, started again
 * with growing pauses while the container runs. The caller gives only containers of the stack we ship: a label alone
 * must not make us start a program in somebody else's container.
 */
export function createMcp({ clock, log, onChange }: McpOptions) {
  const watchers = new Map<string, Watcher>();
  const keyOf = (engine: EngineId, id: string) => `${engine}//${id}`;

  const follow = async (connection: EngineConnection, id: string, watcher: Watcher): Promise<void> => {
    const { signal } = watcher.controller;
    let pause = firstPause;
    while (!signal.aborted) {
      const show = (servers: readonly WatchedServer[]) => {
        if (signal.aborted) return;
        watcher.servers = servers;
        watcher.hear();
        onChange(connection.id, id);
      };
      const split = createLineSplitter(
        (line) => {
          const next = reduceWatchLine(watcher.servers, line);
          if (next === undefined) log('warn', 'a line of mcp-supervisor watch does not fit', { length: line.length });
          else {
            pause = firstPause;
            show(next);
          }
        },
        () => log('warn', 'a line of mcp-supervisor watch is too long'),
      );
      try {
        const { exitCode } = await connection.exec(id, {
          command,
          signal,
          input: silence(signal),
          onOutput: (stream, chunk) => stream === 'stdout' && split(chunk),
        });
        if (!signal.aborted) log('info', 'mcp-supervisor watch ended', { exitCode });
      } catch (error) {
        if (!signal.aborted) log('info', 'mcp-supervisor watch broke', { why: String(error) });
      }
      watcher.hear();
      if (signal.aborted) return;
      if (watcher.servers.some(({ state }) => state !== 'unknown')) {
        show(
          watcher.servers.map((server) => ({
            ...server,
            state: 'unknown' as const,
            reason: 'The supervisor inside the container does not answer.',
          })),
        );
      }
      await clock.sleep(pause, signal).catch(() => undefined);
      pause = Math.min(pause * 2, longestPause);
    }
  };

  const stop = (key: string) => {
    watchers.get(key)?.controller.abort();
    watchers.get(key)?.hear();
    watchers.delete(key);
  };

  return {
    /** Follows exactly these of this engine from now on. */
    sync: (connection: EngineConnection, containers: readonly SeenContainer[]): void => {
      const now = new Map(
        containers.filter(wanted).map((container) => [keyOf(connection.id, container.id), container] as const),
      );
      for (const key of [...watchers.keys()]) {
        if (!key.startsWith(`${connection.id}//`)) continue;
        const container = now.get(key);
        if (container === undefined || container.startedAt !== watchers.get(key)?.startedAt) stop(key);
      }
      for (const [key, { id, startedAt }] of now) {
        if (watchers.has(key)) continue;
        const { promise: heard, resolve: hear } = deferred();
        const watcher: Watcher = { controller: new AbortController(), startedAt, servers: [], heard, hear };
        watchers.set(key, watcher);
        void follow(connection, id, watcher);
      }
    },
    /** undefined when the container is not followed or has not said anything yet. */
    servers: (engine: EngineId, container: SeenContainer, local: boolean): readonly McpServer[] | undefined => {
      const watcher = watchers.get(keyOf(engine, container.id));
      if (watcher === undefined || watcher.servers.length === 0) return undefined;
      return watcher.servers.map((server) => toMcpServer(server, container.ports, local));
    },
    /** Resolves when every followed container has said something once, or after `patience` milliseconds. */
    heard: async (patience: number): Promise<void> => {
      const { promise: late, resolve } = deferred();
      const callOff = clock.after(patience, resolve);
      await Promise.race([Promise.all([...watchers.values()].map((watcher) => watcher.heard)), late]);
      callOff();
    },
    close: (): void => {
      for (const key of [...watchers.keys()]) stop(key);
    },
  };
}
export type Mcp = ReturnType<typeof createMcp>;
