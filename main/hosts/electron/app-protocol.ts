import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { protocol } from 'electron';
import { pageTypes } from '../shared/page-types.ts';

/** The page's own origin: a standard, secure scheme instead of file://, whose pages may read any file. */
export const pageOrigin = 'claude-env://app';
export const pageUrl = `${pageOrigin}/index.html`;

/** Must run before the app is ready. https://www.electronjs.org/docs/latest/api/protocol */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'claude-env', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built renderer and nothing else: a path that leaves the folder, or a type not listed, is not found. */
export function servePage(directory: string): void {
  protocol.handle('claude-env', async (request) => {
    const url = new URL(request.url);
    const file = normalize(join(directory, decodeURIComponent(url.pathname)));
    const type = pageTypes[extname(file)];
    if (url.host !== 'app' || type === undefined || !file.startsWith(directory + sep)) {
      return new Response('not found', { status: 404 });
    }
    try {
      const body = await readFile(file);
      return new Response(new Uint8Array(body), {
        headers: { 'content-type': type, 'x-content-type-options': 'nosniff' },
      });
    } catch {
      return new Response('not found', { status: 404 });
    }
  });
}
