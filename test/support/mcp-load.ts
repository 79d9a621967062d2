/*
 * Many clients that call through a gateway while replicas die: what each call came to, and of which replica its session was.
 */

/** One session of a client. */
export interface LoadSession {
  readonly replica: string;
  /** Rejects when the call was not answered, or not as this session should be. */
  readonly call: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Load {
  /** Every call, in the order in which they ended: the replica of its session, and what went wrong if something did. */
  readonly calls: readonly { readonly replica: string; readonly error?: string }[];
  /** The replicas of the sessions that were opened, one entry each. */
  readonly sessions: readonly string[];
}

/**
 * @param options `clients` call one after the other until all have made `calls` together; a client that gets an error opens a
 *   new session, as MCP asks for; each of `acts` happens when so many calls have ended
 */
export async function callThrough(options: {
  readonly open: () => Promise<LoadSession>;
  readonly clients: number;
  readonly calls: number;
  readonly acts: readonly { readonly after: number; readonly act: () => Promise<unknown> }[];
}): Promise<Load> {
  const calls: { replica: string; error?: string }[] = [];
  const sessions: string[] = [];
  const acted: Promise<unknown>[] = [];
  let begun = 0;

  const open = async () => {
    const session = await options.open();
    sessions.push(session.replica);
    return session;
  };
  const client = async (session: LoadSession): Promise<void> => {
    while (begun < options.calls) {
      begun += 1;
      const error = await session.call().then(
        () => undefined,
        (failure: Error) => failure.message,
      );
      calls.push({ replica: session.replica, ...(error === undefined ? {} : { error }) });
      for (const { after, act } of options.acts) if (calls.length === after) acted.push(act());
      if (error !== undefined) {
        await session.close();
        return client(await open());
      }
    }
    return session.close();
  };
  const opened = await Promise.all(Array.from({ length: options.clients }, open));
  await Promise.all(opened.map(client));
  await Promise.all(acted);
  return { calls, sessions };
}

/** The errors of a load, one entry each. */
export const errorsOf = ({ calls }: Load): readonly { readonly replica: string; readonly error: string }[] =>
  calls.flatMap(({ replica, error }) => (error === undefined ? [] : [{ replica, error }]));
