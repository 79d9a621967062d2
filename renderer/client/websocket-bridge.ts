import * as z from 'zod';
import { type Bridge, protocolVersion, type ServerMessage, serverMessage } from '../../preload/contract/wire.ts';
import type { ConnectionStore } from './connection.ts';
import type { After } from './live-stream.ts';

export interface SocketHandlers {
  readonly onOpen: () => void;
  readonly onMessage: (data: unknown) => void;
  readonly onClose: (code: number) => void;
}
/** What of a WebSocket is used; tests hand in their own. */
export interface Socket {
  readonly send: (data: string) => void;
  readonly close: () => void;
}

export interface WebSocketOptions {
  readonly connect: (handlers: SocketHandlers) => Socket;
  readonly key: string;
  readonly connection: ConnectionStore;
  readonly after: After;
  readonly now: () => number;
  /** The key is of no use any more. */
  readonly onRefused: () => void;
}

/** Close codes of the host: 4401 (or 1008, policy) for a wrong key, 4400 for another protocol. */
const refusals: Readonly<Record<number, 'session' | 'protocol'>> = {
  1008: 'session',
  4401: 'session',
  4400: 'protocol',
};
const firstPause = 250;
const longestPause = 2000;
const text = z.string();

/** The same bridge as Electron's preload, over a WebSocket that is opened again when it breaks (0.25 → 2 s). */
export function createWebSocketBridge(options: WebSocketOptions): Bridge {
  const { connection } = options;
  let listener: (message: ServerMessage) => void = () => {};
  let socket: Socket | undefined;
  let pause = firstPause;
  let lostSince: number | undefined;

  const refuse = (reason: 'session' | 'protocol') => {
    if (reason === 'session') options.onRefused();
    connection.setState({ kind: 'refused', reason }, true);
    socket?.close();
  };
  const read = (data: unknown): ServerMessage | undefined => {
    const raw = text.safeParse(data);
    if (!raw.success) return undefined;
    try {
      return serverMessage.safeParse(JSON.parse(raw.data)).data;
    } catch {
      // Not JSON: nothing of ours. The socket is dropped below like after any other message nobody understands.
      return undefined;
    }
  };

  const onMessage = (data: unknown) => {
    const message = read(data);
    if (message === undefined) return refuse('protocol');
    if (message.t !== 'welcome') return listener(message);
    if (message.protocol !== protocolVersion) return refuse('protocol');
    pause = firstPause;
    lostSince = undefined;
    connection.setState({ kind: 'open' }, true);
  };
  const onClose = (code: number) => {
    socket = undefined;
    if (connection.getState().kind === 'refused') return;
    const refused = refusals[code];
    if (refused !== undefined) return refuse(refused);
    lostSince ??= options.now();
    connection.setState({ kind: 'lost', since: lostSince }, true);
    options.after(pause, connect);
    pause = Math.min(pause * 2, longestPause);
  };
  const connect = () => {
    const current: Socket = options.connect({
      onOpen: () => current.send(JSON.stringify({ t: 'hello', protocol: protocolVersion, key: options.key })),
      onMessage: (data) => {
        if (socket === current) onMessage(data);
      },
      onClose: (code) => {
        if (socket === current) onClose(code);
      },
    });
    socket = current;
  };
  connect();

  return {
    post: (message) => socket?.send(JSON.stringify(message)),
    listen: (next) => {
      listener = next;
      return () => {
        if (listener === next) listener = () => {};
      };
    },
    capabilities: [],
  };
}
