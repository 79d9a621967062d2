import type { McpConnection } from './mcp.ts';

/*
 * Many clients that call through a gateway while replicas die: what each call came to, and of which replica its session was.
 */

export type Came =
  | { readonly to: 'answer'; readonly replica: string }
  | { readonly to: 'error'; readonly replica: string; readonly message: string };

export interface Load {
  /** Every call, in the order in which they ended. */
  readonly calls: readonly Came[];
  /** The replicas of the sessions that were opened, one entry each. */
  readonly sessions: readonly string[];
}

/**
 * @param options `clients` call one after the other until all have made `calls` together; a client that gets an error opens a
 *   new session, as MCP asks for; `act` is called when `after` calls have ended
 */
export async function callThrough(options: {
  readonly connect: () => Promise<McpConnection>;
  readonly clients: number;
  readonly calls: number;
  readonly after: number;
  readonly act: () => Promise<void>;
}): Promise<Load> {
  const calls: Came[] = [];
  const sessions: string[] = [];
  let begun = 0;
  let acted: Promise<void> | undefined;

  const open = async () => {
    const connection = await options.connect();
    const replica = await connection.call('whoami');
    sessions.push(replica);
    return { connection, replica };
  };
  const client = async ({ connection, replica }: Awaited<ReturnType<typeof open>>): Promise<void> => {
    while (begun < options.calls) {
      begun += 1;
      const came = await connection.call('whoami').then(
        (answered): Came => ({ to: 'answer', replica: answered }),
        (error: Error): Came => ({ to: 'error', replica, message: error.message }),
      );
      calls.push(came);
      if (came.replica !== replica) throw new Error(`a session of ${replica} was answered by ${came.replica}`);
      if (calls.length >= options.after) acted ??= options.act();
      if (came.to === 'error') {
        await connection.client.close();
        return client(await open());
      }
    }
    await connection.client.close();
  };
  const opened = await Promise.all(Array.from({ length: options.clients }, open));
  await Promise.all(opened.map(client));
  await acted;
  return { calls, sessions };
}
