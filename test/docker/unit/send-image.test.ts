import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadImage } from '../../../main/docker/send-image.ts';

/* Against a server that takes what it is sent and says nothing: what a real engine does until an archive is whole. */

let folder: string;
let docker: Docker;
let received = 0;
const server = createServer((request, response) => {
  request.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  // The connection was given up, which is what is tried.
  request.on('error', () => response.destroy());
  request.on('end', () => response.end('{"stream":"Loaded"}\n{"error":"no space left on device"}\n'));
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'send-image-'));
  received = 0;
  server.listen(join(folder, 'socket'));
  await once(server, 'listening');
  docker = new Docker({ socketPath: join(folder, 'socket') });
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const megabyte = new Uint8Array(1_000_000);

it('gives up when the archive breaks off, and when it is cancelled', async () => {
  async function* broken() {
    yield megabyte;
    throw new Error('the other engine is gone');
  }
  await expect(loadImage(docker, broken(), new AbortController().signal)).rejects.toThrow('the other engine is gone');

  const cancel = new AbortController();
  async function* endless() {
    for (let count = 0; ; count += 1) {
      if (count === 5) cancel.abort();
      yield megabyte;
    }
  }
  await expect(loadImage(docker, endless(), cancel.signal)).rejects.toMatchObject({ name: 'AbortError' });
});

it('reads the engine’s refusal in its answer once everything was sent', async () => {
  async function* archive() {
    yield megabyte;
    yield megabyte;
  }
  await expect(loadImage(docker, archive(), new AbortController().signal)).rejects.toThrow(/no space left/);
  expect(received).toBe(2_000_000);
});
