import { node24 } from '../setup/dependencies.mjs';
import { inRoot } from '../setup/paths.mjs';
import { countCheck, countPlaywright, countVitest, readReport, withExitCode } from './summary.mjs';

/*
 * What `npm test` consists of. A phase is a command and a way to count what it did.
 */

/** Projects of vitest.config.ts that need no engine. */
export const unitProjects = [
  'contract',
  'core',
  'services',
  'rpc',
  'platform',
  'hosts',
  'web',
  'renderer',
  'images',
  'scripts',
  'architecture',
];

/**
 * What needs an engine, in order. `second` waits more than it works: it has an engine of its own where tests may start
 * one, and runs there beside the first's. `e2e` finds the images of the local stack that `cli` has built, and comes when
 * nothing else runs: it holds promises of milliseconds.
 * @param {(part: 'docker' | 'cli' | 'e2e' | 'team') => boolean} wants
 * @param {{ hasPeers: boolean }} options
 */
export const enginePhases = (wants, { hasPeers }) => ({
  first: [...(wants('docker') ? ['docker'] : []), ...(wants('cli') ? ['cli'] : []), ...(wants('e2e') ? ['e2e'] : [])],
  second: [
    ...(wants('docker') && hasPeers ? ['interop'] : []),
    ...(wants('team') ? ['team'] : []),
    ...(wants('cli') ? ['faults'] : []),
  ],
});

const report = (name) => inRoot('test-results', `${name}.json`);

/** @param {string} name @param {string[]} tool @param {NodeJS.ProcessEnv} env @returns {import('./runner.mjs').Phase} */
const check = (name, tool, env) => ({
  name,
  command: [node24, ...tool],
  env,
  count: (code) => countCheck(name, code),
});

/** @param {NodeJS.ProcessEnv} env */
export const checks = (env) => [
  check('typecheck', ['node_modules/typescript/bin/tsc', '-b'], env),
  check('lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'], env),
];

/**
 * @param {string} name
 * @param {readonly string[]} projects
 * @param {NodeJS.ProcessEnv} env
 * @param {(command: readonly string[]) => readonly string[]} [within] puts the command where its engine's ports are
 * @returns {import('./runner.mjs').Phase}
 */
export const vitest = (name, projects, env, within = (command) => command) => ({
  name,
  command: within([
    node24,
    'node_modules/vitest/vitest.mjs',
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report(name)}`,
  ]),
  env,
  count: (code) => withExitCode(name, countVitest(readReport(report(name))), code),
});

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} args
 * @param {(command: readonly string[]) => readonly string[]} [within]
 * @returns {import('./runner.mjs').Phase}
 */
export const playwright = (env, args, within = (command) => command) => ({
  name: 'e2e',
  command: within([node24, 'node_modules/@playwright/test/cli.js', 'test', ...args]),
  // Playwright sets FORCE_COLOR for its workers, and Node warns where NO_COLOR is set as well.
  env: {
    ...env,
    NO_COLOR: undefined,
    FORCE_COLOR: env.NO_COLOR === undefined ? '1' : '0',
    CLAUDE_ENV_E2E_REPORT: report('e2e'),
  },
  count: (code) => withExitCode('e2e', countPlaywright(readReport(report('e2e'))), code),
});
