import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot } from '../setup/paths.mjs';
import { addBuildSettings, extraCaFile } from '../setup/settings.mjs';

/**
 * A home of the tests' own: whatever asks for HOME, XDG folders, a temporary folder, a keychain or docker's
 * configuration finds this one, and it is removed in the end.
 * @param {string | undefined} parent where to make it; the system's temporary folder when absent
 */
export function makeTestHome(parent = tmpdir()) {
  const dir = mkdtempSync(join(parent, 'home-'));
  // As homes are: a service that becomes another user finds its files below.
  chmodSync(dir, 0o711);
  const folder = (name, mode = 0o755) => {
    const path = join(dir, name);
    mkdirSync(path, { recursive: true, mode });
    return path;
  };
  return {
    dir,
    env: {
      HOME: folder('home'),
      USERPROFILE: folder('home'),
      LOCALAPPDATA: folder('home/AppData/Local'),
      APPDATA: folder('home/AppData/Roaming'),
      XDG_CONFIG_HOME: folder('config'),
      XDG_CACHE_HOME: folder('cache'),
      XDG_DATA_HOME: folder('data'),
      XDG_STATE_HOME: folder('state'),
      XDG_RUNTIME_DIR: folder('run', 0o700),
      TMPDIR: folder('tmp'),
      CLAUDE_ENV_STATE: folder('state/claude-env', 0o700),
      CLAUDE_CONFIG_DIR: folder('claude'),
      DOCKER_CONFIG: folder('docker'),
    },
  };
}

/** What a user's shell may hold that would change what the product does. */
const personal =
  /^(?:DOCKER_|COMPOSE_|ANTHROPIC_|CLAUDE_(?!ENV_CHROMIUM)|MCP_|CONTEXT7_|TWENTY_FIRST_|DBUS_SESSION|FORCE_COLOR)/;

/**
 * The environment of every test process: the user's, with everything personal replaced.
 * @param {{ env: Record<string, string> }} home
 * @param {Record<string, string | undefined>} engine what test/support/engine.ts reads; {} when there is none
 * @returns {NodeJS.ProcessEnv}
 */
export function testEnvironment(home, engine) {
  const users = Object.fromEntries(Object.entries(process.env).filter(([name]) => !personal.test(name)));
  const ca = extraCaFile();
  const bin = inRoot('node_modules', '.bin');
  return {
    // Playwright's own browsers are a download of the machine's, not a part of anybody's home.
    PLAYWRIGHT_BROWSERS_PATH: playwrightBrowsers(),
    ...users,
    ...home.env,
    ...engine,
    ...(ca === undefined ? {} : { CLAUDE_ENV_TEST_CA: ca }),
    PATH: `${bin}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
    CI: process.env.CI ?? 'true',
    ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }),
  };
}

function playwrightBrowsers() {
  const home = homedir();
  if (process.platform === 'darwin') return join(home, 'Library', 'Caches', 'ms-playwright');
  if (process.platform === 'win32') return join(process.env.LOCALAPPDATA ?? home, 'ms-playwright');
  return join(process.env.XDG_CACHE_HOME || join(home, '.cache'), 'ms-playwright');
}

/**
 * Settings for the product in tests: the base image that is on the engine, and this machine's certificates.
 * @param {{ env: { CLAUDE_ENV_STATE: string } }} home
 * @param {string | undefined} base
 */
export function writeTestSettings(home, base) {
  const ca = extraCaFile();
  addBuildSettings(home.env.CLAUDE_ENV_STATE, {
    ...(base === undefined ? {} : { baseImage: base }),
    ...(ca === undefined ? {} : { extraCaFile: ca }),
  });
}
