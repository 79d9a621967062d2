import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectPlain, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testEngine } from '../support/engine.ts';
import { startTeamDatabases, type TeamDatabases } from '../support/team-databases.ts';
import { addPerson, type Controller, operatorToken, startController } from './controller-support.ts';

/* What somebody of the team could do to all of it, and what must not be lost on the way between two replicas. */

const engine = testEngine();
let databases: TeamDatabases;
/** The way from `a` to Redis, which can be cut. */
let way: Server;
const passing = new Set<Socket>();
let a: Controller;
let b: Controller;

async function openWay(port: number): Promise<void> {
  way = createServer((socket) => {
    const other = connectPlain(Number(databases.env.REDIS_PORT), databases.env.REDIS_HOST);
    for (const [one, two] of [
      [socket, other],
      [other, socket],
    ] as const) {
      passing.add(one);
      one.pipe(two);
      one.on('error', () => two.destroy()).on('close', () => two.destroy());
    }
  });
  await once(way.listen(port, '127.0.0.1'), 'listening');
}
const wayPort = () => {
  const address = way.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

beforeAll(async () => {
  databases = await startTeamDatabases(engine);
  await openWay(0);
  a = await startController(databases, { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(wayPort()) });
  await a.line(({ message }) => message === 'ready');
  b = await startController(databases);
  await Promise.all([a, b].map((replica) => replica.line(({ message }) => message === 'redis answers')));
  await b.line(({ message }) => message === 'ready');
});

afterAll(async () => {
  await Promise.all([a, b].map((replica) => replica?.stop()));
  for (const socket of passing) socket.destroy();
  way?.close();
  await engine.cleanUp();
});

describe('a guest', () => {
  it('ends nobody else by what comes on a connection too many', async () => {
    const guest = await addPerson(a, 'guest', 'Gus');
    const clients = await Promise.all(Array.from({ length: 20 }, () => a.connect(guest.token)));
    const socket = connectPlain(a.ports.ws ?? 0, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nAuthorization: Bearer ${guest.token}\r\n\r\n`,
    );
    await once(socket, 'data');
    // A frame of a client that is not masked, which no client may send.
    socket.write(Buffer.from([0x81, 1, 0x78]));
    await once(socket, 'close');
    expect((await a.call('GET', '/health')).status).toBe(200);
    for (const client of clients) client.close();
  });

  it('gets rid of who made tokens of his, by a new one', async () => {
    const guest = await addPerson(a, 'guest', 'Gil');
    // Whoever has seen the token.
    const thief = await a.call('POST', '/api/v1/me/token', { token: guest.token });
    expect((await a.call('POST', '/api/v1/me/token', { token: guest.token })).status).toBe(201);
    const holding = await databases.read(
      `select count(*) from tokens where person = '${guest.id}' and (ends is null or ends > now() + interval '61 seconds')`,
    );
    expect([thief.status, holding]).toEqual([201, ['1']]);
  });

  it('is told what is wrong with half a character', async () => {
    const guest = await addPerson(a, 'guest', 'Gia');
    const body = { machine: 'laptop', state: 'running', drifted: ['\ud800'] };
    const answer = await a.call('PUT', '/api/v1/me/environment', { token: guest.token, body });
    expect([answer.status, answer.body.error?.code]).toEqual([400, 'request.invalid']);
  });
});

describe('a member', () => {
  it('writes no list of incidents that nobody can read any more', async () => {
    const member = await addPerson(a, 'member', 'Mia');
    const long = 'é'.repeat(10_000);
    for (let made = 0; made < 6; made += 1) {
      const { body } = await a.call('POST', '/api/v1/incidents', {
        token: member.token,
        body: { title: `${made}`, detail: long },
      });
      const note = (text: string) =>
        a.call('PATCH', `/api/v1/incidents/${body.id}`, { token: member.token, body: { note: text } });
      for (let round = 0; round < 4; round += 1) await Promise.all(Array.from({ length: 10 }, () => note(long)));
      await note('the last');
    }
    const { text, body } = await a.call('GET', '/api/v1/incidents', { token: member.token });
    // What the app takes of an answer is 4 MB.
    expect(Buffer.byteLength(text)).toBeLessThan(2_500_000);
    expect(body.incidents).toHaveLength(6);
    for (const { notes } of body.incidents) expect(notes.at(-1).text).toBe('the last');
  });
});

it('somebody is here for a replica whose clock is two minutes ahead, too, and stays for the others', async () => {
  const ahead = encodeURIComponent('const now = Date.now; Date.now = () => now() + 120_000;');
  const late = await startController(databases, { NODE_OPTIONS: `--import=data:text/javascript,${ahead}` });
  await Promise.all(['ready', 'redis answers'].map((wanted) => late.line(({ message }) => message === wanted)));
  const mia = await addPerson(a, 'member', 'Mia');
  const client = await a.connect(mia.token);
  await client.message(({ type }) => type === 'presence');
  const isHere = async ({ call }: Controller) => {
    const { body } = await call('GET', '/api/v1/presence', { token: mia.token });
    return body.people.find(({ id }: { readonly id: string }) => id === mia.id).online;
  };
  expect([await isHere(a), await isHere(late), await isHere(a)]).toEqual([true, true, true]);
  client.close();
  await late.stop();
});

it('takes no name that turns the direction of what stands behind it', async () => {
  const body = { name: 'Bo\u202e', role: 'guest' };
  expect((await a.call('POST', '/api/v1/invites', { token: operatorToken, body })).status).toBe(400);
});

describe('an operator', () => {
  it('who has left is none: the last one who is there stays', async () => {
    const other = await addPerson(a, 'operator', 'Otto');
    const me = (await a.call('GET', '/api/v1/me', { token: operatorToken })).body.person;
    expect((await a.call('DELETE', '/api/v1/me/token', { token: other.token })).status).toBe(200);
    const last = await a.call('PATCH', `/api/v1/people/${me.id}`, { token: operatorToken, body: { role: 'member' } });
    expect([last.status, last.body.error?.code]).toEqual([409, 'operator.last']);
    const left = await a.call('DELETE', `/api/v1/people/${me.id}`, { token: operatorToken });
    expect([left.status, left.body.error?.code]).toEqual([409, 'operator.last']);
  });

  it('takes somebody out of every replica, also while one of them has no way to Redis', async () => {
    const paul = await addPerson(a, 'member', 'Paul');
    const there = await b.connect(paul.token);
    const port = wayPort();
    way.close();
    for (const socket of passing) socket.destroy();
    await a.line(({ message }) => String(message).startsWith('redis went away'));
    expect((await a.call('DELETE', `/api/v1/people/${paul.id}`, { token: operatorToken })).status).toBe(200);
    await openWay(port);
    expect(await there.closed).toBe(4401);
  });

  it('who leaves with a new token does not count by the old one, which has a minute left', async () => {
    const { body } = await a.call('POST', '/api/v1/me/token', { token: operatorToken });
    const left = await a.call('DELETE', '/api/v1/me/token', { token: body.token });
    expect([left.status, left.body.error?.code]).toEqual([409, 'operator.last']);
  });
});
