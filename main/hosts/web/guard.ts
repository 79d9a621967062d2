import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/*
 * Who may talk to us. A page of another site can make the browser send requests here (DNS rebinding, forms, fetch
 * without CORS), but it cannot choose Host and Origin: the browser writes them.
 */

/** Names under which this host is asked; anything else in Host means that another name was made to point at us. */
const ownHosts = (port: number): readonly string[] => [`127.0.0.1:${port}`, `localhost:${port}`];

/** Exactly one Host, and it is ours. Of several Node's `headers` would show the first. */
export function hasOwnHost(request: IncomingMessage, port: number): boolean {
  const [host, ...more] = request.headersDistinct.host ?? [];
  return host !== undefined && more.length === 0 && ownHosts(port).includes(host);
}

/** The page's own origin, under the very name it was asked by. No Origin is no browser page of ours: refused. */
export const hasOwnOrigin = (headers: IncomingHttpHeaders): boolean =>
  headers.origin !== undefined && headers.origin === `http://${headers.host ?? ''}`;

/**
 * Same as the `Content-Security-Policy` in renderer/index.html, plus what only a header can say. `data:` images are the
 * inlined icons of the build; React writes `style` attributes through the object model, which CSP does not restrict.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "object-src 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** On every answer, errors as well. No CORS header is ever sent: other origins read nothing. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), clipboard-read=()',
};

/** `/a?b` → `/a`. Undecoded on purpose: the whitelist holds plain names only. */
export const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0] ?? '';
