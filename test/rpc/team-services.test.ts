import { expect, it } from 'vitest';
import { streams } from '../../preload/contract/api.ts';
import { connect } from './support.ts';

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const word = 'claude-env-team-2-secretletters-sum';

it.each([
  ['teamServices.invitePerson', { name: '', role: 'guest', lasts: 3600 }],
  ['teamServices.invitePerson', { name: 'a\u0007b', role: 'guest', lasts: 3600 }],
  ['teamServices.invitePerson', { name: 'Bo', role: 'root', lasts: 3600 }],
  ['teamServices.invitePerson', { name: 'Bo', role: 'guest', lasts: 1e9 }],
  ['teamServices.removePerson', { person: '../people' }],
  ['teamServices.approveInvite', { id: 'a/b' }],
  ['teamServices.approveRevision', { sha: 'HEAD' }],
  ['teamServices.changeIncident', { id: '7', owner: 'p2' }],
])('%s with %j is refused before any service is asked', async (method, input) => {
  const page = connect();
  expect(await page.ask(method, input)).toMatchObject({ t: 'error', error: { code: 'input.invalid' } });
  expect(page.called).toEqual([]);
});

it('an invite for a person alone links and ends, and joins no Swarm', async () => {
  const page = connect();
  page.connection.receive({ t: 'open', id: 7, stream: 'joining', input: { invite: word } });
  await settle();
  const frames = page.frames(7).map((frame) => streams.joining.frame.parse(frame));
  expect(frames.map(({ kind }) => kind)).toEqual(['linked']);
  expect(page.sent.at(-1)).toEqual({ t: 'end', id: 7 });
  expect(JSON.stringify([page.sent, page.lines])).not.toContain('secretletters');
});

it('leaving the Swarm says what it means for the link as well, and what became of it', async () => {
  const page = connect();
  expect(await page.ask('team.adviseLeaving', { engine: 'e' })).toMatchObject({
    output: { breaks: ['all', 'no more servers'] },
  });
  expect(await page.ask('team.leave', { engine: 'e', withoutBackup: false }, 2)).toMatchObject({
    output: { team: 'Falcon', ended: true, notes: ['one file stays'] },
  });
});
