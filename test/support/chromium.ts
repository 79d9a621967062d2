import { existsSync } from 'node:fs';

/** The system's own, where Playwright's was not downloaded; undefined: Playwright knows. */
export const chromiumPath: string | undefined =
  process.env.CLAUDE_ENV_CHROMIUM ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));

/** Seen to be needed for Debian's chromium as root; the rest keeps it from talking to the network. */
export const chromiumArgs: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
