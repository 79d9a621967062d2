import { describe, expect, it } from 'vitest';
import { settle } from '../support/fake-engine-world.ts';
import { status } from '../support/fake-team-link.ts';
import { first, me, prepare, sampleAt, second, sha } from './team-services-support.ts';

/* What is seen of a team's services while they come, go and change: pushed, and asked for only when something says so. */

async function watch(options: Parameters<typeof prepare>[0] = {}) {
  const world = prepare(options);
  await world.link();
  const { shown, stop } = world.follow();
  await world.clock.advance(0);
  return { ...world, shown, stop };
}

describe('following', () => {
  it('shows that there is no link, and the link once there is one', async () => {
    const { follow, clock, link, services } = prepare();
    const { shown } = follow();
    await clock.advance(0);
    expect(shown()).toEqual({ link: { kind: 'none' }, errors: {} });
    expect(services.streams).toEqual([]);
    await link();
    await clock.advance(0);
    expect(shown().link).toMatchObject({ kind: 'open', team: 'Falcon', address: first });
  });

  it('reads everything that the role may see, once', async () => {
    const { shown, calls } = await watch();
    // The first operator's machine takes itself for one until it is told.
    const { errors, link: _link, ...parts } = shown();
    expect(errors).toEqual({});
    expect(Object.keys(parts).sort()).toEqual(['config', 'deploys', 'incidents', 'mcp', 'overview', 'people', 'trend']);
    expect(shown().link).toMatchObject({ kind: 'open', me });
    expect(shown().deploys).toEqual([expect.objectContaining({ by: 'olga', what: 'web' })]);
    const asked = calls().length;
    expect(calls().filter((call) => call === 'GET me')).toHaveLength(1);
    await settle();
    expect(calls()).toHaveLength(asked);
  });

  it('a guest is asked nothing for that guests may not see', async () => {
    const world = prepare();
    const guest = { ...me, role: 'guest' };
    world.services.answers.set('GET me', { person: guest, team: 'Falcon', servers: [] });
    await world.link();
    const { shown } = world.follow();
    await world.clock.advance(0);
    world.services.asked.length = 0;
    world.services.tell({ type: 'changed', what: 'people', seq: 1 });
    world.services.tell({ type: 'changed', what: 'incidents', seq: 2 });
    world.services.tell({ type: 'changed', what: 'config', seq: 3 });
    await settle();
    expect(world.calls()).toEqual(['GET me', 'GET config']);
    expect(shown().people).toBeUndefined();
    expect(shown().config?.pending).toBeUndefined();
  });

  it('reads what a message names, and each once however often it is named', async () => {
    const { services, calls, shown } = await watch();
    services.asked.length = 0;
    services.answers.set('GET mcp', {
      servers: [
        { name: 'magic', path: '/mcp/magic', state: 'running', replicas: 2, p95Seconds: 0.1, requestsPerSecond: 1 },
      ],
    });
    for (let turn = 0; turn < 30; turn += 1) services.tell({ type: 'changed', what: 'mcp', seq: turn });
    services.tell({ type: 'from a later version', seq: 31 });
    await settle();
    expect(shown().mcp).toMatchObject([{ name: 'magic', replicas: 2 }]);
    expect(calls().filter((call) => call === 'GET mcp').length).toBeLessThanOrEqual(2);
    expect(new Set(calls())).toEqual(new Set(['GET mcp', 'GET overview']));
  });

  it('takes presence as it is told, with who is behind; unknown is never away', async () => {
    const { services, shown, calls } = await watch();
    services.asked.length = 0;
    const environment = { machine: 'desk', state: 'running', revision: 'd'.repeat(40), drifted: [], at: '2026-11-21' };
    services.tell({
      type: 'presence',
      known: true,
      people: [{ id: 'p2', online: true, seen: null, environments: [environment] }],
    });
    expect(shown().people?.p2).toMatchObject({ online: true, environments: [{ machine: 'desk', behind: true }] });
    services.tell({
      type: 'presence',
      known: true,
      people: [{ id: 'p2', online: true, seen: null, environments: [{ ...environment, revision: sha }] }],
    });
    expect(shown().people?.p2).toMatchObject({ environments: [{ behind: false }] });
    services.tell({ type: 'presence', known: false, people: [] });
    expect(shown().people?.p1?.online).toBeNull();
    expect(calls()).toEqual([]);
  });

  it('has the last hour of the figures, and each minute that is told, without asking again', async () => {
    const { services, shown, calls } = await watch();
    expect(shown().trend).toEqual([sampleAt(0)]);
    services.asked.length = 0;
    for (const minute of [1, 59, 60]) services.tell({ type: 'sample', sample: sampleAt(minute, minute), seq: minute });
    expect(shown().trend).toEqual([1, 59, 60].map((minute) => sampleAt(minute, minute)));
    expect(calls()).toEqual([]);
  });

  it('an hour that the services cannot tell is not known, and asked for again when there is a minute of it', async () => {
    const world = prepare();
    world.services.answers.set('GET overview/trend', { samples: null });
    await world.link();
    const { shown } = world.follow();
    await world.clock.advance(0);
    expect(shown().trend).toBeNull();
    world.services.answers.set('GET overview/trend', { samples: [sampleAt(0)] });
    world.services.tell({ type: 'sample', sample: sampleAt(1), seq: 1 });
    await settle();
    // The minute that was told is in it, although the answer was older.
    expect(shown().trend).toEqual([sampleAt(0), sampleAt(1)]);
  });

  it('says how this machine is, and again when that is another state', async () => {
    const { services, environment, clock } = await watch();
    expect(services.streams[0]?.sent).toEqual([{ type: 'environment', machine: 'laptop', state: 'running' }]);
    environment.now = { machine: 'laptop', state: 'stopped' };
    environment.tell();
    await clock.advance(0);
    expect(services.streams[0]?.sent.at(-1)).toMatchObject({ state: 'stopped' });
  });

  it('what the database was not there for is said again', async () => {
    const { services, clock } = await watch();
    const away = { code: 'database.unavailable', message: 'The team’s database does not answer now.' };
    services.tell({ type: 'error', error: away, retryAfter: 3 });
    await clock.advance(2999);
    expect(services.streams[0]?.sent).toHaveLength(1);
    await clock.advance(1);
    expect(services.streams[0]?.sent).toHaveLength(2);
    services.tell({ type: 'error', error: { code: 'request.invalid', message: 'machine: too long' } });
    await clock.advance(60_000);
    expect(services.streams[0]?.sent).toHaveLength(2);
  });

  it('another role shows other parts, at once', async () => {
    const { services, shown } = await watch();
    services.answers.set('GET me', { person: { ...me, role: 'operator' }, team: 'Falcon', servers: [] });
    services.tell({ type: 'changed', what: 'people', seq: 1 });
    await settle();
    expect(shown().invites).toEqual([]);
    services.answers.set('GET me', { person: { ...me, role: 'guest' }, team: 'Falcon', servers: [] });
    services.tell({ type: 'changed', what: 'people', seq: 2 });
    await settle();
    const { link, errors: _errors, ...parts } = shown();
    expect(Object.keys(parts).sort()).toEqual(['config', 'mcp']);
    expect(link).toMatchObject({ me: { role: 'guest' } });
  });

  it('a part that cannot be read says why, keeps what was seen, and mends', async () => {
    const { services, shown, clock } = await watch();
    const before = shown().mcp;
    services.answers.set('GET mcp', status(503, { error: { code: 'x', message: 'The database is away.' } }));
    services.tell({ type: 'changed', what: 'mcp', seq: 1 });
    await settle();
    expect(shown().errors.mcp).toMatchObject({ code: 'team.unavailable', message: 'The database is away.' });
    expect(shown().mcp).toBe(before);
    services.answers.set('GET mcp', { servers: [] });
    await clock.advance(10_000);
    expect(shown().errors).toEqual({});
    expect(clock.pending()).toBe(0);
  });
});

describe('a connection that is lost', () => {
  it('is made anew within ten seconds at whatever address answers, and what was seen stays', async () => {
    const { services, clock, shown } = await watch();
    const people = shown().people;
    services.broken.set(first, 'silent').set(second, 'silent');
    services.drop();
    await clock.advance(0);
    expect(shown().link).toMatchObject({ kind: 'connecting', error: { code: 'team.unreachable' } });
    expect(shown().people).toBe(people);
    await clock.advance(600_000);
    services.broken.delete(second);
    await clock.advance(10_000);
    expect(shown().link).toMatchObject({ kind: 'open', address: second });
  });

  it('is not tried all the time while nobody answers', async () => {
    const { services, clock } = await watch();
    let tries = 0;
    const { open } = services;
    Object.assign(services, {
      open: (...given: Parameters<typeof open>) => {
        tries += 1;
        return open(...given);
      },
    });
    services.broken.set(first, 'silent').set(second, 'silent');
    services.drop();
    await clock.advance(600_000);
    // Two addresses, at least six seconds apart once it has gone on for a while.
    expect(tries).toBeLessThan((600 / 6) * 2 + 20);
  });

  it('because the token was revoked, is left alone until somebody asks for it', async () => {
    const { services, clock, shown, linked } = await watch();
    services.refuse = 401;
    services.drop(4401);
    await clock.advance(60_000);
    expect(shown().link).toMatchObject({ kind: 'refused', error: { code: 'team.revoked' } });
    expect(clock.pending()).toBe(0);
    delete services.refuse;
    linked.retry();
    await clock.advance(0);
    expect(shown().link).toMatchObject({ kind: 'open' });
  });

  it('because the token was renewed elsewhere, comes back with the new one', async () => {
    const { services, clock, shown, keychain } = await watch();
    for (const account of keychain.values.keys()) keychain.values.set(account, `cet_${'n'.repeat(43)}`);
    services.drop(4401);
    await clock.advance(10_000);
    expect(shown().link).toMatchObject({ kind: 'open' });
    expect(services.asked.at(-1)?.token).toBe(`cet_${'n'.repeat(43)}`);
  });
});

it('nobody who looks, no connection; the one that is held stays', async () => {
  const { linked, services, clock, stop, shown } = await watch();
  const before = shown();
  const release = linked.hold();
  stop();
  await clock.advance(0);
  expect(services.streams[0]?.closed).toBe(false);
  release();
  await clock.advance(0);
  expect(services.streams[0]?.closed).toBe(true);
  // What was seen is there at once for who looks again.
  const frames: unknown[] = [];
  const again = new AbortController();
  void linked.follow((frame) => frames.push(frame), again.signal);
  expect(frames[0]).toMatchObject({ kind: 'snapshot', state: { people: before.people } });
  again.abort();
});

it('the end of the link ends the stream and what was shown', async () => {
  const { linked, services, clock, shown } = await watch();
  await linked.leave();
  await clock.advance(0);
  expect(services.streams[0]?.closed).toBe(true);
  expect(shown()).toEqual({ link: { kind: 'none' }, errors: {} });
});
