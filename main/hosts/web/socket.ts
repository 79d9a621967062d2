import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { clientMessage, protocolVersion, type ServerMessage } from '../../../preload/contract/wire.ts';
import type { Connection, Dispatcher } from '../../rpc/dispatch.ts';
import { hasOwnHost, hasOwnOrigin, pathOf } from './guard.ts';
import type { Sessions } from './session.ts';

/** Why a socket was closed by us, for the page to tell apart (RFC 6455 leaves 4000-4999 to applications). */
const closeCodes = { protocol: 4400, session: 4401, timeout: 4408, slow: 4413, goingAway: 1001 } as const;

const maxPayload = 1024 * 1024;
/** Far above what the dispatcher lets wait: a page that stopped reading altogether is let go. */
const maxBuffered = 16 * 1024 * 1024;

export interface SocketOptions {
  readonly dispatcher: Dispatcher;
  readonly sessions: Sessions;
  readonly port: () => number;
  /** Milliseconds that a new socket has to say hello. */
  readonly helloTimeout?: number;
  /** Sockets that have not said hello yet, at most. */
  readonly maxWaiting?: number;
}

const textOf = (data: RawData): string =>
  (Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8');

function readHello(data: RawData, isBinary: boolean) {
  if (isBinary) return undefined;
  try {
    const parsed = clientMessage.safeParse(JSON.parse(textOf(data)));
    return parsed.success && parsed.data.t === 'hello' ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Refuses before the handshake: the browser shows the page a failed socket and nothing else. */
function refuse(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

export interface Sockets {
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Pages that have said hello. */
  readonly count: () => number;
  readonly close: () => void;
}

/** `/ws`: a socket gets nothing until its first message was a hello with a session key that we gave out. */
export function createSockets(options: SocketOptions): Sockets {
  const { dispatcher, sessions, helloTimeout = 5000, maxWaiting = 32 } = options;
  // No compression: it would keep a context per page and let a length tell about content.
  const server = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false, clientTracking: true });
  const waiting = new Set<WebSocket>();
  let pages = 0;

  const serve = (socket: WebSocket): Connection => {
    const send = (message: ServerMessage) => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > maxBuffered) {
        socket.close(closeCodes.slow, 'too slow');
        socket.terminate();
        return;
      }
      socket.send(JSON.stringify(message));
    };
    return dispatcher.connect(send, { buffered: () => socket.bufferedAmount });
  };

  const greet = (socket: WebSocket) => {
    waiting.add(socket);
    const timer = setTimeout(() => socket.close(closeCodes.timeout, 'no hello'), helloTimeout);
    let connection: Connection | undefined;
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearTimeout(timer);
      waiting.delete(socket);
      if (connection !== undefined) pages -= 1;
      connection?.close();
    });
    socket.on('message', (data, isBinary) => {
      if (socket.readyState !== socket.OPEN) return;
      if (connection !== undefined) {
        if (isBinary) socket.close(closeCodes.protocol, 'binary');
        else connection.receive(textOf(data));
        return;
      }
      const hello = readHello(data, isBinary);
      if (hello === undefined) return socket.close(closeCodes.protocol, 'hello expected');
      if (!sessions.accepts(hello.key)) return socket.close(closeCodes.session, 'session invalid');
      if (hello.protocol !== protocolVersion) return socket.close(closeCodes.protocol, `protocol ${protocolVersion}`);
      clearTimeout(timer);
      waiting.delete(socket);
      pages += 1;
      connection = serve(socket);
      socket.send(JSON.stringify({ t: 'welcome', protocol: protocolVersion } satisfies ServerMessage));
    });
  };

  return {
    upgrade: (request, socket, head) => {
      if (!hasOwnHost(request, options.port())) return refuse(socket, 421);
      if (pathOf(request) !== '/ws') return refuse(socket, 404);
      if (!hasOwnOrigin(request.headers)) return refuse(socket, 403);
      if (waiting.size >= maxWaiting) return refuse(socket, 503);
      server.handleUpgrade(request, socket, head, greet);
    },
    count: () => pages,
    close: () => {
      for (const socket of server.clients) {
        socket.close(closeCodes.goingAway, 'the program ends');
        // A page that does not answer the closing handshake must not keep the program alive.
        setTimeout(() => socket.terminate(), 500).unref();
      }
      server.close();
    },
  };
}
