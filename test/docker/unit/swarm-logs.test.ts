import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readServiceLogs } from '../../../main/docker/swarm-logs.ts';

/* What an engine answers (20.10): a frame for each message, or the messages as they are for a service with a terminal. */

const idsOf = (task: string) =>
  `com.docker.swarm.node.id=n1,com.docker.swarm.service.id=s1,com.docker.swarm.task.id=${task}`;
const frame = (text: string | Buffer, kind = 1): Buffer => {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = kind;
  head.writeUInt32BE(payload.length, 4);
  return Buffer.concat([head, payload]);
};

let folder: string;
let answer: (response: ServerResponse) => void;
const server = createServer((_request, response) => answer(response));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarm-logs-'));
  server.listen(join(folder, 'socket'));
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

async function read(timestamps = false, onEach: (count: number) => void = () => undefined) {
  const lines: string[] = [];
  const { missing } = await readServiceLogs(
    new Docker({ socketPath: join(folder, 'socket') }),
    'web',
    { follow: false, timestamps },
    ({ text, task, node, stream, at }) => {
      lines.push(`${at === undefined ? '' : `${at} `}${stream} ${task}@${node} ${text}`);
      onEach(lines.length);
    },
    new AbortController().signal,
  );
  return { lines, missing };
}

it('puts a character together that a chunk’s border cuts', async () => {
  const frames = Buffer.concat([frame(`${idsOf('t1')} first\n`), frame(`${idsOf('t1')} größer\n`)]);
  const cut = frames.indexOf(Buffer.from('ö')) + 1;
  let rest: ServerResponse | undefined;
  answer = (response) => {
    rest = response;
    response.write(frames.subarray(0, cut));
  };
  const { lines } = await read(false, (count) => count === 1 && rest?.end(frames.subarray(cut)));
  expect(lines).toEqual(['stdout t1@n1 first', 'stdout t1@n1 größer']);
});

it('hands on a long line in the engine’s pieces, each with its own beginning, whatever comes between them', async () => {
  const [first, second] = [Buffer.from('aaö').subarray(0, 3), Buffer.from('aaö').subarray(3)];
  answer = (response) =>
    response.end(
      Buffer.concat([
        frame(Buffer.concat([Buffer.from(`${idsOf('t1')} `), first])),
        frame(`${idsOf('t2')} other\n`, 2),
        frame(Buffer.concat([Buffer.from(`${idsOf('t1')} `), second, Buffer.from(' end\n')])),
      ]),
    );
  expect((await read()).lines).toEqual(['stdout t1@n1 aa', 'stderr t2@n1 other', 'stdout t1@n1 ö end']);
});

it('takes nothing that a program writes for another task’s line', async () => {
  const text = `me ${idsOf('t2')} you`;
  answer = (response) => response.end(frame(`${idsOf('t1')} ${text}\n`));
  expect((await read()).lines).toEqual([`stdout t1@n1 ${text}`]);
});

it('reads a service with a terminal, whose messages come without frames', async () => {
  const time = '2026-11-21T22:26:52.925440654Z';
  answer = (response) =>
    response.end(`${time} ${idsOf('t1')} hello\r\n${time} ${idsOf('t1')} xxx${time} ${idsOf('t1')} yyy\r\n`);
  expect((await read(true)).lines).toEqual(['hello', 'xxx', 'yyy'].map((text) => `${time} stdout t1@n1 ${text}`));
  answer = (response) => {
    response.write(`${idsOf('t1')} hel`);
    setImmediate(() =>
      response.end('lo\r\nError grabbing logs: warning: incomplete log stream. node n9 is not available'),
    );
  };
  expect(await read()).toEqual({ lines: ['stdout t1@n1 hello'], missing: ['n9'] });
});
