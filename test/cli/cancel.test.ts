import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../support/ports.ts';
import { createWorkbench, jsonLines, type Running, type Workbench } from './support.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.remove());

const running = async () => (await bench.engine.docker.listContainers()).map(({ Id }) => Id).sort();

/** Resolves with the first event that fits; the stream is open before the function returns. */
async function nextEvent(filters: Readonly<Record<string, readonly string[]>>): Promise<{ seen: Promise<void> }> {
  const stream = await bench.engine.docker.getEvents({ filters: JSON.stringify(filters) });
  const seen = new Promise<void>((resolve, reject) => {
    stream.once('data', () => {
      resolve();
      if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
    });
    stream.once('error', reject);
  });
  return { seen };
}

/** Ctrl-C; the end has to come in seconds, while what was cancelled would have gone on for minutes. */
async function cancelled({ child, finished }: Running) {
  const began = Date.now();
  child.kill('SIGINT');
  const result = await finished;
  expect(Date.now() - began).toBeLessThan(15_000);
  return result;
}

describe('Ctrl-C', () => {
  it('during a build ends the build on the engine', async () => {
    const name = bench.engine.uniqueName('build');
    const marker = `sleep 61${Math.floor(Math.random() * 1000)}`;
    await bench.file(
      'slow/Dockerfile',
      `FROM ${bench.engine.base}\nRUN echo begin$((40 + 2)) && ${marker}\nRUN echo never\n`,
    );
    const file = await bench.file('slow/compose.yaml', `name: ${name}\nservices: {web: {build: .}}\n`);
    const before = await running();
    const building = bench.start(['-f', file, 'up', '--json']);
    await building.line((line) => line.includes('"progress"') && line.includes('begin42'));
    // The list of containers lags a little behind the first output.
    const fresh = async () => (await running()).filter((id) => !before.includes(id));
    await expect.poll(fresh, { timeout: 10_000 }).toHaveLength(1);
    const during = await fresh();
    const died = await nextEvent({ container: during, event: ['die'] });

    const { code, stdout } = await cancelled(building);
    expect(code).toBe(5);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'result', state: 'cancelled' });
    await died.seen;
    await expect.poll(running, { timeout: 10_000 }).toEqual(before);
    const images = await bench.engine.docker.listImages({ filters: { reference: [`${name}*`] } });
    expect(images).toEqual([]);
    // The stack's lock is free again: nothing waits for the one that was cancelled.
    expect((await bench.run(['-f', file, 'plan'])).code).toBe(0);
  });

  it('during a pull ends the pull on the engine', async () => {
    const registry = await slowRegistry();
    try {
      const name = bench.engine.uniqueName('pull');
      const file = await bench.file(
        'pull.yaml',
        `name: ${name}\nservices: {web: {image: '127.0.0.1:${registry.port}/slow/image:1'}}\n`,
      );
      const pulling = bench.start(['-f', file, 'pull', '--json']);
      await registry.layerAsked;
      await pulling.line((line) => line.includes('"progress"') && line.includes('"running"'));
      const { code, stdout } = await cancelled(pulling);
      expect(code).toBe(5);
      expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'result', state: 'cancelled' });
      // The engine itself has hung up: the registry sees it.
      await registry.layerClosed;
    } finally {
      registry.close();
    }
  });

  it('while a service is waited for leaves what has been done, and the next `up` goes on from there', async () => {
    const name = bench.engine.uniqueName('wait');
    const file = await bench.file(
      'wait.yaml',
      `name: ${name}
services:
  web:
    image: ${bench.engine.base}
    command: sleep infinity
    init: true
    stop_grace_period: 1s
    healthcheck: {test: [CMD, 'false'], interval: 1s, start_period: 600s}
`,
    );
    const waiting = bench.start(['-f', file, 'up', '--wait', '--json']);
    await waiting.line((line) => line.includes('wait-healthy') && line.includes('"running"'));
    expect(await cancelled(waiting)).toMatchObject({ code: 5, stderr: '' });
    const found = await bench.engine.docker.listContainers({
      filters: { label: [`com.docker.compose.project=${name}`] },
    });
    expect(found).toHaveLength(1);
    const { steps } = await bench.json<{ steps: readonly { kind: string }[] }>(['-f', file, 'plan', '--wait']);
    expect(steps.map(({ kind }) => kind)).toEqual(['wait-healthy']);
  });
});

/** A registry that offers an image of one layer and takes hours to send it. */
async function slowRegistry() {
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [`sha256:${'c'.repeat(64)}`] },
  });
  const configDigest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
  const layerDigest = `sha256:${'b'.repeat(64)}`;
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: {
      mediaType: 'application/vnd.docker.container.image.v1+json',
      size: Buffer.byteLength(config),
      digest: configDigest,
    },
    layers: [
      { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', size: 100_000_000, digest: layerDigest },
    ],
  };
  const asked = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const url = request.url ?? '';
    const send = (type: string, body: string) => {
      response.writeHead(200, { 'content-type': type });
      response.end(body);
    };
    if (url === '/v2/') return send('application/json', '{}');
    if (url.includes('/manifests/')) return send(manifest.mediaType, JSON.stringify(manifest));
    if (url.endsWith(configDigest)) return send('application/octet-stream', config);
    // It drips: an engine (20.10) that was told to stop hangs up when the next bytes come, not before.
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': 100_000_000 });
    const drip = setInterval(() => response.write(Buffer.alloc(100)), 50);
    response.once('close', () => {
      clearInterval(drip);
      closed.resolve();
    });
    asked.resolve();
  });
  return {
    port: await listen(server),
    layerAsked: asked.promise,
    layerClosed: closed.promise,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
