import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { describeError } from '../../common/service/log.mjs';
import { bearerOf } from '../../common/service/service-key.mjs';
import { toBody, toFailure } from './failure.mjs';
import { entryOf } from './fan-out.mjs';
import { mayHear } from './roles.mjs';

/*
 * The live side: what changed, to everybody who may know of it.
 */

const pingEvery = 15_000;
/** Presence holds three pings long without being said again. */
export const presenceSeconds = 45;
/** Who reads more slowly than this much is told is let go; they come back and are up to date. */
const mostBuffered = 1024 * 1024;
const mostPerPerson = 20;

/** Codes of a close, beside the WebSocket's own. */
const closing = { revoked: 4401, tooMany: 4429, stopping: 1012 };

/**
 * @param {object} options
 * @param {(token: string | undefined, request: import('node:http').IncomingMessage) => Promise<import('./people.mjs').Who>} options.authenticate
 * @param {(who: import('./roles.mjs').Person, report: unknown) => Promise<import('./environments.mjs').Report>} options.report
 * @param {(ids: readonly string[]) => Promise<Map<string, { person: import('./roles.mjs').Person, ends: Date | null }>>} options.findHolding
 * @param {import('./fan-out.mjs').FanOut} options.fanOut
 * @param {(person: string) => void} options.onPresence somebody came, went or changed
 * @param {(count: number) => void} options.onCount
 * @param {import('../../common/service/log.mjs').Log} options.log
 */
export function createSockets({ authenticate, report, findHolding, fanOut, onPresence, onCount, log }) {
  /**
   * @typedef {object} Client
   * @property {string} id
   * @property {import('ws').WebSocket} socket
   * @property {import('./roles.mjs').Person} person
   * @property {string} token its id
   * @property {string} machine
   * @property {boolean} answered the last ping
   * @property {number} allowance messages that it may still send
   * @property {NodeJS.Timeout | undefined} end
   * @property {Promise<void>} taken the messages so far: of two reports the later one must win
   */
  /** @type {Set<Client>} */
  const clients = new Set();
  let seq = 0;
  /** How often the tokens of all were looked at. */
  let checks = 0;

  /** @param {Client} client @param {string} text */
  const sendText = ({ socket }, text) => {
    if (socket.bufferedAmount > mostBuffered) socket.terminate();
    else if (socket.readyState === socket.OPEN) socket.send(text);
  };
  /** @param {Client} client @param {object} message */
  const send = (client, message) => sendText(client, JSON.stringify(message));

  const server = createServer((_request, response) => {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { code: 'route.unknown', message: 'Only /ws is here.' } }));
  });
  server.headersTimeout = 10_000;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024, perMessageDeflate: false });

  /** A client that keeps its end open would hold the connection for good. @param {import('node:stream').Duplex} stream @param {string} text */
  const sayAndClose = (stream, text) => void stream.once('finish', () => stream.destroy()).end(text);
  /** @param {import('node:stream').Duplex} stream @param {import('./failure.mjs').Failure} failure */
  const refuse = (stream, failure) => {
    const body = JSON.stringify(toBody(failure));
    const retry = failure.retryAfter === undefined ? '' : `retry-after: ${failure.retryAfter}\r\n`;
    sayAndClose(
      stream,
      `HTTP/1.1 ${failure.status} Refused\r\ncontent-type: application/json\r\n${retry}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  };

  /** Tokens may be looked at while this one is: what was read of it may then be from before its end. @param {import('node:http').IncomingMessage} request */
  const whoNow = async (request) => {
    for (;;) {
      const before = checks;
      const who = await authenticate(bearerOf(request.headers.authorization), request);
      if (before === checks) return who;
    }
  };

  server.on('upgrade', async (request, stream, head) => {
    // It may go while we ask the database.
    stream.on('error', () => stream.destroy());
    try {
      if (new URL(request.url ?? '/', 'http://x').pathname !== '/ws')
        throw Object.assign(new Error(), { statusCode: 404 });
      const who = await whoNow(request);
      sockets.handleUpgrade(request, stream, head, (socket) => welcome(socket, who));
    } catch (error) {
      const failure = toFailure(error);
      if (failure === undefined && error.statusCode !== 404) log.error('an upgrade failed', describeError(error));
      if (failure !== undefined) refuse(stream, failure);
      else sayAndClose(stream, `HTTP/1.1 ${error.statusCode === 404 ? 404 : 500} Refused\r\nconnection: close\r\n\r\n`);
    }
  });

  /** @param {import('ws').WebSocket} socket @param {import('./people.mjs').Who} who */
  const welcome = (socket, { person, token }) => {
    // Before anything else: of one that nobody listens to, an error would end the process.
    socket.on('error', () => socket.terminate());
    /** @type {Client} */
    const client = {
      id: randomUUID(),
      socket,
      person,
      token: token.id,
      machine: '',
      answered: true,
      allowance: 20,
      end: undefined,
      taken: Promise.resolve(),
    };
    if ([...clients].filter((other) => other.person.id === person.id).length >= mostPerPerson)
      return socket.close(closing.tooMany, 'too many connections');
    clients.add(client);
    onCount(clients.size);
    endAt(client, token.ends);
    socket.on('pong', () => {
      client.answered = true;
    });
    socket.on('message', (data, isBinary) => {
      if (client.allowance <= 0) return socket.close(closing.tooMany, 'too many messages');
      client.allowance -= 1;
      client.taken = client.taken.then(() => receive(client, isBinary ? '' : String(data)));
    });
    socket.once('close', () => leave(client));
    send(client, { type: 'hello', person, seq });
    void fanOut.say([entryOf(person.id, '', client.id)], presenceSeconds).then(() => onPresence(person.id));
  };

  /** @param {Client} client */
  const leave = (client) => {
    clients.delete(client);
    onCount(clients.size);
    clearTimeout(client.end);
    void fanOut
      .takeBack([entryOf(client.person.id, client.machine, client.id)])
      .then(() => onPresence(client.person.id));
  };

  /** @param {Client} client @param {Date | null} ends */
  const endAt = (client, ends) => {
    clearTimeout(client.end);
    if (ends === null) return;
    client.end = setTimeout(
      () => client.socket.close(closing.revoked, 'the token holds no longer'),
      ends.getTime() - Date.now(),
    );
    client.end.unref();
  };

  /** @param {Client} client @param {string} text */
  const receive = async (client, text) => {
    try {
      const message = parseObject(text);
      if (message?.type !== 'environment')
        throw Object.assign(new Error('Only messages of the type environment are taken.'), { validation: [] });
      const { type: _type, ...rest } = message;
      const { machine } = await report(client.person, rest);
      const before = entryOf(client.person.id, client.machine, client.id);
      client.machine = machine;
      if (!clients.has(client)) return;
      const now = entryOf(client.person.id, machine, client.id);
      if (now !== before) await fanOut.takeBack([before]);
      await fanOut.say([now], presenceSeconds);
      onPresence(client.person.id);
    } catch (error) {
      const failure = toFailure(error);
      if (failure === undefined) log.error('a message could not be taken', describeError(error));
      send(client, {
        type: 'error',
        ...(failure ? toBody(failure) : { error: { code: 'internal', message: 'A defect of the controller.' } }),
        // What passes: who said it may say it again.
        ...(failure?.retryAfter === undefined ? {} : { retryAfter: failure.retryAfter }),
      });
    }
  };

  const pings = setInterval(() => {
    for (const client of clients) {
      client.allowance = 20;
      if (!client.answered) client.socket.terminate();
      else {
        client.answered = false;
        client.socket.ping();
      }
    }
    void sayPresence();
  }, pingEvery);
  pings.unref();

  const sayPresence = () =>
    fanOut.say(
      [...clients].map(({ id, person, machine }) => entryOf(person.id, machine, id)),
      presenceSeconds,
    );

  return {
    server,
    count: () => clients.size,
    /** To everybody whose role may hear of it. @param {string} what @param {object} message */
    tell: (what, message) => {
      seq += 1;
      const text = JSON.stringify({ ...message, seq });
      for (const client of clients) if (mayHear(client.person.role, what)) sendText(client, text);
    },
    /** Everything that may have been missed. */
    sayPresence,
    /** Asks which tokens still hold, closes the sockets of the others, and takes up new roles. */
    checkTokens: async () => {
      checks += 1;
      // Who comes while the database is asked shows a token that holds after this.
      const asked = [...clients];
      if (asked.length === 0) return;
      const holding = await findHolding([...new Set(asked.map(({ token }) => token))]);
      for (const client of asked) {
        const found = holding.get(client.token);
        if (found === undefined) client.socket.close(closing.revoked, 'the token holds no longer');
        else {
          client.person = found.person;
          endAt(client, found.ends);
        }
      }
    },
    stop: async () => {
      clearInterval(pings);
      const gone = new Promise((resolve) => server.close(() => resolve(undefined)));
      for (const { socket } of clients) socket.close(closing.stopping, 'this replica stops; another one is there');
      await gone;
    },
  };
}

/** @param {string} text */
function parseObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
