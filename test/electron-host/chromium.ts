import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page, type Request as PlaywrightRequest, type Route } from 'playwright';
import { record } from './control.ts';

/**
 * Chromium refuses to navigate to a scheme that it does not know, so `claude-env://app/x` becomes this address, answered
 * by the app's own protocol handler. https, because a custom standard secure scheme is a secure context too.
 */
const mappedOrigin = 'https://app.claude-env.test';
const scheme = 'claude-env';

export const toBrowserUrl = (url: string): string => url.replace(`${scheme}://app`, mappedOrigin);
export const toAppUrl = (url: string): string => url.replace(mappedOrigin, `${scheme}://app`);

export const protocolHandlers = new Map<string, (request: Request) => Promise<Response> | Response>();

/** Hears of top-level requests to addresses that are not the app's; they are refused whatever it says. */
export const navigationListeners = new Set<(url: string, page: Page | undefined) => void>();

/** A request that opens a window of its own has no frame yet when it is asked about. */
function pageOf(request: PlaywrightRequest): Page | undefined {
  try {
    return request.frame().page();
  } catch {
    return undefined;
  }
}

async function answer(route: Route): Promise<void> {
  const request = route.request();
  const url = request.url();
  if (!url.startsWith(mappedOrigin)) {
    record.foreignRequests.push(url);
    if (request.isNavigationRequest()) {
      for (const listener of navigationListeners) listener(url, pageOf(request));
      // An aborted navigation leaves the page where it is; any other failure would show an error page.
      return route.abort('aborted');
    }
    return route.abort('blockedbyclient');
  }
  const handler = protocolHandlers.get(scheme);
  if (handler === undefined) return route.abort('failed');
  const response = await handler(new Request(toAppUrl(url)));
  return route.fulfill({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  });
}

let started: Promise<{ context: BrowserContext }> | undefined;

/** One Chromium a host; a debugging port on loopback lets the test see the same page. */
export function chromiumContext(): Promise<{ context: BrowserContext }> {
  started ??= (async () => {
    const profile = await mkdtemp(join(tmpdir(), 'electron-host-'));
    const systemChromium = '/usr/bin/chromium';
    const context = await chromium.launchPersistentContext(profile, {
      headless: true,
      viewport: { width: 1280, height: 800 },
      ...(existsSync(systemChromium) ? { executablePath: systemChromium } : {}),
      args: [
        `--remote-debugging-port=${process.env.ELECTRON_HOST_DEBUG_PORT ?? '0'}`,
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--block-new-web-contents',
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
    });
    await context.route('**/*', answer);
    return { context };
  })();
  return started;
}
