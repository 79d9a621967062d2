import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { expect, it } from 'vitest';
import { readServiceLogs } from '../../../main/docker/swarm-logs.ts';

it('puts a character together that a chunk’s border cuts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'swarm-logs-'));
  const ids = 'com.docker.swarm.node.id=n1,com.docker.swarm.service.id=s1,com.docker.swarm.task.id=t1';
  const payload = Buffer.from(`${ids} first\n${ids} größer\n`);
  const frame = Buffer.alloc(8 + payload.length);
  frame[0] = 1;
  frame.writeUInt32BE(payload.length, 4);
  payload.copy(frame, 8);
  const cut = frame.indexOf(Buffer.from('ö')) + 1;
  let answer: ServerResponse | undefined;
  const server = createServer((_request, response) => {
    answer = response;
    response.write(frame.subarray(0, cut));
  });
  try {
    server.listen(join(folder, 'socket'));
    await once(server, 'listening');
    const docker = new Docker({ socketPath: join(folder, 'socket') });
    const lines: string[] = [];
    await readServiceLogs(
      docker,
      'web',
      { follow: false, timestamps: false },
      ({ text, task, node }) => {
        lines.push(`${task}@${node} ${text}`);
        if (lines.length === 1) answer?.end(frame.subarray(cut));
      },
      new AbortController().signal,
    );
    expect(lines).toEqual(['t1@n1 first', 't1@n1 größer']);
  } finally {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  }
});
