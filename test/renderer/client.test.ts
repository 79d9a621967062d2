import { expect, test } from 'vitest';
import { CallError } from '../../renderer/client/call-error.ts';
import { appInfo } from '../support/scenarios-data.ts';
import { createFakeClient, settle } from './support.ts';

test('a call is answered by the result with its id, whatever the order', async () => {
  const { client, calls, send } = createFakeClient();
  const info = client.call('app.info', {});
  const settings = client.call('settings.get', {});
  const [first, second] = calls();
  send({ t: 'result', id: second?.id ?? -1, output: { theme: 'dark', build: {} } });
  send({ t: 'result', id: first?.id ?? -1, output: appInfo });
  expect(await settings).toEqual({ theme: 'dark', build: {} });
  expect((await info).version).toBe(appInfo.version);
});

test('a refused call rejects with the error as main wrote it', async () => {
  const { client, calls, send } = createFakeClient();
  const call = client.call('stacks.forget', { stack: 'default/shop' });
  send({ t: 'error', id: calls()[0]?.id ?? -1, error: { code: 'stack.not-found', message: 'gone', hint: 'look' } });
  await expect(call).rejects.toSatisfy(
    (thrown) => thrown instanceof CallError && thrown.error.code === 'stack.not-found' && thrown.error.hint === 'look',
  );
});

test('an answer that does not fit the contract never reaches the caller', async () => {
  const { client, calls, send } = createFakeClient();
  const call = client.call('app.info', {});
  send({ t: 'result', id: calls()[0]?.id ?? -1, output: { version: 3 } });
  await expect(call).rejects.toThrow('does not understand');
});

test('a frame that does not fit ends the stream and closes it on the other side', () => {
  const { client, opens, closes, send } = createFakeClient();
  const frames: unknown[] = [];
  let ended = '';
  client.subscribe(
    'operations',
    {},
    { onFrame: (frame) => frames.push(frame), onEnd: (error) => (ended = error?.message ?? '') },
  );
  const id = opens()[0]?.id ?? -1;
  send({ t: 'frame', id, frame: { kind: 'operation', operation: { id: 7 } } });
  send({ t: 'frame', id, frame: { kind: 'dismissed', operation: 'a' } });
  expect(frames).toEqual([]);
  expect(ended).toContain('does not understand');
  expect(closes()).toEqual([{ t: 'close', id }]);
});

test('a closed subscription hears nothing more', () => {
  const { client, opens, closes, send } = createFakeClient();
  const frames: unknown[] = [];
  const close = client.subscribe('operations', {}, { onFrame: (frame) => frames.push(frame) });
  const id = opens()[0]?.id ?? -1;
  close();
  send({ t: 'frame', id, frame: { kind: 'dismissed', operation: 'a' } });
  expect(frames).toEqual([]);
  expect(closes()).toEqual([{ t: 'close', id }]);
});

test('a lost connection rejects what waits, and streams are opened again when it is back', async () => {
  const { client, connection, opens, send, closes } = createFakeClient();
  const frames: unknown[] = [];
  let openings = 0;
  client.subscribe('operations', {}, { onFrame: (frame) => frames.push(frame), onOpen: () => (openings += 1) });
  const call = client.call('app.info', {});
  connection.setState({ kind: 'lost', since: 0 }, true);
  await expect(call).rejects.toThrow('lost before the answer');
  await expect(client.call('app.info', {})).rejects.toThrow('lost');
  const old = opens()[0]?.id ?? -1;
  connection.setState({ kind: 'open' }, true);
  const fresh = opens()[1]?.id ?? -1;
  expect(fresh).not.toBe(old);
  expect(openings).toBe(2);
  send({ t: 'frame', id: old, frame: { kind: 'dismissed', operation: 'stale' } });
  send({ t: 'frame', id: fresh, frame: { kind: 'dismissed', operation: 'b' } });
  expect(frames).toEqual([{ kind: 'dismissed', operation: 'b' }]);
  expect(closes()).toEqual([]);
});

test('a call made before the first connection waits for it', async () => {
  const { client, connection, calls, send } = createFakeClient();
  connection.setState({ kind: 'connecting' }, true);
  const call = client.call('app.info', {});
  expect(calls()).toEqual([]);
  connection.setState({ kind: 'open' }, true);
  send({ t: 'result', id: calls()[0]?.id ?? -1, output: appInfo });
  await settle();
  expect((await call).host).toBe('electron');
});
