import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testEngine } from '../support/engine.ts';
import { startTeamDatabases, type TeamDatabases } from '../support/team-databases.ts';
import { answers, rules, sha } from './controller-rules.ts';
import {
  addPerson,
  type Controller,
  type Neighbour,
  operatorToken,
  type Person,
  type Role,
  serviceKey,
  startController,
  startNeighbour,
} from './controller-support.ts';

/* Two real replicas beside a real Postgres and a real Redis. */

const engine = testEngine();
const nobody = '00000000-0000-4000-8000-000000000000';
let databases: TeamDatabases;
let neighbour: Neighbour;
let a: Controller;
let b: Controller;
let guest: Person;
let member: Person;

beforeAll(async () => {
  databases = await startTeamDatabases(engine);
  neighbour = await startNeighbour(answers);
  const env = {
    CONFIG_SYNC_URL: neighbour.url,
    ENGINE_VIEW_URL: neighbour.url,
    GATEWAY_SUMMARY_PORT: String(neighbour.port),
  };
  // At the same moment, on an empty database.
  [a, b] = await Promise.all([startController(databases, env), startController(databases, env)]);
  await Promise.all([a, b].map((replica) => replica.line(({ message }) => message === 'ready')));
  await Promise.all([a, b].map((replica) => replica.line(({ message }) => message === 'redis answers')));
  guest = await addPerson(a, 'guest');
  member = await addPerson(b, 'member');
});

afterAll(async () => {
  await Promise.all([a, b].map((replica) => replica?.stop()));
  await neighbour?.stop();
  await engine.cleanUp();
});

it('migrates an empty database once, whoever of the replicas it is, and makes one first operator', async () => {
  const said = (message: string) => [a, b].flatMap(({ lines }) => lines.filter((line) => line.message === message));
  expect(said('migrated the database')).toHaveLength(1);
  expect(said('added the first operator')).toHaveLength(1);
});

it('does not let the last operator lock everybody out', async () => {
  const answer = await a.call('DELETE', '/api/v1/me/token', { token: operatorToken });
  expect([answer.status, answer.body.error.code]).toEqual([409, 'operator.last']);
});

describe('every route', () => {
  const order = ['anyone', 'guest', 'member', 'operator'];

  it('lets in whom its role says, and nobody else', async () => {
    const { body: document } = await a.call('GET', '/api/v1/openapi.json');
    const served = Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace('/api/v1', '')}`),
    );
    expect(served.toSorted()).toEqual(Object.keys(rules).toSorted());

    const revoked = await addPerson(a, 'operator', 'Revoked');
    expect((await a.call('DELETE', `/api/v1/people/${revoked.id}`, { token: operatorToken })).status).toBe(200);
    for (const [route, { role, gets, body }] of Object.entries(rules)) {
      const [method = '', pattern = ''] = route.split(' ');
      const path = `/api/v1${pattern.replace('{id}', nobody).replace('{sha}', sha)}`;
      const ask = (token?: string) => a.call(method, path, { ...(token && { token }), ...(body ? { body } : {}) });
      for (const token of [undefined, revoked.token, `cet_${'x'.repeat(43)}`, 'Bearer', serviceKey]) {
        const answer = await ask(token);
        expect(answer.status, `${route} with ${token === undefined ? 'no' : 'a wrong'} token`).toBe(
          role === 'anyone' ? gets : 401,
        );
        if (answer.status === 401) expect(answer.body.error.code).toMatch(/^token\./);
      }
      for (const who of ['guest', 'member', 'operator'] as const) {
        // Its own person each: some of these end the token they are called with.
        const { token } = route === 'DELETE /me/token' ? await addPerson(a, who) : { token: tokenOf(who) };
        const answer = await ask(token);
        const may = order.indexOf(who) >= order.indexOf(role);
        expect(answer.status, `${route} as ${who}: ${answer.text.slice(0, 200)}`).toBe(may ? gets : 403);
        if (!may) expect(answer.body.error).toMatchObject({ code: 'role.missing', hint: expect.any(String) });
      }
      // POST /me/token ends the one it was called with a minute later: longer than this takes.
    }
  });
  const tokenOf = (role: Role) =>
    role === 'operator' ? operatorToken : role === 'member' ? member.token : guest.token;

  it.each([
    ['POST', '/incidents', { title: 'x', more: 1 }],
    ['POST', '/incidents', { title: ' ' }],
    ['POST', '/incidents', { title: 'x'.repeat(201) }],
    ['POST', '/incidents', { title: 'x', detail: 'nul \u0000' }],
    ['POST', '/incidents', { title: 5 }],
    ['PATCH', `/incidents/${nobody}`, {}],
    ['PATCH', `/incidents/${nobody}`, { note: ' \n ' }],
    ['POST', '/invites', { name: 'two\nlines', role: 'guest' }],
    ['POST', '/invites', { name: 'x', role: 'root' }],
    ['POST', '/invites', { name: 'x', role: 'guest', hours: 100_000 }],
    ['PUT', '/me/environment', { machine: 'x', state: 'running', revision: 'main' }],
    ['PUT', '/me/environment', { machine: 'x'.repeat(64), state: 'running' }],
    ['PATCH', `/people/not-an-id`, { role: 'guest' }],
    ['GET', '/config/archive/..%2f..%2fstate', undefined],
  ])('%s %s refuses what is not as it should be', async (method, path, body) => {
    const answer = await a.call(method, `/api/v1${path}`, { token: operatorToken, body });
    expect(answer.status).toBe(400);
    expect(answer.body.error.code).toBe('request.invalid');
  });
});

describe('an invite', () => {
  const invite = (token: string, body: object) => a.call('POST', '/api/v1/invites', { token, body });
  const join = (code: string) => b.call('POST', '/api/v1/join', { body: { code } });

  it('makes one person, however many come with it at once', async () => {
    const { body } = await invite(operatorToken, { name: 'Max', role: 'member' });
    const answers = await Promise.all(Array.from({ length: 5 }, () => join(body.code)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 410, 410, 410, 410]);
    const joined = answers.find(({ status }) => status === 201)?.body;
    expect(joined).toMatchObject({
      team: 'Rocket',
      person: { name: 'Max', role: 'member' },
      servers: [
        { name: 'context7', path: '/mcp/context7' },
        { name: 'magic', path: '/mcp/magic' },
      ],
    });
    const me = await a.call('GET', '/api/v1/me', { token: joined.token });
    expect(me.body).toMatchObject({ person: joined.person, config: { applied: null, current: sha } });
  });

  it("of a member's waits until an operator approves it", async () => {
    const { body } = await invite(member.token, { name: 'Gus', role: 'guest' });
    expect(body.state).toBe('pending');
    const early = await join(body.code);
    expect([early.status, early.body.error.code]).toEqual([409, 'invite.pending']);
    await a.call('POST', `/api/v1/invites/${body.id}/approve`, { token: operatorToken });
    expect((await join(body.code)).body.person.role).toBe('guest');
  });

  it('of a member for more than a guest is refused', async () => {
    expect((await invite(member.token, { name: 'Mia', role: 'member' })).status).toBe(403);
  });

  it('that could give a role back is worth nothing once that role was taken', async () => {
    const { id, token } = await addPerson(a, 'operator', 'Oskar');
    const { body } = await invite(token, { name: 'Oskar again', role: 'operator' });
    await a.call('PATCH', `/api/v1/people/${id}`, { token: operatorToken, body: { role: 'member' } });
    expect((await join(body.code)).body.error.code).toBe('invite.ended');
  });

  it('that was withdrawn or has expired is worth nothing', async () => {
    const { body } = await invite(operatorToken, { name: 'Max', role: 'member' });
    await a.call('DELETE', `/api/v1/invites/${body.id}`, { token: operatorToken });
    const short = await invite(operatorToken, { name: 'Max', role: 'member', hours: 0.0001 });
    const codes = [await join(body.code), await join(short.body.code)].map(({ body: { error } }) => error.code);
    expect(codes).toEqual(['invite.ended', 'invite.expired']);
  });

  it('cannot be guessed: an address may try 20 in five minutes', async () => {
    const tries = [];
    for (let at = 0; at < 22; at++)
      tries.push(await a.call('POST', '/api/v1/join', { body: { code: 'cei_x' }, from: '192.0.2.1' }));
    expect(tries.map(({ status }) => status)).toEqual([...Array.from({ length: 20 }, () => 404), 429, 429]);
    expect(Number(tries.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(200);
    // The gateway's word alone: a client that names another address for each try is counted by its own.
    const forged = await fetch(`http://127.0.0.1:${a.ports.http}/api/v1/join`, {
      method: 'POST',
      headers: { 'x-forwarded-for': '192.0.2.1', 'content-type': 'application/json' },
      body: '{"code":"cei_x"}',
    });
    expect(forged.status).toBe(404);
  });
});

describe('the team', () => {
  it('always has an operator', async () => {
    const other = await addPerson(a, 'operator', 'Otto');
    const me = await a.call('GET', '/api/v1/me', { token: operatorToken });
    const everybody = await a.call('GET', '/api/v1/people', { token: operatorToken });
    for (const { id, role } of everybody.body.people)
      if (role === 'operator' && id !== other.id && id !== me.body.person.id)
        await a.call('DELETE', `/api/v1/people/${id}`, { token: operatorToken });
    // Each takes the other out, at once, by another replica: one of them stays.
    const [mine, theirs] = await Promise.all([
      a.call('PATCH', `/api/v1/people/${other.id}`, { token: operatorToken, body: { role: 'member' } }),
      b.call('PATCH', `/api/v1/people/${me.body.person.id}`, { token: other.token, body: { role: 'member' } }),
    ]);
    expect([mine.status, theirs.status].toSorted()).toEqual([200, 403]);
    const left = mine.status === 200 ? operatorToken : other.token;
    const now = await a.call('GET', '/api/v1/people', { token: left });
    const operators = now.body.people.filter(({ role }: { role: Role }) => role === 'operator');
    expect(operators).toHaveLength(1);
    const last = await a.call('DELETE', `/api/v1/people/${operators[0].id}`, { token: left });
    expect([last.status, last.body.error.code]).toEqual([409, 'operator.last']);
    await a.call('PATCH', `/api/v1/people/${me.body.person.id}`, { token: left, body: { role: 'operator' } });
  });
});

describe('the WebSocket', () => {
  const report = { machine: 'laptop', state: 'running', revision: sha, node: 'n1' };

  it('refuses who has no token that holds', async () => {
    for (const token of [undefined, `cet_${'x'.repeat(43)}`])
      await expect(a.connect(token)).rejects.toMatchObject({ statusCode: 401 });
  });

  it('tells everybody, of every replica, who came, what they do, and what changed', async () => {
    const anna = await addPerson(a, 'member', 'Anna');
    const watching = await a.connect(member.token);
    expect(await watching.message(({ type }) => type === 'hello')).toMatchObject({ person: { name: 'member' } });
    const annas = await b.connect(anna.token);
    const before = await b.call('GET', '/api/v1/overview', { token: member.token });
    annas.send({ type: 'environment', ...report });
    interface Presence {
      readonly known: boolean;
      readonly people: readonly { readonly id: string; readonly environments: readonly object[] }[];
    }
    const seen = await watching.message(
      (message) =>
        message.type === 'presence' &&
        (message as unknown as Presence).people.some(
          ({ id, environments }) => id === anna.id && environments.length > 0,
        ),
    );
    const { known, people } = seen as unknown as Presence;
    expect(known).toBe(true);
    expect(people.find(({ id }) => id === anna.id)).toMatchObject({
      online: true,
      environments: [{ ...report, drifted: [], at: expect.any(String) }],
    });
    const overview = await b.call('GET', '/api/v1/overview', { token: member.token });
    const { running, known: machines } = before.body.environments;
    expect(overview.body).toMatchObject({
      environments: { running: running + 1, known: machines + 1 },
      sync: { successRate: 0.75, lastError: null },
      mcp: { p95Seconds: 0.25, requestsPerSecond: 2 },
    });
    expect(overview.body.mcp.perServer[0]).toMatchObject({ name: 'context7', state: 'degraded', replicas: 2 });
    expect(overview.body.drift.behind).not.toContain('Anna/laptop');

    await b.call('POST', '/api/v1/incidents', { token: anna.token, body: { title: 'Slow' } });
    await watching.message(({ type, what }) => type === 'changed' && what === 'incidents');
    annas.close();
    await watching.message(
      (message) => message.type === 'presence' && JSON.stringify(message).includes(`"id":"${anna.id}","online":false`),
    );
    watching.close();
  });

  it('tells a guest of the configuration and the MCP servers, and of nobody', async () => {
    const guests = await a.connect(guest.token);
    await a.call('POST', '/api/v1/incidents', { token: member.token, body: { title: 'Slow again' } });
    await a.call('POST', `/api/v1/config/revisions/${sha}/approve`, { token: operatorToken });
    await guests.message(({ type, what }) => type === 'changed' && what === 'config');
    expect(guests.messages.map(({ type, what }) => what ?? type)).toEqual(['hello', 'config']);
    guests.close();
  });

  it('answers what it cannot take, and stays', async () => {
    const client = await a.connect(member.token);
    for (const wrong of [{ type: 'shout' }, [], { type: 'environment', machine: 'x', state: 'gone' }])
      client.send(wrong);
    client.send({ type: 'environment', machine: 'x', state: 'failed' });
    await client.message((message) => message.type === 'presence' && JSON.stringify(message).includes('"failed"'));
    expect(client.messages.filter(({ type }) => type === 'error')).toHaveLength(3);
    client.close();
  });

  it('ends with the token, on whichever replica it is', async () => {
    const paul = await addPerson(a, 'member', 'Paul');
    const [here, there] = [await a.connect(paul.token), await b.connect(paul.token)];
    there.send({ type: 'environment', ...report, node: 'n7' });
    const named = (message: object) =>
      JSON.stringify(message).includes(paul.id) && JSON.stringify(message).includes('n7');
    await here.message(named);
    const removed = await a.call('DELETE', `/api/v1/people/${paul.id}`, { token: operatorToken });
    expect(removed.body).toEqual({ revoked: 1, nodes: ['n7'], invitesEnded: 0 });
    expect(await Promise.all([here.closed, there.closed])).toEqual([4401, 4401]);
    await expect(b.connect(paul.token)).rejects.toMatchObject({ statusCode: 401 });
  });
});

it('keeps the figures of a minute once, whichever replica looked', async () => {
  const read = async ({ call }: Controller) =>
    (await call('GET', '/api/v1/overview/trend', { token: member.token })).body.samples;
  await expect.poll(async () => (await read(a))[0]).toMatchObject({ sync: 0.75, mcp: 0.25 });
  const minutes = (await read(b)).map(({ at }: { readonly at: string }) => at.slice(0, 16));
  expect(new Set(minutes).size).toBe(minutes.length);
});

describe('for the gateway', () => {
  const introspect = (key: string, token: string) =>
    fetch(`http://127.0.0.1:${a.ports.internal}/internal/introspect`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });

  it('says whose a token is, to nobody without the service key', async () => {
    expect(await (await introspect(serviceKey, guest.token)).json()).toEqual({
      active: true,
      person: { id: guest.id, name: 'guest', role: 'guest' },
    });
    expect(await (await introspect(serviceKey, 'cet_x')).json()).toEqual({ active: false });
    expect((await introspect('k'.repeat(64), guest.token)).status).toBe(401);
    expect((await introspect(operatorToken, guest.token)).status).toBe(401);
  });
});

describe('when a neighbour goes', () => {
  it('loses presence with Redis, and nothing else', async () => {
    const client = await a.connect(member.token);
    await databases.kill('redis');
    await client.message((message) => message.type === 'changed' && message.what === 'presence');
    const presence = await a.call('GET', '/api/v1/presence', { token: member.token });
    expect(presence.body.known).toBe(false);
    expect(presence.body.people[0].online).toBe(null);
    // Nobody tells the replicas of each other now: a token that ends does so all the same.
    const eve = await addPerson(b, 'member', 'Eve');
    const eves = await a.connect(eve.token);
    await b.call('DELETE', `/api/v1/people/${eve.id}`, { token: operatorToken });
    const start = performance.now();
    expect(await eves.closed).toBe(4401);
    expect(performance.now() - start).toBeLessThan(5000);
    await databases.start('redis');
    await client.message((message) => message.type === 'changed' && message.what === 'swarm');
    expect((await a.call('GET', '/api/v1/presence', { token: member.token })).body.known).toBe(true);
    client.close();
  });

  it('answers 503 without Postgres, keeps its clients, and goes on when it is back', async () => {
    const opened = await a.call('POST', '/api/v1/incidents', { token: member.token, body: { title: 'Kept' } });
    const client = await a.connect(member.token);
    await databases.kill('postgres');
    const answer = await a.call('GET', '/api/v1/incidents', { token: member.token });
    expect([answer.status, answer.body.error.code]).toEqual([503, 'database.unavailable']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await a.call('GET', '/health')).status).toBe(200);
    expect((await a.call('GET', '/ready')).status).toBe(503);
    await expect(a.connect(member.token)).rejects.toMatchObject({ statusCode: 503 });
    await databases.start('postgres');
    await expect.poll(async () => (await a.call('GET', '/ready')).status).toBe(200);
    await client.message(({ type, what }) => type === 'changed' && what === 'incidents');
    const { body } = await a.call('GET', '/api/v1/incidents', { token: member.token });
    expect(body.incidents.map(({ id }: { id: string }) => id)).toContain(opened.body.id);
    client.close();
  });

  it('says what is not known, and does not make it up', async () => {
    await neighbour.stop();
    // What was asked for 2 s ago is still the answer.
    await expect.poll(async () => (await a.call('GET', '/api/v1/config', { token: guest.token })).status).toBe(503);
    await expect.poll(async () => (await a.call('GET', '/api/v1/swarm', { token: member.token })).status).toBe(503);
    await expect
      .poll(async () => (await a.call('GET', '/api/v1/mcp', { token: guest.token })).body.servers[0])
      .toMatchObject({ name: 'context7', state: 'unknown', replicas: null, p95Seconds: null });
    const { body } = await a.call('GET', '/api/v1/overview', { token: member.token });
    expect(body).toMatchObject({ drift: { percent: null }, sync: { successRate: null }, mcp: { p95Seconds: null } });
  });
});

describe('what it says of itself', () => {
  it('has the names that dashboards and alerts look for', async () => {
    const { text } = await a.call('GET', '/metrics');
    for (const name of [
      'claude_env_environment_status{state="running"}',
      'claude_env_http_request_duration_seconds_bucket',
      'claude_env_database_up 1',
      'claude_env_redis_up 1',
      'claude_env_database_connections_max 10',
    ])
      expect(text).toContain(name);
  });

  it('never has a secret in it', async () => {
    const secrets = [serviceKey, ...Object.values(databases.secrets), operatorToken, guest.token, member.token];
    const { text } = await a.call('GET', '/metrics');
    for (const secret of secrets) {
      for (const output of [a.output(), b.output(), text]) expect(output).not.toContain(secret);
    }
    expect(a.output()).not.toMatch(/ce[ti]_[\w-]{8}/);
  });

  it('ends in good order when it is told to', async () => {
    const client = await b.connect(member.token);
    expect(await b.stop()).toBe(0);
    expect(await client.closed).toBe(1012);
  });
});
