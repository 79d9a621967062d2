import { mkdirSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { defaultBases, provideImage } from './setup/base-image.mjs';
import { findEngine } from './setup/engine-probe.mjs';
import { provideEngine } from './setup/engine-start.mjs';
import { setUpForTest } from './setup/index.mjs';
import { cacheDir, inRoot, stateDir } from './setup/paths.mjs';
import { providePeers } from './setup/peers.mjs';
import { detectPlatform } from './setup/platform.mjs';
import { provideRootfs } from './setup/rootfs.mjs';
import { runScript, SetupError, say } from './setup/terminal.mjs';
import { makeTestHome, testEnvironment, writeTestSettings } from './test/home.mjs';
import { checks, enginePhases, playwright, unitProjects, vitest } from './test/phases.mjs';
import { createRunner } from './test/runner.mjs';
import { formatSummary } from './test/summary.mjs';
import { downEngine, startEngine, upEngine } from './test-engine/engine.mjs';
import { engineEnvironment, withinNetwork } from './test-engine/inside.mjs';

/*
 * `npm test`: sets up, builds, and runs everything: type check, lint, unit, integration on a real engine, end to end in a
 * real browser. As root on Linux the engine is the tests' own; elsewhere it is the user's, under unique names.
 */

const usage = `npm test [-- --yes] [--only unit|docker|cli|e2e|team|swarm|long|electron] [--long]
  --only PART   only this part (unit: with type check and lint; electron: real Electron, with the user's engine if one answers)
  --long        full-size runs as well (npm run test:long)`;

const parts = /** @type {const} */ (['unit', 'docker', 'cli', 'e2e', 'team', 'swarm', 'long', 'electron']);

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        yes: { type: 'boolean', short: 'y', default: false },
        only: { type: 'string' },
        long: { type: 'boolean', default: false },
      },
    });
    const only = parts.find((part) => part === values.only);
    if (values.only !== undefined && only === undefined) throw new Error(`There is no part "${values.only}".`);
    // Real Electron is part of e2e wherever its program is installed; by itself it is for machines that only have that.
    const usual = (part) => (part === 'long' ? values.long : part !== 'electron');
    return { yes: values.yes, wants: (part) => only === part || (only === undefined && usual(part)) };
  } catch (error) {
    throw new SetupError(error.message, { hint: usage, exitCode: 2 });
  }
}

/** @param {string} address */
const socketOf = (address) => /^(?:unix|npipe):\/\/(.+)$/.exec(address)?.[1];

/**
 * An ordinary user's engine for tests: it gets the image that test images are built from.
 * @param {string} address
 * @param {string} socket
 */
async function usersEngine(address, socket) {
  const base = defaultBases()[0] ?? 'debian:bookworm-slim';
  await provideImage(address, base);
  return { DOCKER_HOST: address, CLAUDE_ENV_TEST_SOCKET: socket, CLAUDE_ENV_TEST_BASE: base };
}

/**
 * The engine for the tests that need one, with a home beside it.
 * @param {boolean} ownEngine
 * @param {{ yes: boolean, platform: import('./setup/platform.mjs').Platform }} options
 */
async function provideTestEngine(ownEngine, { yes, platform }) {
  if (ownEngine) {
    const { state, file } = await upEngine({ cache: cacheDir(), owned: true });
    const env = engineEnvironment(state, file);
    return {
      env,
      base: env.CLAUDE_ENV_TEST_BASE,
      home: makeTestHome(state.dir),
      within: (/** @type {readonly string[]} */ command) => withinNetwork(state.netns, command),
      start: () => startEngine(file),
      down: () => downEngine(file),
    };
  }
  const address = await provideEngine(platform, stateDir(), { yes });
  const socket = socketOf(address);
  if (socket === undefined) {
    throw new SetupError(`The tests need an engine on this machine, and ${address} is none.`, {
      hint: 'npm test -- --only unit   # or: docker context use default',
    });
  }
  const home = makeTestHome();
  return {
    env: await usersEngine(address, socket),
    base: undefined,
    home,
    within: (/** @type {readonly string[]} */ command) => command,
    start: async () => {},
    down: async () => rmSync(home.dir, { recursive: true, force: true, maxRetries: 5 }),
  };
}

await runScript(async () => {
  const options = readOptions();
  const { wants } = options;
  const platform = detectPlatform();
  const needsEngine = ['long', 'docker', 'cli', 'e2e', 'team'].some(wants);
  const rootOnLinux = platform.os === 'linux' && platform.root;
  const ownEngine = needsEngine && rootOnLinux;
  const engine = ownEngine || (wants('swarm') && rootOnLinux) ? 'own' : needsEngine ? 'users' : 'none';
  await setUpForTest({ yes: options.yes, engine, browser: wants('e2e') });
  await build();
  const peers = needsEngine || wants('unit') || wants('swarm') ? await providePeers() : { env: {}, missing: [] };
  rmSync(inRoot('test-results'), { recursive: true, force: true });
  mkdirSync(inRoot('test-results'), { recursive: true });

  // A guard against what hangs; all of it takes less than half of that on two cores that do nothing else.
  const runner = createRunner({ minutes: wants('long') ? 0 : Number(process.env.CLAUDE_ENV_TEST_MINUTES ?? 40) });
  const results = [];
  const notRun = [...peers.missing];
  const wantsLabs = rootOnLinux && wants('swarm');
  // Once for all engines, and mostly a download: meanwhile the unit tests run.
  const rootfs = ownEngine || wantsLabs ? provideRootfs(cacheDir()) : Promise.resolve();
  // Who awaits it below is told.
  rootfs.catch(() => undefined);
  const runAll = async (phases, { before = async () => {}, aside = false } = {}) => {
    for (const phase of phases) {
      await before();
      results.push(await runner.run(phase, aside ? { log: inRoot('test-results', `${phase.name}.log`) } : {}));
    }
  };

  if (wants('unit')) {
    const home = makeTestHome();
    try {
      const env = testEnvironment(home, peers.env);
      await runAll([...checks(env), vitest('unit', unitProjects, env)]);
    } finally {
      rmSync(home.dir, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  if (wants('electron')) {
    const home = makeTestHome();
    try {
      const address = (await findEngine()).found?.address ?? '';
      const socket = socketOf(address);
      if (socket === undefined) notRun.push('Electron with an engine: no engine on this machine answers');
      const engine = socket === undefined ? {} : await usersEngine(address, socket);
      const specs = socket === undefined ? ['desktop/no-engine'] : [];
      await runAll([playwright(testEnvironment(home, engine), ['--project=electron', ...specs])]);
    } finally {
      rmSync(home.dir, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  /** Labs' machines are engines of their own. */
  const inLabs = async (project, aside) => {
    if (runner.ended() !== undefined) return;
    const home = makeTestHome();
    try {
      // Their home is empty, and the base image's file system is not to be made for each of them.
      const env = testEnvironment(home, { ...peers.env, CLAUDE_ENV_TEST_CACHE: cacheDir() });
      await runAll([vitest(project, [project], env)], { aside });
    } finally {
      rmSync(home.dir, { recursive: true, force: true, maxRetries: 5 });
    }
  };
  const onEngine = async (names, { aside = false, beforeLast = async () => {} } = {}) => {
    if (names.length === 0 || runner.ended() !== undefined) return;
    say(ownEngine ? 'starting an engine for the tests' : "using the user's engine, under unique names");
    const engine = await provideTestEngine(ownEngine, { yes: options.yes, platform });
    try {
      writeTestSettings(engine.home, engine.base);
      const env = testEnvironment(engine.home, { ...engine.env, ...peers.env, CLAUDE_ENV_TEST_CACHE: cacheDir() });
      const { within } = engine;
      const phases = names.map((name) =>
        name === 'e2e' ? playwright(env, [], within) : vitest(name, [name], env, within),
      );
      // A test that failed half-way may have left it stopped: that is one failure, not one for every test after it.
      await runAll(phases.slice(0, -1), { before: engine.start, aside });
      await beforeLast();
      await runAll(phases.slice(-1), { before: engine.start, aside });
    } finally {
      await engine.down();
    }
  };

  if (!rootOnLinux && (wants('swarm') || wants('long')))
    notRun.push('Swarms of several engines: they take root on Linux');
  if (needsEngine && !ownEngine)
    notRun.push('tests that stop or kill their engine: they take root on Linux, where it is their own');
  // Without a peer every test of it is skipped, and the summary says why above.
  const hasPeers = Object.keys(peers.env).some((name) => name.startsWith('CLAUDE_ENV_PEER_COMPOSE'));
  const { first, second } = enginePhases(wants, { hasPeers });
  if (!rootOnLinux) await onEngine([...first, ...second]);
  else {
    const aside = first.length > 0;
    await rootfs;
    const other = (async () => {
      if (wantsLabs) await inLabs('swarm', aside);
      await onEngine(second, { aside });
    })();
    // Promises of milliseconds are kept when nothing else runs.
    const otherEnded = async () => {
      await Promise.allSettled([other]);
    };
    const lanes = [onEngine(first, { beforeLast: first.at(-1) === 'e2e' ? otherEnded : undefined }), other];
    // Each is waited for: an engine that is left running would be nobody's.
    for (const lane of await Promise.allSettled(lanes)) if (lane.status === 'rejected') throw lane.reason;
  }
  if (wants('long')) {
    if (rootOnLinux) await inLabs('swarm-long', false);
    await onEngine(['long', 'team-long']);
  }

  const { text, failed } = formatSummary(results, notRun);
  console.log(text);
  return failed === 0 && runner.ended() === undefined ? 0 : 1;
});
