import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface EngineSpy {
  /** What DOCKER_HOST is set to. */
  readonly address: string;
  /** `GET /v1.41/…` of every request that came through, with its headers. */
  readonly heads: () => string;
  readonly close: () => Promise<void>;
}

/** Stands between a program and its engine, and writes down what is asked for: addresses and headers, no bodies. */
export async function spyOnEngine(engine: string): Promise<EngineSpy> {
  const folder = await mkdtemp(join(tmpdir(), 'claude-env-spy-'));
  const path = join(folder, 'docker.sock');
  const said: string[] = [];
  const open = new Set<Socket>();
  // One side may have ended while the other still talks: `exec` without input.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const target = connect({ path: engine.replace(/^unix:\/\//, ''), allowHalfOpen: true });
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => open.delete(socket));
    }
    client.on('data', (chunk) => {
      for (const [head] of chunk.toString('latin1').matchAll(/^[A-Z]+ \S+ HTTP\/1\.1\r\n(?:[^\r\n]+\r\n)*/gm))
        said.push(head);
    });
    client.pipe(target).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    address: `unix://${path}`,
    heads: () => said.join('\n'),
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
