import { createServer } from 'node:http';
import { AppFailure } from '../../core/app-failure.ts';
import type { Dispatcher } from '../../rpc/dispatch.ts';
import type { Log } from '../../services/ports.ts';
import { createPages } from './pages.ts';
import { isOurPeer, type PeerOptions } from './peer.ts';
import { createSessions, type SessionOptions } from './session.ts';
import type { Shell } from './shell.ts';
import { createSockets, type SocketOptions } from './socket.ts';

export interface WebHostOptions {
  readonly dispatcher: Dispatcher;
  readonly shell: Shell;
  readonly log: Log;
  /** 0 (the default): a free one. */
  readonly port?: number;
  readonly session?: Partial<SessionOptions>;
  /** For tests: who we are, and what the kernel says. */
  readonly peer?: PeerOptions;
  readonly socket?: Pick<SocketOptions, 'helloTimeout' | 'maxWaiting'>;
}

export interface WebHost {
  readonly port: number;
  /** `http://127.0.0.1:PORT`; holds no data without a key. */
  readonly origin: string;
  /** A new address that opens the app once. */
  readonly link: () => string;
  /** Pages that are connected now. */
  readonly pages: () => number;
  readonly close: () => Promise<void>;
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new AppFailure(
              {
                code: 'port.taken',
                message: `The web page cannot use port ${port} of 127.0.0.1: ${error.code === 'EACCES' ? 'not allowed' : 'it is taken'}.`,
                hint: 'Choose another with `--port`, or leave it out to get a free one.',
              },
              { cause: error },
            )
          : error,
      );
    });
    // Loopback only; an IPv4 literal, so that no name resolution decides where we listen.
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** The browser's way in: the built page, a door that opens with a one-time token, and one WebSocket a page. */
export async function createWebHost(options: WebHostOptions): Promise<WebHost> {
  const { dispatcher, shell, log } = options;
  const sessions = createSessions({ now: () => performance.now(), ...options.session });
  let bound = 0;
  const port = () => bound;
  const pages = createPages({ shell, sessions, port, isOurPeer: (socket) => isOurPeer(socket, options.peer) });
  const sockets = createSockets({ dispatcher, sessions, port, ...options.socket });

  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000, headersTimeout: 5000 });
  server.on('request', (request, response) => {
    pages(request, response).catch((error: unknown) => {
      log('warn', 'a request of the page failed', { why: error instanceof Error ? error.message : String(error) });
      response.destroy();
    });
  });
  server.on('upgrade', sockets.upgrade);
  server.on('clientError', (_error, socket) => socket.destroy());
  bound = await listen(server, options.port ?? 0);
  const origin = `http://127.0.0.1:${bound}`;

  return {
    port: bound,
    origin,
    link: () => `${origin}/#token=${sessions.issue()}`,
    pages: sockets.count,
    close: () =>
      new Promise((resolve) => {
        sockets.close();
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 700).unref();
      }),
  };
}
