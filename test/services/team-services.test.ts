import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeInvite } from '../../main/core/swarm/invite.ts';
import { status } from '../support/fake-team-link.ts';
import { ca, code, first, me, prepare, refusal, second, token } from './team-services-support.ts';

/* Into a team's services, out of them, and what is asked of whom. */

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const word = (more: Partial<Parameters<typeof encodeInvite>[0]> = {}) =>
  encodeInvite(
    {
      ...{ id: 'i1', team: 'Falcon', expires: Date.UTC(2026, 5, 1) / 1000 },
      services: { addresses: [first, second], ca: ca.sha256, code },
      ...more,
    },
    sha256,
  );
const join = (invite = word()) => ({ invite, probe: false });

describe('joining', () => {
  it('turns the code into a token that the keychain alone has', async () => {
    const { linked, services, state, keychain, lines } = prepare();
    const { linked: made, joined } = await linked.enter(join());
    expect(made).toMatchObject({ team: 'Falcon', person: me, servers: [{ name: 'context7' }] });
    expect(joined).toBeUndefined();
    expect(services.asked).toMatchObject([
      { call: 'POST join', body: { code } },
      { call: 'PUT me/environment', body: { machine: 'laptop', state: 'running' } },
    ]);
    expect(services.asked[0]?.token).toBeUndefined();
    expect([...keychain.values.values()]).toEqual([token]);
    const elsewhere = JSON.stringify([made, [...state.documents], lines, await linked.link()]);
    for (const secret of [token, code]) expect(elsewhere).not.toContain(secret);
    expect(await linked.token()).toBe(token);
  });

  it('tells nobody the code whose certificate the invite does not name', async () => {
    const { linked, services, keychain } = prepare();
    services.ca.sha256 = 'cd'.repeat(32);
    expect(await refusal(linked.enter(join()))).toMatchObject({ code: 'team.other-certificate' });
    expect(services.asked).toEqual([]);
    expect(keychain.values.size).toBe(0);
    expect(await linked.link()).toBeUndefined();
  });

  it('asks the next address for the certificate and for the token, where one is silent', async () => {
    const { linked, services } = prepare();
    services.broken.set(first, 'silent');
    await linked.enter(join());
    expect(new Set(services.asked.map(({ address }) => address))).toEqual(new Set([second]));
    services.broken.set(second, 'silent');
    const other = prepare();
    for (const address of [first, second]) other.services.broken.set(address, 'silent');
    const error = await refusal(other.linked.enter(join()));
    expect(error).toMatchObject({ code: 'team.unreachable', retry: true });
    expect(error.detail).toContain(second);
  });

  it('with a Swarm part tells the team which node is this person’s', async () => {
    const token1 = 'SWMTKN-1-041kswuiaus0i5v86ybk2sff0s4f7yugroq1tg02pm4yu6ibom-b538to69yycv6ilr6du8iez0c';
    const swarm = { role: 'worker', machine: 'laptop', managers: ['10.0.0.1:2377'], token: token1 } as const;
    const joined = { ...{ team: 'Falcon', role: 'worker' as const, nodeId: 'n', hostname: 'n7', address: '10.0.0.7' } };
    const overlay = { verdict: 'both', says: '' } as const;
    const { linked, services } = prepare({
      team: { join: async () => ({ ...joined, warnings: [], overlay, notes: [] }) },
    });
    const order: string[] = [];
    await linked.enter({ ...join(word({ swarm })), onLinked: () => order.push('linked') });
    expect(order).toEqual(['linked']);
    expect(services.asked.at(-1)).toMatchObject({ call: 'PUT me/environment', body: { node: 'n7' } });
  });

  it('uses no code where no keychain could take the token', async () => {
    const { linked, calls } = prepare({ locked: true });
    expect(await refusal(linked.enter(join()))).toMatchObject({ code: 'keychain.locked' });
    expect(calls()).toEqual([]);
  });

  it.each([
    ['used', status(410, { error: { code: 'invite.used', message: 'This invite was used.' } }), 'swarm.invite-refused'],
    ['unknown', status(404, { error: { code: 'invite.unknown', message: 'No such.' } }), 'swarm.invite-refused'],
    ['pending', status(409, { error: { code: 'invite.pending', message: 'Not yet.' } }), 'team.pending'],
    ['asked too often', status(429), 'team.unavailable'],
  ])('an invite that is %s says so', async (_what, answer, expected) => {
    const { linked, services, keychain } = prepare();
    services.answers.set('POST join', answer);
    expect(await refusal(linked.enter(join()))).toMatchObject({ code: expected });
    expect(keychain.values.size).toBe(0);
  });

  it('does not use a second code for the same team, and refuses another team', async () => {
    const { linked, calls } = prepare();
    await linked.enter(join());
    const { linked: again } = await linked.enter(join());
    expect(again?.notes).toHaveLength(1);
    expect(calls().filter((call) => call === 'POST join')).toHaveLength(1);
    const other = word({ services: { addresses: [first], ca: 'cd'.repeat(32), code } });
    expect(await refusal(linked.enter(join(other)))).toMatchObject({ code: 'team.already-linked' });
  });

  it('takes the place of a link whose team has another CA by now, and sends the old token nowhere', async () => {
    const { linked, services, keychain } = prepare();
    await linked.enter(join());
    const [before] = keychain.values.keys();
    Object.assign(services.ca, { pem: 'the new CA', sha256: 'cd'.repeat(32) });
    const asked = services.asked.length;
    const another = token.replace(/x$/, 'y');
    services.answers.set('POST join', { token: another, person: me, team: 'Falcon', servers: [] });
    const other = word({ services: { addresses: [first], ca: 'cd'.repeat(32), code } });
    const { linked: again } = await linked.enter(join(other));
    expect(again?.notes).toEqual([expect.stringContaining('team person rm p1')]);
    expect(await linked.link()).toMatchObject({ ca: 'the new CA', caDigest: 'cd'.repeat(32) });
    expect([...keychain.values.keys()]).not.toContain(before);
    expect([...keychain.values.values()]).toEqual([another]);
    expect(services.asked.slice(asked).flatMap((one) => one.token ?? [])).not.toContain(token);
  });
});

describe('the certificate', () => {
  it('is said to end from 30 days before, with who can make another one', async () => {
    const { linked, services, link, clock } = prepare();
    const { request } = services;
    await link();
    const warned = async (days: number) => {
      const certificateEnds = clock.now() + days * 86_400_000;
      const answer = async (...args: Parameters<typeof request>) => ({ ...(await request(...args)), certificateEnds });
      Object.assign(services, { request: answer });
      const { link: open } = await linked.look([]);
      return open.kind === 'open' ? open.warning : open;
    };
    expect(await warned(31)).toBeUndefined();
    expect(await warned(29.5)).toMatchObject({
      message: expect.stringContaining('in 29 days'),
      hint: expect.stringContaining('Tell an operator'),
    });
    services.answers.set('GET me', { person: { ...me, role: 'operator' }, team: 'Falcon', servers: [] });
    expect(await warned(1.5)).toMatchObject({
      message: expect.stringContaining('in 1 day,'),
      hint: expect.stringContaining('`team up`'),
    });
  });

  it('that has expired is said to be that, is no other team’s, and is tried again', async () => {
    const { linked, services, link } = prepare();
    await link();
    Object.assign(services, { request: async () => ({ kind: 'expired', why: 'certificate has expired' }) });
    expect(await refusal(linked.look([]))).toMatchObject({
      code: 'team.unreachable',
      message: expect.stringContaining('certificate has expired'),
      hint: expect.stringContaining('clock'),
      retry: true,
    });
  });
});

describe('asking', () => {
  it('goes on with the address that answered last, and passes by who is somebody else', async () => {
    const { linked, services, link } = prepare();
    await link();
    services.broken.set(first, 'other');
    await linked.setRole('Olga', 'member').catch(() => undefined);
    services.broken.delete(first);
    await linked.approveInvite('i9').catch(() => undefined);
    expect(new Set(services.asked.map(({ address }) => address))).toEqual(new Set([second]));
    for (const address of [first, second]) services.broken.set(address, 'other');
    expect(await refusal(linked.approveInvite('i9'))).toMatchObject({ code: 'team.other-certificate' });
  });

  it('does not do twice what may have been done, and asks again for what only reads', async () => {
    const { linked, services, link, calls } = prepare();
    await link();
    services.broken.set(first, 'lost');
    expect(await refusal(linked.openIncident({ title: 'slow' }))).toMatchObject({ code: 'team.unreachable' });
    expect(calls()).toEqual(['POST incidents']);
    expect((await linked.look(['mcp'])).mcp).toEqual([]);
  });

  it.each([
    [status(401), 'team.revoked'],
    [status(403, { error: { code: 'role.missing', message: 'Members may.' } }), 'team.refused'],
    [status(503), 'team.unavailable'],
    [status(200, { id: '../x' }), 'team.unavailable'],
    [status(302), 'team.refused'],
  ])('%j is told as what it is', async (answer, expected) => {
    const { linked, services, link } = prepare();
    await link();
    services.answers.set('POST incidents', answer);
    const error = await refusal(linked.openIncident({ title: 'slow' }));
    expect(error).toMatchObject({ code: expected });
    expect(JSON.stringify(error)).not.toContain(token);
  });

  it('without a link says how to get one', async () => {
    const error = await refusal(prepare().linked.look(['mcp']));
    expect(error).toMatchObject({ code: 'team.not-linked', hint: expect.stringContaining('team join') });
  });

  it('a part that is not known is told beside the others', async () => {
    const { linked, services, link } = prepare();
    await link();
    services.answers.set('GET config', status(503, { error: { code: 'config.unknown', message: 'Away.' } }));
    const seen = await linked.look(['config', 'mcp', 'people']);
    expect(seen.errors).toEqual({ config: expect.objectContaining({ message: 'Away.' }) });
    expect(Object.keys(seen.people ?? {})).toEqual(['p1', 'p2']);
  });

  it('parts that are read at once are all there, whichever comes last', async () => {
    const { linked, link } = prepare();
    await link();
    const seen = await linked.look(['overview', 'people', 'mcp', 'incidents']);
    expect(seen).toMatchObject({ overview: expect.anything(), mcp: [], incidents: expect.anything(), errors: {} });
    expect(Object.keys(seen.people ?? {})).toEqual(['p1', 'p2']);
  });
});

describe('leaving', () => {
  it('ends the token there, then undoes, then forgets it here', async () => {
    const { linked, keychain, calls, link } = prepare();
    await link();
    linked.onLeave(async () => {
      expect(calls()).toEqual(['DELETE me/token']);
      expect(keychain.values.size).toBe(1);
      return ['one file stays'];
    });
    expect((await linked.leaveTeam({ withoutBackup: false })).services).toEqual({
      team: 'Falcon',
      notes: ['one file stays'],
    });
    expect(keychain.values.size).toBe(0);
    expect(await linked.link()).toBeUndefined();
  });

  it('is possible where nobody answers, and says what is left to do', async () => {
    const { linked, services, link, keychain } = prepare();
    await link();
    for (const address of [first, second]) services.broken.set(address, 'silent');
    expect((await linked.leave()).notes).toEqual([expect.stringContaining('An operator can')]);
    expect(keychain.values.size).toBe(0);
  });

  it('the last operator stays, with the token, unless the Swarm ends', async () => {
    const refused = status(409, { error: { code: 'operator.last', message: 'Nobody else could run the team then.' } });
    const leaving = { team: 'Falcon', role: 'manager' as const, last: true, breaks: [] };
    const { linked, services, link, keychain } = prepare({
      team: { adviseLeaving: async () => leaving, leave: async () => ({ team: 'Falcon', ended: true }) },
    });
    await link();
    services.answers.set('DELETE me/token', refused);
    expect(await refusal(linked.leave())).toMatchObject({ code: 'team.refused' });
    expect(keychain.values.size).toBe(1);
    expect(await linked.leaveTeam({ withoutBackup: true })).toMatchObject({ swarm: { ended: true } });
    expect(keychain.values.size).toBe(0);
  });

  it('a Swarm of another team leaves the link alone', async () => {
    const { linked, link } = prepare({
      team: {
        adviseLeaving: async () => ({ team: 'Other', role: 'worker', last: false, breaks: [] }),
        leave: async () => ({ team: 'Other', ended: false }),
      },
    });
    await link();
    expect(await linked.leaveTeam({ withoutBackup: false })).toEqual({ swarm: { team: 'Other', ended: false } });
    expect(await linked.link()).toMatchObject({ team: 'Falcon' });
  });
});

it('moving to another CA keeps the person and the token', async () => {
  const { linked, link, keychain } = prepare();
  await link();
  const now = { addresses: ['10.0.0.9:8443'], ca: 'another', caDigest: 'ef'.repeat(32) };
  await linked.moved({ from: ['cd'.repeat(32)], ...now });
  expect(await linked.link()).toMatchObject({ caDigest: ca.sha256 });
  await linked.moved({ from: ['cd'.repeat(32), ca.sha256], ...now });
  expect(await linked.link()).toMatchObject({ ...now, team: 'Falcon', person: { name: 'Mia' } });
  expect([...keychain.values.values()]).toEqual([token]);
  expect(await linked.token()).toBe(token);
});
