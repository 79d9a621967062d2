import { defineConfig } from 'vitest/config';

/*
 * One project a room, so that `npx vitest run --project core` is all a change needs.
 * `docker` and `cli` talk to a real engine, the one that `scripts/test.mjs` starts for them; the others need none.
 * Files named *.long.test.ts belong to `npm run test:long` alone.
 */
const long = '**/*.long.test.{ts,tsx}';

const unit = (name: string, ...include: string[]) => ({
  extends: true as const,
  // Seen: with every core busy elsewhere a test that takes 0.5 s alone takes more than the usual 5 s.
  test: { name, include, exclude: [long], environment: 'node', testTimeout: 30_000, hookTimeout: 30_000 },
});
const room = (name: string) => unit(name, `test/${name}/**/*.test.{ts,tsx}`);

/** Tests that share one engine: one file after the other, and time for images to build. */
const onEngine = (name: string, include: string[], exclude: string[]) => ({
  extends: true as const,
  test: {
    name,
    include,
    exclude,
    environment: 'node',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});

const inLabs = (name: string, include: string[], exclude: string[]) => {
  const { test, ...rest } = onEngine(name, include, exclude);
  return { ...rest, test: { ...test, fileParallelism: true, maxWorkers: 2 } };
};

export default defineConfig({
  test: {
    // Vitest's own second is too short for a machine that is busy with other tests.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      room('contract'),
      room('core'),
      room('services'),
      room('rpc'),
      room('platform'),
      room('hosts'),
      room('web'),
      room('renderer'),
      room('images'),
      room('scripts'),
      unit('architecture', 'test/architecture.test.ts'),
      onEngine('docker', ['test/docker/**/*.test.ts'], [long]),
      onEngine('cli', ['test/cli/**/*.test.ts'], [long, 'test/cli/faults/**']),
      onEngine('faults', ['test/cli/faults/**/*.test.ts'], [long]),
      onEngine('interop', ['test/interop/**/*.test.ts'], [long]),
      // Engines of their own, several a file: scripts/lab.mjs. Root on Linux. They mostly wait for a Swarm: two files at once.
      inLabs('swarm', ['test/swarm/**/*.test.ts'], [long]),
      // The team's services, with the databases of their stack on the engine.
      onEngine('team', ['test/team/**/*.test.ts'], [long]),
      onEngine('team-long', [`test/team/${long}`], []),
      onEngine('swarm-long', [`test/swarm/${long}`], []),
      onEngine('long', [`test/${long}`], ['test/swarm/**', 'test/team/**']),
    ],
  },
});
