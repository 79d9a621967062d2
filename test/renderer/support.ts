import type { Bridge, ClientMessage, ServerMessage } from '../../preload/contract/wire.ts';
import { createClient } from '../../renderer/client/client.ts';
import { createConnection } from '../../renderer/client/connection.ts';

/** A bridge whose other end the test plays: what was posted, and a way to answer. */
function createFakeBridge() {
  const posted: ClientMessage[] = [];
  let listener: (message: ServerMessage) => void = () => {};
  const bridge: Bridge = {
    post: (message) => posted.push(structuredClone(message)),
    listen: (next) => {
      listener = next;
      return () => {};
    },
    capabilities: [],
  };
  const of = <T extends ClientMessage['t']>(kind: T) =>
    posted.filter((message): message is Extract<ClientMessage, { t: T }> => message.t === kind);
  return {
    bridge,
    posted,
    send: (message: ServerMessage) => listener(message),
    calls: () => of('call'),
    opens: () => of('open'),
    closes: () => of('close'),
  };
}

/** A client over a fake bridge, with its connection in the test's hand. */
export function createFakeClient() {
  const fake = createFakeBridge();
  const connection = createConnection({ kind: 'open' });
  return { ...fake, connection, client: createClient(fake.bridge, connection) };
}

/** Things that were put off, run by the test. */
export function createQueue() {
  const queue: { readonly ms: number; readonly run: () => void }[] = [];
  return {
    after: (ms: number, run: () => void) => {
      queue.push({ ms, run });
    },
    schedule: (run: () => void) => {
      queue.push({ ms: 0, run });
    },
    waiting: () => queue.map(({ ms }) => ms),
    flush: () => {
      for (const { run } of queue.splice(0)) run();
    },
  };
}

/** Lets promises that were settled go on. */
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
