import { createServer, type IncomingMessage } from 'node:http';
import { listen } from '../../support/ports.ts';
import { expect, test } from './fixture.ts';

/*
 * Another program on this machine serves a page on another port of 127.0.0.1, and the user's browser, which has the app
 * open, visits it. It must neither read nor change anything, nor learn anything from the requests it gets.
 */
async function hostileServer() {
  const requests: { readonly url: string; readonly headers: IncomingMessage['headers'] }[] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', headers: request.headers });
    response.setHeader('content-type', 'text/html');
    // It may also try to plant something that a browser would send to every port of the host.
    response.setHeader('set-cookie', 'planted=by-hostile; Path=/; SameSite=Lax');
    response.end('<!doctype html><title>hostile</title><body></body>');
  });
  const port = await listen(server);
  return { origin: `http://127.0.0.1:${port}`, requests, close: () => server.close() };
}

test.describe('a hostile page on another local port', () => {
  test('reads nothing by fetch, socket, script, frame, window or message', async ({ app, context }) => {
    await expect(app.page.getByTestId('engine-indicator')).toHaveAttribute('data-state', 'connected');
    const hostile = await hostileServer();
    try {
      const page = await context.newPage();
      await page.goto(hostile.origin);
      const paths = ['/', '/index.html', '/session', '/ws'];
      const assets = await app.page.evaluate(() =>
        [...document.querySelectorAll('script[src], link[href]')].map(
          (node) => new URL(node.getAttribute('src') ?? node.getAttribute('href') ?? '', location.href).pathname,
        ),
      );
      const found = await page.evaluate(
        async ({ origin, paths, assets }) => {
          const outcome: Record<string, string> = {};
          const attempt = async (name: string, run: () => Promise<string>) => {
            outcome[name] = await run().catch((error: unknown) => `threw ${error instanceof Error ? error.name : ''}`);
          };
          for (const path of [...paths, ...assets]) {
            for (const method of ['GET', 'POST']) {
              await attempt(`${method} ${path}`, async () => {
                const response = await fetch(origin + path, { method, credentials: 'include' });
                return `read ${await response.text()}`;
              });
              await attempt(`${method} ${path} no-cors`, async () => {
                const response = await fetch(origin + path, { method, mode: 'no-cors', credentials: 'include' });
                return `${response.type} ${response.status} ${(await response.text()).length}`;
              });
            }
          }
          await attempt('POST /session with JSON', async () => {
            const body = JSON.stringify({ token: 'guess' });
            const headers = { 'content-type': 'application/json' };
            const response = await fetch(`${origin}/session`, { method: 'POST', headers, body });
            return `read ${await response.text()}`;
          });
          const socket = (path: string) =>
            new Promise<string>((resolve) => {
              const opened = new WebSocket(origin.replace('http', 'ws') + path);
              opened.onopen = () => resolve('open');
              opened.onmessage = () => resolve('message');
              opened.onclose = ({ code }) => resolve(`closed ${code}`);
            });
          for (const path of ['/ws', '/', '/session']) await attempt(`socket ${path}`, () => socket(path));
          const element = (name: 'script' | 'img' | 'iframe' | 'object', path: string) =>
            new Promise<string>((resolve) => {
              const node = document.createElement(name);
              node.onload = () => resolve('loaded');
              node.onerror = () => resolve('refused');
              if (node instanceof HTMLObjectElement) node.data = origin + path;
              else node.src = origin + path;
              document.body.append(node);
              setTimeout(() => resolve('nothing'), 2000);
            });
          for (const path of [...assets, '/session']) {
            await attempt(`script ${path}`, () => element('script', path));
            await attempt(`img ${path}`, () => element('img', path));
          }
          await attempt('frame', async () => {
            const state = await element('iframe', '/');
            const frame = document.querySelector('iframe');
            const name = frame?.contentWindow;
            try {
              return `${state} ${name?.document.title ?? 'no document'}`;
            } catch {
              return `${state} unreadable`;
            }
          });
          await attempt('message to the frame', () => {
            const answer = new Promise<string>((resolve) => {
              window.addEventListener('message', ({ data }) => resolve(`answered ${JSON.stringify(data)}`));
              setTimeout(() => resolve('no answer'), 500);
            });
            document.querySelector('iframe')?.contentWindow?.postMessage({ t: 'hello', protocol: 1, key: '' }, '*');
            return answer;
          });
          return outcome;
        },
        { origin: app.origin, paths, assets },
      );
      for (const [what, outcome] of Object.entries(found)) {
        if (what.endsWith('no-cors'))
          expect([what, outcome]).toEqual([what, expect.stringMatching(/^(threw|opaque 0 0)/)]);
        else if (what.startsWith('socket')) expect([what, outcome]).toEqual([what, 'closed 1006']);
        else if (/^(GET|POST)/.test(what)) expect([what, outcome]).toEqual([what, 'threw TypeError']);
        else if (/^(script|img)/.test(what)) expect([what, outcome]).toEqual([what, 'refused']);
        else expect([what, outcome]).toEqual([what, expect.not.stringMatching(/claude-env|answered/)]);
      }

      // A window that it opens on the app: no handle to it stays, and the app in it is without a key.
      const [opened] = await Promise.all([
        context.waitForEvent('page'),
        page.evaluate((origin) => {
          Object.assign(window, { taken: window.open(origin, 'victim') });
        }, app.origin),
      ]);
      await opened.waitForLoadState();
      const handle = await page.evaluate(() => {
        const { taken } = window as unknown as { taken: Window | null };
        try {
          return `${taken === null || taken.closed ? 'severed' : `open ${taken.document.title}`}`;
        } catch {
          return 'unreadable';
        }
      });
      expect(['severed', 'unreadable']).toContain(handle);
      expect(await opened.evaluate(() => window.opener)).toBeNull();
      expect(await opened.evaluate(() => sessionStorage.length)).toBe(0);
      await expect(opened.getByTestId('engine-indicator')).toHaveCount(0);

      // The app itself goes on, and the cookie that was planted changes nothing.
      await app.page.reload();
      await expect(app.page.getByTestId('engine-indicator')).toHaveAttribute('data-state', 'connected');
    } finally {
      hostile.close();
    }
  });

  test('learns nothing from the requests it gets', async ({ app, context }) => {
    const hostile = await hostileServer();
    try {
      await expect(app.page.getByTestId('engine-indicator')).toHaveAttribute('data-state', 'connected');
      const key = await app.page.evaluate(() => Object.values(sessionStorage).join());
      expect(key.length).toBeGreaterThan(20);
      // As a published port's link in the app does.
      const [opened] = await Promise.all([
        context.waitForEvent('page'),
        app.page.evaluate((url) => {
          const link = document.createElement('a');
          link.href = url;
          link.target = '_blank';
          link.click();
        }, `${hostile.origin}/from-the-app`),
      ]);
      await opened.waitForLoadState();
      const request = hostile.requests.find(({ url }) => url === '/from-the-app');
      expect(request?.headers.referer).toBeUndefined();
      expect(request?.headers.cookie).toBeUndefined();
      expect(JSON.stringify(hostile.requests)).not.toContain(key);
      expect(await opened.evaluate(() => window.opener)).toBeNull();
      expect(await opened.evaluate(() => Object.values(sessionStorage).join())).toBe('');
      // The app cannot be made to talk to it either: its own policy forbids that.
      app.expectError(/Content Security Policy/);
      const sent = await app.page.evaluate(
        (url) =>
          fetch(url).then(
            () => 'sent',
            () => 'refused',
          ),
        hostile.origin,
      );
      expect(sent).toBe('refused');
    } finally {
      hostile.close();
    }
  });
});
