import type { Bridge } from '../../preload/contract/wire.ts';
import { type ConnectionStore, createConnection } from './connection.ts';
import { forgetSession, openSession, type Session } from './session.ts';
import { createWebSocketBridge } from './websocket-bridge.ts';

declare global {
  interface Window {
    /** Put there by Electron's preload; absent in a browser. */
    readonly claudeEnv?: Bridge;
  }
}

export interface Transport {
  readonly bridge: Bridge;
  readonly connection: ConnectionStore;
}

const silentBridge: Bridge = { post: () => {}, listen: () => () => {}, capabilities: [] };

async function readSession(): Promise<Session | { readonly kind: 'refused'; readonly reason: 'gone' }> {
  try {
    return await openSession({
      location: window.location,
      history: window.history,
      storage: window.sessionStorage,
      fetch: (path, init) => window.fetch(path, init),
    });
  } catch (error) {
    // fetch rejects with a TypeError when nobody listens at the address; anything else is a defect and must be seen.
    if (error instanceof TypeError) return { kind: 'refused', reason: 'gone' };
    throw error;
  }
}

/** Electron's bridge where there is one, otherwise a WebSocket with the session's key. */
export async function openTransport(): Promise<Transport> {
  if (window.claudeEnv !== undefined) {
    return { bridge: window.claudeEnv, connection: createConnection({ kind: 'open' }) };
  }
  const connection = createConnection({ kind: 'connecting' });
  const session = await readSession();
  if (session.kind === 'refused') {
    connection.setState({ kind: 'refused', reason: session.reason }, true);
    return { bridge: silentBridge, connection };
  }
  const scheme = window.location.protocol === 'https:' ? 'wss:' : 'ws:';
  const bridge = createWebSocketBridge({
    connect: (handlers) => {
      const socket = new WebSocket(`${scheme}//${window.location.host}/ws`);
      socket.onopen = handlers.onOpen;
      socket.onmessage = (event) => handlers.onMessage(event.data);
      socket.onclose = (event) => handlers.onClose(event.code);
      return socket;
    },
    key: session.key,
    connection,
    after: (ms, run) => {
      window.setTimeout(run, ms);
    },
    now: () => Date.now(),
    onRefused: () => forgetSession(window.sessionStorage),
  });
  return { bridge, connection };
}
