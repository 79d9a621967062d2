import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testEngine } from '../support/engine.ts';
import { startTeamDatabases, type TeamDatabases } from '../support/team-databases.ts';
import {
  addPerson,
  type Client,
  type Controller,
  operatorToken,
  type Person,
  startController,
} from './controller-support.ts';

/*
 * 200 members on two replicas, of which one is killed, and then Postgres with the other: nothing that was answered as
 * recorded is lost, and everybody is back within 10 s.
 */

const members = 200;
const engine = testEngine();
let databases: TeamDatabases;
/** Those that live; who lost theirs tries the next. */
const replicas: Controller[] = [];
const people: Person[] = [];
const recorded: string[] = [];
const refusals = new Map<number, number>();
let over = false;

/** As the app does it: always connected, or trying to be. */
class Member {
  client: Client | undefined;
  replica: Controller | undefined;
  readonly person: Person;
  readonly number: number;
  constructor(person: Person, number: number) {
    this.person = person;
    this.number = number;
  }
  async live(): Promise<void> {
    for (let at = this.number; !over; at += 1) {
      const replica = replicas[at % replicas.length];
      try {
        const client = await replica?.connect(this.person.token);
        if (client === undefined) throw new Error('There is no replica.');
        await client.message(({ type }) => type === 'hello');
        client.send({ type: 'environment', machine: `laptop-${this.number}`, state: 'running' });
        this.client = client;
        this.replica = replica;
        if (over) client.close();
        await client.closed;
        this.client = undefined;
      } catch {
        // Refused, or nobody there: another one, a moment later and not all at once.
        await pause(200 + Math.random() * 300);
      }
    }
  }
}
const everybody: Member[] = [];
const connected = () => everybody.filter(({ client }) => client !== undefined).length;

async function write(offset: number): Promise<void> {
  for (let at = offset; !over; at += 20) {
    const person = people[at % people.length];
    const replica = replicas[at % replicas.length];
    if (person === undefined || replica === undefined) continue;
    const asked = { token: person.token, body: { title: `incident ${at}` } };
    const answer = await replica.call('POST', '/api/v1/incidents', asked).catch(() => undefined);
    const status = answer?.status ?? 0;
    if (status === 201) recorded.push(answer?.body.id);
    else refusals.set(status, (refusals.get(status) ?? 0) + 1);
    await pause(50);
  }
}

beforeAll(async () => {
  databases = await startTeamDatabases(engine);
  replicas.push(...(await Promise.all([startController(databases), startController(databases)])));
  await Promise.all(replicas.map((replica) => replica.line(({ message }) => message === 'ready')));
  const [first] = replicas;
  if (first === undefined) throw new Error('There is no replica.');
  for (let at = 0; at < members; at += 20) {
    const some = Array.from({ length: 20 }, (_, index) => addPerson(first, 'member', `Member ${at + index}`));
    people.push(...(await Promise.all(some)));
  }
  everybody.push(...people.map((person, at) => new Member(person, at)));
});

afterAll(async () => {
  over = true;
  await Promise.all(replicas.map((replica) => replica.stop()));
  await engine.cleanUp();
});

/** Until everybody is connected. @returns seconds */
async function untilBack(): Promise<number> {
  const start = performance.now();
  await expect.poll(connected, { timeout: 30_000, interval: 50 }).toBe(members);
  return (performance.now() - start) / 1000;
}

it('loses nothing that it has recorded, and everybody is back within 10 s', async () => {
  const lives = everybody.map((member) => member.live());
  const writers = Array.from({ length: 20 }, (_, at) => write(at));
  await untilBack();

  const [killed, other] = replicas;
  if (killed === undefined || other === undefined) throw new Error('There are no replicas.');
  const lost = everybody.filter(({ replica }) => replica === killed).map(({ client }) => client?.closed);
  replicas.splice(0, 1);
  await killed.stop('SIGKILL');
  expect(lost.length).toBeGreaterThan(0);
  await Promise.all(lost);
  const afterKill = await untilBack();

  // Swarm starts another one; then the machine with Postgres and a replica on it goes.
  const third = await startController(databases);
  replicas.push(third);
  await Promise.all([databases.kill('postgres'), other.stop('SIGKILL')]);
  replicas.splice(replicas.indexOf(other), 1);
  await databases.start('postgres');
  const afterBoth = await untilBack();
  const mark = recorded.length;
  await expect.poll(() => recorded.length).toBeGreaterThan(mark + 100);

  const presence = async () => (await third.call('GET', '/api/v1/presence', { token: operatorToken })).body;
  const online = async () => (await presence()).people.filter((person: { online: boolean }) => person.online).length;
  await expect.poll(online).toBe(members);
  over = true;
  for (const { client } of everybody) client?.close();
  await Promise.all([...lives, ...writers]);

  const kept = new Set(await databases.read('select id from incidents'));
  expect(recorded.filter((id) => !kept.has(id))).toEqual([]);
  expect(recorded.length).toBeGreaterThan(100);
  expect(await databases.read('select count(*) from environments')).toEqual([String(members)]);
  expect(await databases.read("select count(*) from people where role = 'member'")).toEqual([String(members)]);
  console.log(
    `${recorded.length} recorded; back ${afterKill.toFixed(1)} s after a replica was killed, ${afterBoth.toFixed(1)} s after Postgres and the other one; refused: ${JSON.stringify([...refusals])}`,
  );
  expect(afterKill).toBeLessThan(10);
  expect(afterBoth).toBeLessThan(10);
  // A defect answers 500, and who was let in stays let in.
  expect([...refusals.keys()].filter((status) => status !== 0 && status !== 503)).toEqual([]);
});
