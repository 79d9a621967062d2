import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import { decodeInvite } from '../../main/core/swarm/invite.ts';
import type { TeamView } from '../../main/services/team/view.ts';
import { memberNode, memberSelf } from '../support/builders-swarm.ts';
import { status } from '../support/fake-team-link.ts';
import { ca, code, first, prepare, refusal, second } from './team-services-support.ts';

/* Letting people in and out: what is done in which order, and what is told where a part of it fails. */

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const failure = (message: string) => new AppFailure({ code: 'swarm.refused', message });
const nodes = ['desk', 'falcon-1'].map((hostname) => ({
  ...memberNode({ id: `id-${hostname}`, hostname }),
  here: false,
}));
const asManager: TeamView = {
  ...{
    engine: 'e',
    member: true,
    self: memberSelf({ manager: true }),
    nodes,
    source: 'manager',
    invites: [],
    notes: [],
  },
};
const olgas = {
  known: true,
  people: [{ id: 'p2', online: true, environments: [{ machine: 'desk.local', state: 'running', node: 'desk' }] }],
};
const secrets = [{ id: 's', name: 'shop_db', labels: { 'com.docker.stack.namespace': 'shop' }, createdAt: 0 }];

async function withSwarm(team: Parameters<typeof prepare>[0] = {}) {
  const done: string[] = [];
  const world = prepare({
    ...team,
    team: {
      view: async () => asManager,
      rotate: async ({ role }) => {
        done.push(`rotate ${role}`);
        return { role, died: [] };
      },
      removeNode: async ({ node, force }) => {
        done.push(`remove ${node} ${force}`);
        return memberNode({});
      },
      ...team.team,
    },
    stacks: {
      observe: async () => ({ secrets }) as never,
      services: async () => [{ id: 'w', name: 'shop_web' }] as never,
      tasks: async () => {
        done.push('tasks');
        const spec = { ContainerSpec: { Secrets: [{ SecretName: 'shop_db' }] } };
        return [{ service: 'w', node: 'id-desk', spec }] as never;
      },
    },
  });
  await world.link();
  world.services.answers.set('GET presence', olgas);
  world.services.answers.set('DELETE people/p2', { revoked: 2, nodes: ['desk', 'phone'], invitesEnded: 1 });
  return { ...world, done };
}

describe('taking somebody out', () => {
  it('says before what it means', async () => {
    const { linked, services } = await withSwarm();
    const advice = await linked.adviseRemoval('olga', {});
    expect(advice).toMatchObject({ name: 'Olga', nodes: ['desk'] });
    expect(advice.means.join(' ')).toContain('desk, by what their machines say, is taken out of the Swarm');
    expect(services.asked.every(({ call }) => call.startsWith('GET'))).toBe(true);
  });

  it('revokes first, looks at secrets before their tasks are forgotten, rotates, and removes nodes', async () => {
    const { linked, calls, done } = await withSwarm();
    const removed = await linked.removePerson('Olga', {});
    expect(calls().at(-1)).toBe('DELETE people/p2');
    expect(done).toEqual(['tasks', 'rotate worker', 'rotate manager', 'remove id-desk true']);
    expect(removed).toMatchObject({
      ...{ name: 'Olga', revoked: 2, invitesEnded: 1, rotated: ['worker', 'manager'], nodes: ['desk'] },
      secrets: [{ name: 'db', stack: 'shop', why: 'shop_web on desk' }],
    });
  });

  it('goes on with the rest where a part fails, and says what is left and how', async () => {
    const { linked } = await withSwarm({
      team: {
        rotate: async ({ role }) => {
          if (role === 'manager') throw failure('The managers are busy.');
          return { role, died: [] };
        },
        removeNode: () => Promise.reject(failure('desk is the last manager.')),
      },
    });
    const removed = await linked.removePerson('p2', {});
    expect(removed).toMatchObject({ revoked: 2, rotated: ['worker'], nodes: [] });
    expect(removed.notes).toEqual([
      'The managers are busy. By hand: claude-env team rotate manager',
      'desk is the last manager. By hand: claude-env team node rm desk --force',
    ]);
  });

  it('leaves alone what somebody else works on, what several are called, and what was not agreed to', async () => {
    const claims = (...names: string[]) => names.map((node) => ({ machine: node, state: 'running', node }));
    const twice = [...nodes, { ...memberNode({ id: 'id-x', hostname: 'falcon-1' }), here: false }];
    const { linked, services, done } = await withSwarm({
      team: { view: async () => ({ ...asManager, nodes: twice }) },
    });
    const people = [
      { id: 'p1', online: true, environments: claims('desk') },
      { id: 'p2', online: true, environments: claims('desk', 'falcon-1', 'nowhere') },
    ];
    services.answers.set('GET presence', { known: true, people });
    expect((await linked.adviseRemoval('Olga', {})).nodes).toEqual([]);
    const removed = await linked.removePerson('Olga', {});
    expect(removed.nodes).toEqual([]);
    expect(removed.notes.slice(0, 2)).toEqual([
      expect.stringContaining('desk stays: Mia works there'),
      expect.stringContaining('2 nodes are called falcon-1'),
    ]);
    services.answers.set('GET presence', olgas);
    expect((await linked.removePerson('Olga', { nodes: [] })).nodes).toEqual([]);
    expect(done.filter((what) => what.startsWith('remove'))).toEqual([]);
  });

  it('leaves the node with the team’s data, whoever claims to be it: the services would go with it', async () => {
    const labels = { 'io.claude-env.role': 'server', 'io.claude-env.data': 'team' };
    const [desk, other] = nodes;
    const marked = [{ ...memberNode({ id: 'id-desk', hostname: 'desk', labels }), here: false }, other ?? desk];
    const { linked, done } = await withSwarm({
      team: { view: async () => ({ ...asManager, nodes: marked.filter((node) => node !== undefined) }) },
    });
    expect((await linked.adviseRemoval('Olga', {})).means.join(' ')).toContain(
      'desk stays: the team’s data are there.',
    );
    expect((await linked.removePerson('Olga', {})).nodes).toEqual([]);
    expect(done.filter((what) => what.startsWith('remove'))).toEqual([]);
  });

  it('away from a manager revokes, and names what is to be done on one', async () => {
    const { linked, done } = await withSwarm({ team: { view: async () => ({ ...asManager, source: 'self' }) } });
    const removed = await linked.removePerson('Olga', {});
    expect(removed).toMatchObject({ revoked: 2, rotated: [], nodes: [] });
    expect(removed.notes.join()).toContain('team rotate worker');
    expect(done).toEqual([]);
  });

  it('touches nothing of the Swarm where the services refuse', async () => {
    const { linked, services, done } = await withSwarm();
    const message = 'Nobody else could run the team then.';
    services.answers.set('DELETE people/p2', status(409, { error: { code: 'operator.last', message } }));
    expect(await refusal(linked.removePerson('Olga', {}))).toMatchObject({ code: 'team.refused', message });
    expect(done).toEqual([]);
  });

  it('nobody, or several of a name, are asked for more exactly', async () => {
    const { linked, services } = await withSwarm();
    expect((await refusal(linked.removePerson('Bo', {}))).hint).toContain('Mia, Olga');
    const olga = { name: 'Olga', role: 'guest' };
    services.answers.set('GET people', { people: ['p2', 'p3'].map((id) => ({ id, ...olga })) });
    expect((await refusal(linked.removePerson('olga', {}))).hint).toContain('p3');
  });
});

describe('letting somebody in', () => {
  const issued = { code, id: 'i7', expires: '2026-01-02T00:00:00.000Z', state: 'open' };
  const read = (word: string) => decodeInvite(word, { sha256, now: Date.UTC(2026, 0, 1) });

  it('makes a word with the addresses, the CA and the code, for the services alone', async () => {
    const { linked, services, lines, state } = await withSwarm();
    services.answers.set('POST invites', status(201, issued));
    const made = await linked.invitePerson({ name: 'Bo', role: 'guest', lasts: 5400 });
    expect(services.asked.at(-1)?.body).toEqual({ name: 'Bo', role: 'guest', hours: 1.5 });
    expect(made).toMatchObject({ id: 'i7', team: 'Falcon', pending: false });
    const wanted = { addresses: [first, second], ca: ca.sha256, code };
    expect(read(made.invite)).toMatchObject({ invite: { team: 'Falcon', services: wanted } });
    expect(JSON.stringify([lines, [...state.documents]])).not.toContain(code);
  });

  it('takes the code back where the Swarm makes no invite for the machine', async () => {
    const { linked, services, calls } = await withSwarm({ team: { invite: () => Promise.reject(failure('No.')) } });
    services.answers.set('POST invites', status(201, issued));
    services.answers.set('DELETE invites/i7', {});
    const swarm = { role: 'worker', machine: 'laptop' } as const;
    const error = await refusal(linked.invitePerson({ name: 'Bo', role: 'member', lasts: 3600, swarm }));
    expect(error.message).toBe('No.');
    expect(calls().at(-1)).toBe('DELETE invites/i7');
  });
});

it('a revision is approved by its beginning, where one waits that begins so', async () => {
  const { linked, services, calls } = await withSwarm();
  const pending = ['abcd1', 'abcd2'].map((begin) => ({
    ...{ sha: begin.padEnd(40, '0'), subject: begin, author: 'x', date: '', signature: 'none', signer: null },
  }));
  services.answers.set('GET config/revisions', { revisions: pending });
  for (const { sha } of pending) services.answers.set(`POST config/revisions/${sha}/approve`, {});
  expect((await refusal(linked.approveRevision('abcd'))).message).toContain('2 revisions');
  expect((await refusal(linked.approveRevision('ffff'))).hint).toContain('abcd1');
  expect(calls().some((call) => call.includes('approve'))).toBe(false);
  await linked.approveRevision('abcd2');
  expect(calls().at(-1)).toBe(`POST config/revisions/${pending[1]?.sha}/approve`);
});

describe('a look at the repository', () => {
  const looked = { done: true, error: null, offered: null, waiting: [], pending: 0 };
  const one = { sha: 'ab'.repeat(20), subject: 'Be\u001b kind' };
  const gone = { message: 'The repository cannot be reached.', hint: 'Is it there?' };

  it.each([
    ['nothing', looked, 'Nothing new.'],
    ['nothing', { ...looked, pending: 2 }, 'Nothing new; 2 revisions still wait for approval.'],
    ['news', { ...looked, offered: one }, 'Revision abababab (Be  kind) is offered to everybody now.'],
    ['news', { ...looked, waiting: [one], pending: 1 }, 'Revision abababab (Be  kind) waits for approval.'],
    [
      'news',
      { ...looked, waiting: [one, one], pending: 2 },
      '2 new revisions wait for approval, the newest is abababab',
    ],
    ['news', { ...looked, waiting: [{ ...one, refused: { message: 'It has a link.' } }] }, 'nobody: It has a link.'],
    ['trouble', { ...looked, error: gone }, gone.message],
    ['trouble', { ...looked, offered: one, error: gone }, `now. ${gone.message}`],
    ['going-on', { ...looked, done: false }, 'still reading'],
  ])('says %s', async (outcome, answer, says) => {
    const { linked, services } = await withSwarm();
    services.answers.set('POST config/sync', answer);
    const found = await linked.syncConfig();
    expect(found).toMatchObject({ outcome, says: expect.stringContaining(says) });
    expect(found.hint).toBe(answer.error?.hint);
  });

  it('that comes too often is refused, with when it may be asked for', async () => {
    const { linked, services } = await withSwarm();
    const error = { code: 'rate.limited', message: 'That was too often.', hint: 'Try again in 12 s.' };
    services.answers.set('POST config/sync', status(429, { error }));
    expect(await refusal(linked.syncConfig())).toMatchObject({ code: 'team.unavailable', hint: error.hint });
  });
});
