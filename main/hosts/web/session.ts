import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/*
 * A one-time token travels in the URL's fragment (never sent to a server, never in a Referrer) and is exchanged once
 * for a session key, which the page keeps in sessionStorage: bound to this origin, port included, and to this tab.
 * No cookie: a cookie of 127.0.0.1 goes to every port of 127.0.0.1.
 */
export interface SessionOptions {
  /** Milliseconds; any clock that only rises. */
  readonly now: () => number;
  readonly tokenLifetime?: number;
  /** Wrong tokens taken in a window before the door closes until the window is over. */
  readonly attempts?: number;
  readonly window?: number;
  readonly maxKeys?: number;
}

export type Exchange =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'limited'; readonly retryAfter: number };

export interface Sessions {
  /** A new token, good once and for ten minutes. */
  readonly issue: () => string;
  readonly exchange: (token: string) => Exchange;
  readonly accepts: (key: string) => boolean;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const secret = (): string => randomBytes(32).toString('base64url');

/** Only digests are kept; they are compared in constant time, all of them, whether one fits or not. */
const find = (known: Iterable<Buffer>, text: string): Buffer | undefined => {
  const wanted = digest(text);
  let found: Buffer | undefined;
  for (const candidate of known) if (timingSafeEqual(candidate, wanted)) found = candidate;
  return found;
};

export function createSessions(options: SessionOptions): Sessions {
  const { now, tokenLifetime = 600_000, attempts = 10, window = 60_000, maxKeys = 64 } = options;
  const tokens = new Map<Buffer, number>();
  const keys = new Set<Buffer>();
  let failures: readonly number[] = [];

  return {
    issue: () => {
      const token = secret();
      for (const [known, expires] of tokens) if (expires <= now()) tokens.delete(known);
      tokens.set(digest(token), now() + tokenLifetime);
      return token;
    },
    exchange: (token) => {
      const at = now();
      failures = failures.filter((failure) => at - failure < window);
      const oldest = failures[0];
      if (oldest !== undefined && failures.length >= attempts) {
        return { kind: 'limited', retryAfter: Math.ceil((oldest + window - at) / 1000) };
      }
      const found = find(tokens.keys(), token);
      const expires = found === undefined ? undefined : tokens.get(found);
      if (found !== undefined) tokens.delete(found);
      if (expires === undefined || expires <= at) {
        failures = [...failures, at];
        return { kind: 'refused' };
      }
      const key = secret();
      keys.add(digest(key));
      // A key for every link that was ever opened would grow for ever; the oldest tab asks for a new link.
      const [first] = keys;
      if (keys.size > maxKeys && first !== undefined) keys.delete(first);
      return { kind: 'key', key };
    },
    accepts: (key) => find(keys, key) !== undefined,
  };
}
