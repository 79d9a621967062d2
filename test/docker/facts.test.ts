import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/ports.ts';
import { startRegistry } from './registry.ts';
import { type Bench, openBench } from './support.ts';

/* What preflight asks a real engine: about itself, and, through it, a registry. */

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench?.close();
});

const ask = (image: string) => bench.connection.askRegistry(image, new AbortController().signal);

test('an engine says where its data is, and what it can run', async () => {
  const facts = await bench.connection.facts();
  expect(facts.runtimes).toContain('runc');
  expect(facts.cpus).toBeGreaterThan(0);
  // The tests' engine is on this machine wherever they start it themselves.
  if (process.env.CLAUDE_ENV_TEST_ENGINE_CTL) expect((await stat(facts.rootDir)).isDirectory()).toBe(true);
});

describe('a registry, asked through the engine', () => {
  test('has an image, with its platform, or has no such tag; nothing is pulled', async () => {
    const registry = await startRegistry();
    try {
      const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
      expect(await ask(registry.image)).toMatchObject({ kind: 'found', platforms: [`linux/${arch}`] });
      expect(await ask(registry.image.replace(/:1$/, ':2'))).toMatchObject({ kind: 'not-found' });
      await expect(bench.engine.docker.getImage(registry.image).inspect()).rejects.toMatchObject({ statusCode: 404 });
    } finally {
      await registry.close();
    }
  });

  test('wants a login', async () => {
    const registry = await startRegistry('somebody:secret');
    try {
      expect(await ask(registry.image)).toMatchObject({ kind: 'denied' });
    } finally {
      await registry.close();
    }
  });

  test('is not there', async () => {
    expect(await ask(`127.0.0.1:${await freePort()}/test/image:1`)).toMatchObject({ kind: 'unknown' });
  });
});
