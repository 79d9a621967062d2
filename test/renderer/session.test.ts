import { expect, test } from 'vitest';
import { protocolVersion } from '../../preload/contract/wire.ts';
import { createConnection } from '../../renderer/client/connection.ts';
import { openSession } from '../../renderer/client/session.ts';
import { createWebSocketBridge, type SocketHandlers } from '../../renderer/client/websocket-bridge.ts';
import { createQueue } from './support.ts';

function place(hash: string, answer: () => Response, stored?: string) {
  const store = new Map(stored === undefined ? [] : [['claude-env.session', stored]]);
  const urls: string[] = [];
  const sent: RequestInit[] = [];
  return {
    urls,
    sent,
    store,
    place: {
      location: { hash, pathname: '/', search: '' },
      history: {
        replaceState: (_data: unknown, _title: string, url?: string | URL | null) => void urls.push(String(url)),
      },
      storage: {
        getItem: (key: string) => store.get(key) ?? null,
        setItem: (key: string, value: string) => void store.set(key, value),
        removeItem: (key: string) => void store.delete(key),
      },
      fetch: async (_path: string, init: RequestInit) => {
        // The address bar is clean before anything is sent.
        expect(urls).toEqual(['/']);
        sent.push(init);
        return answer();
      },
    },
  };
}
const good = () => new Response(JSON.stringify({ key: 'fresh' }));
const refused = () => new Response('{}', { status: 401 });

test('the token leaves the address bar first, and is exchanged for a key that is kept', async () => {
  const { place: where, store, sent } = place('#token=once', good);
  expect(await openSession(where)).toEqual({ kind: 'key', key: 'fresh' });
  expect(store.get('claude-env.session')).toBe('fresh');
  expect(sent[0]).toMatchObject({ method: 'POST', body: '{"token":"once"}', credentials: 'omit' });
});

test('without a token the kept key is used, and without that there is no session', async () => {
  expect(await openSession(place('', good, 'kept').place)).toEqual({ kind: 'key', key: 'kept' });
  expect(await openSession(place('', good).place)).toEqual({ kind: 'refused', reason: 'no-session' });
});

test('a spent token falls back to the key it once bought; without one the session is over', async () => {
  expect(await openSession(place('#token=spent', refused, 'kept').place)).toEqual({ kind: 'key', key: 'kept' });
  expect(await openSession(place('#token=spent', refused).place)).toEqual({ kind: 'refused', reason: 'session' });
});

function openBridge() {
  const connection = createConnection({ kind: 'connecting' });
  const queue = createQueue();
  const sockets: { handlers: SocketHandlers; sent: string[]; closed: boolean }[] = [];
  let forgotten = 0;
  const bridge = createWebSocketBridge({
    connect: (handlers) => {
      const socket = { handlers, sent: [] as string[], closed: false };
      sockets.push(socket);
      return { send: (data) => socket.sent.push(data), close: () => (socket.closed = true) };
    },
    key: 'key',
    connection,
    after: queue.after,
    now: () => 1000,
    onRefused: () => (forgotten += 1),
  });
  const latest = () => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error('no socket');
    return socket;
  };
  const welcome = (protocol = protocolVersion) =>
    latest().handlers.onMessage(JSON.stringify({ t: 'welcome', protocol }));
  return { bridge, connection, queue, sockets, latest, welcome, forgotten: () => forgotten };
}

test('hello with the key is the first message, and the welcome opens the connection', () => {
  const { connection, latest, welcome } = openBridge();
  latest().handlers.onOpen();
  expect(latest().sent).toEqual([JSON.stringify({ t: 'hello', protocol: protocolVersion, key: 'key' })]);
  expect(connection.getState().kind).toBe('connecting');
  welcome();
  expect(connection.getState().kind).toBe('open');
});

test('a broken connection is tried again with a growing pause, remembering since when', () => {
  const { connection, latest, welcome, queue, sockets } = openBridge();
  latest().handlers.onOpen();
  welcome();
  const pauses: number[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    latest().handlers.onClose(1006);
    expect(connection.getState()).toEqual({ kind: 'lost', since: 1000 });
    pauses.push(...queue.waiting());
    queue.flush();
  }
  expect(pauses).toEqual([250, 500, 1000, 2000, 2000]);
  expect(sockets).toHaveLength(6);
  latest().handlers.onOpen();
  welcome();
  latest().handlers.onClose(1006);
  expect(queue.waiting()).toEqual([250]);
});

test('a refused key ends the trying and is forgotten', () => {
  const { connection, latest, queue, forgotten } = openBridge();
  latest().handlers.onClose(4401);
  expect(connection.getState()).toEqual({ kind: 'refused', reason: 'session' });
  expect(forgotten()).toBe(1);
  expect(queue.waiting()).toEqual([]);
});

test.each([
  ['another protocol', (open: ReturnType<typeof openBridge>) => open.welcome(protocolVersion + 1)],
  ['a close code that says so', (open: ReturnType<typeof openBridge>) => open.latest().handlers.onClose(4400)],
  ['a message nobody understands', (open: ReturnType<typeof openBridge>) => open.latest().handlers.onMessage('<html>')],
])('%s is a mismatch, and keeps the key', (_what, happen) => {
  const open = openBridge();
  happen(open);
  expect(open.connection.getState()).toEqual({ kind: 'refused', reason: 'protocol' });
  expect(open.forgotten()).toBe(0);
});

test('a socket that was replaced is not listened to any more', () => {
  const { bridge, connection, sockets, latest, welcome, queue } = openBridge();
  const heard: unknown[] = [];
  bridge.listen((message) => heard.push(message));
  latest().handlers.onClose(1006);
  queue.flush();
  sockets[0]?.handlers.onMessage(JSON.stringify({ t: 'end', id: 1 }));
  sockets[0]?.handlers.onClose(4401);
  latest().handlers.onOpen();
  welcome();
  expect(heard).toEqual([]);
  expect(connection.getState().kind).toBe('open');
});
