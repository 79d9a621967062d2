import { expect, it, vi } from 'vitest';
import { AppFailure } from '../../main/core/app-failure.ts';
import type { MoveNotice } from '../../main/services/team/watch.ts';
import { streams } from '../../preload/contract/api.ts';
import { inviteWord } from './fake-team.ts';
import { connect } from './support.ts';

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const node = { engine: 'e', node: 'abc' };

it.each([
  ['team.create', { engine: 'e', name: 'x', machine: 'server', encrypt: true, advertise: '--all; rm' }],
  ['team.create', { engine: 'e', name: 'x', machine: 'toaster', encrypt: true }],
  ['team.invite', { engine: 'e', role: 'root', machine: 'laptop', lasts: 3600 }],
  ['team.invite', { engine: 'e', role: 'worker', machine: 'laptop', lasts: 1 }],
  ['team.invite', { engine: 'e', role: 'worker', machine: 'laptop', lasts: 1e9 }],
  ['team.readInvite', { invite: 'x'.repeat(20_001) }],
  ['team.changeNode', { ...node, action: 'explode' }],
  ['team.changeNode', { ...node, node: '../x', action: 'drain' }],
])('%s with %j is refused before any service is asked', async (method, input) => {
  const page = connect();
  expect(await page.ask(method, input)).toMatchObject({ t: 'error', error: { code: 'input.invalid' } });
  expect(page.called).toEqual([]);
});

it('a page cannot take a working node off the list, nor leave encryption half said', async () => {
  const page = connect();
  await page.ask('team.changeNode', { ...node, action: 'remove', force: true });
  await page.ask('team.changeNode', { ...node, action: 'server' }, 2);
  await page.ask('team.create', { engine: 'e', name: 'Falcon', machine: 'server', encrypt: true }, 3);
  await page.ask('team.create', { engine: 'e', name: 'Falcon', machine: 'server', encrypt: false }, 4);
  const base = { engine: 'e', name: 'Falcon', machine: 'server', autolock: false };
  expect(page.called).toEqual([
    `removeNode ${JSON.stringify([{ ...node, force: false }])}`,
    `changeNode ${JSON.stringify([node, { kind: 'role', machine: 'server' }])}`,
    // Absent: where the kernel can, and a warning where it cannot.
    `create ${JSON.stringify([base])}`,
    `create ${JSON.stringify([{ ...base, encrypt: false }])}`,
  ]);
});

it('addresses that nobody reaches are not offered', async () => {
  const answer = await connect().ask('team.addresses', { engine: 'e' });
  expect(answer).toMatchObject({ output: { listed: true, addresses: [{ name: 'eth0' }] } });
});

it('an invite is in the answer of its making alone: no list of them and no log has it', async () => {
  const page = connect();
  expect(await page.ask('team.invite', { engine: 'e', role: 'worker', machine: 'laptop', lasts: 60 })).toMatchObject({
    output: { invite: inviteWord },
  });
  const others = [
    await page.ask('team.invites', { engine: 'e' }, 2),
    await page.ask('team.readInvite', { invite: inviteWord }, 3),
    page.lines,
  ];
  expect(JSON.stringify(others)).not.toContain('secretletters');
});

it('a refused invite gives its reason, and what was pasted is neither in it nor in the log', async () => {
  const page = connect();
  const error = { code: 'swarm.invite-expired' as const, message: 'The invite to Falcon expired.', hint: 'Ask.' };
  Object.assign(page.services.team, {
    readInvite: () => {
      throw new AppFailure(error);
    },
    tryInvite: () => Promise.reject(new TypeError('a defect')),
  });
  expect(await page.ask('team.readInvite', { invite: inviteWord })).toMatchObject({ t: 'error', error });
  expect(await page.ask('team.tryInvite', { invite: inviteWord }, 2)).toMatchObject({ error: { code: 'internal' } });
  expect(JSON.stringify([page.sent, page.lines])).not.toContain('secretletters');
});

it('joining says how far it is, what came of it, and ends', async () => {
  const page = connect();
  page.connection.receive({ t: 'open', id: 7, stream: 'joining', input: { engine: 'e', invite: inviteWord } });
  await settle();
  const frames = page.frames(7).map((frame) => streams.joining.frame.parse(frame));
  expect(frames.map(({ kind }) => kind)).toEqual(['progress', 'joined']);
  expect(page.sent.at(-1)).toEqual({ t: 'end', id: 7 });
});

it('no frame is lost, and nothing is joined twice, while the page reads slowly', async () => {
  const page = connect();
  const join = vi.spyOn(page.services.team, 'join');
  page.fill(8 * 1024 * 1024);
  page.connection.receive({ t: 'open', id: 7, stream: 'joining', input: { engine: 'e', invite: inviteWord } });
  await settle();
  page.fill(0);
  await settle();
  expect(page.frames(7)).toHaveLength(2);
  expect(join).toHaveBeenCalledOnce();
});

it('closed before its end it is called off', async () => {
  const page = connect();
  let signal: AbortSignal | undefined;
  Object.assign(page.services.team, {
    join: (_options: unknown, given: AbortSignal) => {
      signal = given;
      return new Promise(() => undefined);
    },
  });
  page.connection.receive({ t: 'open', id: 7, stream: 'joining', input: { engine: 'e', invite: inviteWord } });
  expect(signal?.aborted).toBe(false);
  page.connection.receive({ t: 'close', id: 7 });
  expect(signal?.aborted).toBe(true);
});

it('a move is told when it is noticed and when it is over, and joining again is asked for with the address alone', async () => {
  const page = connect();
  let notice: (moved: MoveNotice) => void = () => undefined;
  Object.assign(page.services.team, {
    watchMoves: async ({ onNotice }: { onNotice: typeof notice }, signal: AbortSignal) => {
      notice = onNotice;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  });
  page.connection.receive({ t: 'open', id: 7, stream: 'moves', input: { engine: 'e' } });
  await settle();
  const [team, says] = ['Falcon', 'a sentence for a terminal'];
  notice({ team, says, moved: { known: '10.0.0.4', now: ['10.0.0.9'], says } });
  notice({ team, says, moved: undefined });
  expect(page.frames(7)).toEqual([{ moved: { team, known: '10.0.0.4', now: ['10.0.0.9'] } }, {}]);
  expect(await page.ask('team.rejoin', { engine: 'e', advertise: '10.0.0.9' }, 8)).toMatchObject({
    output: { team, address: '10.0.0.9', labelsKept: true },
  });
  expect(page.called).toEqual([`rejoin ${JSON.stringify([{ engine: 'e', probe: true, advertise: '10.0.0.9' }])}`]);
});

it.each([
  ['team.unlock', { engine: 'e', key: 'SWMKEY-1-x; rm' }],
  ['team.label', { ...node, labels: { 'a b': 'c' } }],
  ['team.leave', { engine: 'e' }],
])('%s with %j is refused before any service is asked', async (method, input) => {
  const page = connect();
  expect(await page.ask(method, input)).toMatchObject({ t: 'error', error: { code: 'input.invalid' } });
  expect(page.called).toEqual([]);
});

it('an unlock key is in the answer only where no keychain took it, and in no log', async () => {
  const page = connect();
  expect(await page.ask('team.autolock', { engine: 'e', on: true })).toMatchObject({ output: {} });
  const unlockKey = `SWMKEY-1-${'k'.repeat(43)}`;
  Object.assign(page.services.team, { setAutolock: async () => ({ autolock: true, unlockKey }) });
  expect(await page.ask('team.autolock', { engine: 'e', on: true }, 2)).toMatchObject({ output: { unlockKey } });
  Object.assign(page.services.team, { unlock: () => Promise.reject(new TypeError('a defect')) });
  expect(await page.ask('team.unlock', { engine: 'e', key: unlockKey }, 3)).toMatchObject({ t: 'error' });
  expect(JSON.stringify([page.sent.at(-1), page.lines])).not.toContain('kkkk');
});

it('a label that is taken away is told apart from an empty one', async () => {
  const page = connect();
  const seen: unknown[] = [];
  Object.assign(page.services.team, { changeNode: async (...given: readonly unknown[]) => void seen.push(...given) });
  await page.ask('team.label', { ...node, labels: { old: null, empty: '' } });
  expect(seen).toEqual([node, { kind: 'label', labels: { old: undefined, empty: '' } }]);
});
