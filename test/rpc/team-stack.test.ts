import { expect, it } from 'vitest';
import { streams } from '../../preload/contract/api.ts';
import { connect } from './support.ts';

it.each([
  ['teamStack.plan', { engine: 'e' }],
  ['teamStack.plan', { engine: '../e', options: {} }],
  ['teamStack.plan', { engine: 'e', options: { names: ['10.0.0.1'] } }],
  ['teamStack.plan', { engine: 'e', options: { names: ['two words'] } }],
  ['teamStack.plan', { engine: 'e', options: { port: 0 } }],
  ['teamStack.plan', { engine: 'e', options: { registry: 'a b' } }],
  ['teamStack.plan', { engine: 'e', options: { configRepo: 'https://x\n--upload-pack' } }],
  ['teamStack.run', { engine: 'e', options: {} }],
])('%s with %j is refused before any engine is asked', async (method, input) => {
  const page = connect();
  expect(await page.ask(method, input)).toMatchObject({ t: 'error', error: { code: 'input.invalid' } });
  expect(page.called).toEqual([]);
});

it('what is not given is not asked for, and what the contract does not name does not come in', async () => {
  const page = connect();
  const options = { port: 9443, names: undefined, newAuthority: true, allowedSigners: 'mallory ssh-ed25519 AAAA' };
  await page.ask('teamStack.run', { engine: 'e', options, fingerprint: 'f' });
  expect(page.called).toEqual([`run ${JSON.stringify([{ engine: 'e', choices: { port: 9443 } }, 'f'])}`]);
});

it('a run is told as long as somebody looks', async () => {
  const page = connect();
  page.connection.receive({ t: 'open', id: 7, stream: 'teamStack', input: { engine: 'e' } });
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(page.frames(7).map((frame) => streams.teamStack.frame.parse(frame))).toEqual([{ run: null }]);
  page.connection.receive({ t: 'close', id: 7 });
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(page.called).toEqual(['unfollowed []']);
});
