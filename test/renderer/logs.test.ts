import { expect, test } from 'vitest';
import type { LogLine } from '../../preload/contract/model.ts';
import { createLogBuffer } from '../../renderer/store/log-buffer.ts';
import { createLogSession } from '../../renderer/store/log-session.ts';
import { serviceLogs, swarmLogs } from '../../renderer/store/log-source.ts';
import { createFakeClient, createQueue } from './support.ts';

const web = 'default/shop/web';
const db = 'default/shop/db';
const line = (text: string, change: Partial<LogLine> = {}): LogLine => ({
  seq: 0,
  service: web,
  container: 'shop-web-1',
  stream: 'stdout',
  text,
  ...change,
});
const all = { services: new Set<string>(), text: '' };
const texts = (buffer: ReturnType<typeof createLogBuffer>) =>
  buffer.visible().map((row) => (row.kind === 'line' ? row.line.text : `(${row.reason})`));

test('the buffer stays within its bound and keeps the newest lines', () => {
  const buffer = createLogBuffer(1000);
  for (let at = 0; at < 50; at += 1) buffer.add(Array.from({ length: 100 }, (_, index) => line(`${at * 100 + index}`)));
  expect(buffer.size()).toBeLessThanOrEqual(1100);
  expect(texts(buffer).at(-1)).toBe('4999');
  expect(buffer.visible().length + buffer.trimmed()).toBe(5000);
});

test('a filter applies to lines before and after it, and trimming keeps it', () => {
  const buffer = createLogBuffer(10);
  buffer.add([line('GET /a'), line('boom'), line('GET /b', { service: db })]);
  buffer.filter({ services: new Set(), text: 'get' });
  expect(texts(buffer)).toEqual(['GET /a', 'GET /b']);
  buffer.filter({ services: new Set([db]), text: 'get' });
  buffer.add([line('GET /c', { service: db }), line('GET /d')]);
  expect(texts(buffer)).toEqual(['GET /b', 'GET /c']);
  buffer.add(Array.from({ length: 20 }, () => line('other')));
  expect(texts(buffer)).toEqual([]);
  buffer.filter(all);
  expect(buffer.visible()).toHaveLength(10);
});

test('the filter sees what is read, not the colour codes in it', () => {
  const buffer = createLogBuffer(10);
  const esc = String.fromCharCode(27);
  buffer.add([line(`${esc}[31mer${esc}[0mror`)]);
  buffer.filter({ services: new Set(), text: 'error' });
  expect(buffer.visible()).toHaveLength(1);
});

test('a line of megabytes is cut', () => {
  const buffer = createLogBuffer(10);
  buffer.add([line('x'.repeat(5_000_000))]);
  expect(texts(buffer)[0]?.length).toBeLessThan(5000);
});

function openSession() {
  const fake = createFakeClient();
  const queue = createQueue();
  const session = createLogSession(serviceLogs(fake.client, [web, db]), queue.after);
  const send = (...lines: LogLine[]) =>
    fake.send({ t: 'frame', id: fake.opens().at(-1)?.id ?? -1, frame: { kind: 'lines', lines } });
  return { ...fake, queue, session, sendLines: send };
}

test('paused lines wait and are counted; resuming shows them in order', () => {
  const { session, queue, sendLines } = openSession();
  sendLines(line('one'));
  queue.flush();
  session.pause(true);
  sendLines(line('two'), line('three'));
  queue.flush();
  expect(texts(session.buffer)).toEqual(['one']);
  expect(session.getState().waiting).toBe(2);
  session.pause(false);
  expect(texts(session.buffer)).toEqual(['one', 'two', 'three']);
});

test('after a lost connection it goes on from a moment before the last line, without repeating what was seen', () => {
  const { session, queue, sendLines, connection, opens } = openSession();
  const before = line('one', { at: '2026-03-12T14:30:00Z' });
  const last = line('two', { at: '2026-03-12T14:30:00.5Z' });
  const other = line('from db', { service: db, at: '2026-03-12T14:29:59.1Z' });
  sendLines(before, last, other);
  session.pause(true);
  connection.setState({ kind: 'lost', since: 0 }, true);
  connection.setState({ kind: 'open' }, true);
  expect(opens()[1]?.input).toEqual({ services: [web, db], follow: true, since: '2026-03-12T14:29:58.500Z' });
  sendLines(
    before,
    other,
    last,
    line('three', { at: '2026-03-12T14:30:00.5Z' }),
    line('late', { service: db, at: '2026-03-12T14:30:00.1Z' }),
  );
  queue.flush();
  session.pause(false);
  expect(texts(session.buffer)).toEqual([
    'one',
    'two',
    'from db',
    expect.stringContaining('connection was lost'),
    'three',
    'late',
  ]);
});

test('lines of a service on a Swarm belong to its tasks where they run, and what is missing is said in its place', () => {
  const fake = createFakeClient();
  const queue = createQueue();
  const source = swarmLogs(fake.client, { engine: 'e', stack: 'shop', service: 'shop_web' });
  const session = createLogSession(source, queue.after);
  const send = (frame: unknown) => fake.send({ t: 'frame', id: fake.opens().at(-1)?.id ?? -1, frame });
  expect(fake.opens().at(-1)).toMatchObject({
    stream: 'swarmLogs',
    input: { engine: 'e', stack: 'shop', service: 'shop_web', follow: true, tail: 500 },
  });
  const at = '2026-11-21T10:02:00.123456789Z';
  const one = { seq: 1, task: 'web.2', taskId: 't', node: 'n3', stream: 'stdout', at, text: 'hello' };
  send({ kind: 'lines', lines: [one, { ...one, seq: 2, task: 'web.1', node: 'n1', text: 'there' }] });
  send({
    kind: 'gap',
    gap: { seq: 3, node: 'n3', tasks: ['web.3', 'web.2'], since: at, reason: 'the node is down', over: false },
  });
  send({ kind: 'dropped', lines: 7 });
  queue.flush();
  expect(session.getState().sources).toEqual(['e/shop/web.2@n3', 'e/shop/web.1@n1']);
  const rows = session.buffer.visible().map((row) => (row.kind === 'gap' ? row.reason : row.line.text));
  expect(rows).toEqual([
    'hello',
    'there',
    expect.stringMatching(/^No lines from web\.3, web\.2 on n3 since .*: the node is down\.$/),
    '7 lines were left out: this view could not keep up',
  ]);
  // Who picks one task sees what is missing of it, or may be.
  const picked = (id: string) => {
    session.filter({ services: new Set([id]), text: '' });
    return session.buffer.visible().length;
  };
  expect([picked('e/shop/web.2@n3'), picked('e/shop/web.1@n1')]).toEqual([3, 2]);
});
