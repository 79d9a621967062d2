/*
 * The browser's way to a session key. No cookie: cookies ignore ports, so any program on another port of 127.0.0.1
 * would receive it. The one-time token travels in the fragment, which is never sent over the network by the browser.
 */
const storageKey = 'claude-env.session';

export interface SessionPlace {
  readonly location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  readonly history: Pick<History, 'replaceState'>;
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
}

export type Session =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'refused'; readonly reason: 'no-session' | 'session' };

/** Takes the one-time token out of the address bar at once, before anything else runs or is awaited. */
function takeToken({ location, history }: SessionPlace): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null || token === '') return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  return token;
}

/**
 * A fresh token wins over a stored key; a token that is spent (a reload of the original link) falls back to the key
 * that it once bought in this tab. Rejects when the host does not answer at all.
 */
export async function openSession(place: SessionPlace): Promise<Session> {
  const token = takeToken(place);
  const stored = place.storage.getItem(storageKey);
  if (token !== undefined) {
    const response = await place.fetch('/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
      credentials: 'omit',
      cache: 'no-store',
    });
    const answer: unknown = response.ok ? await response.json() : undefined;
    if (typeof answer === 'object' && answer !== null && 'key' in answer && typeof answer.key === 'string') {
      place.storage.setItem(storageKey, answer.key);
      return { kind: 'key', key: answer.key };
    }
    if (stored === null) return { kind: 'refused', reason: 'session' };
  }
  return stored === null ? { kind: 'refused', reason: 'no-session' } : { kind: 'key', key: stored };
}

export const forgetSession = (storage: Pick<Storage, 'removeItem'>) => storage.removeItem(storageKey);
