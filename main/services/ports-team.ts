/* The way to a team's services; the door is ports.ts. */

/** One place that serves them, and the only certificate that is believed there. */
export interface TeamPlace {
  /** `host:port`, brackets around an IPv6 address. */
  readonly address: string;
  /** PEM of the team's own CA, one certificate. No other is believed, the system's neither. */
  readonly ca: string;
  /** A secret; sent as `authorization: Bearer`. Absent where somebody has none yet. */
  readonly token?: string;
}

export interface TeamCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/api/v1/…`, without a secret in it. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Of the answer; 4 MiB. */
  readonly maxBytes?: number;
  /** Milliseconds until the answer is whole; 10 s. */
  readonly timeout?: number;
}
/**
 * Nobody that is believed was spoken to; nothing was sent. `other`: somebody answers with a certificate of another CA;
 * `expired`: with one that is not valid now.
 */
export interface TeamSilence {
  readonly kind: 'unreachable' | 'other' | 'expired';
  /** As a sentence without its full stop. */
  readonly why: string;
}
export type TeamAnswer =
  | {
      readonly kind: 'answer';
      /** Whatever it is; a redirect is an answer and is not followed. */
      readonly status: number;
      /** Seconds, where they are said. */
      readonly retryAfter?: number;
      /** When the certificate ends, milliseconds since the epoch. */
      readonly certificateEnds?: number;
      readonly body: Uint8Array;
    }
  | TeamSilence
  /** It was sent, and no whole answer came: nobody knows whether it was done. */
  | { readonly kind: 'lost'; readonly why: string };

export interface TeamLive {
  /** One message, a JSON text. */
  readonly onMessage: (text: string) => void;
  /** Called once; `code` is the WebSocket's (4401: the token holds no longer), 1006 where it just went. */
  readonly onClose: (code: number) => void;
}
export interface TeamSocket {
  readonly send: (text: string) => void;
  readonly close: () => void;
}

/** Requests and a live stream over TLS to one place. They reject only when `signal` fired, with `cancelled`. */
export interface TeamLink {
  /** What `/ca.pem` has there, one certificate, with the SHA-256 of its DER in hex: not yet believed. */
  readonly fetchCa: (
    address: string,
    signal?: AbortSignal,
  ) => Promise<{ readonly kind: 'ca'; readonly pem: string; readonly sha256: string } | TeamSilence>;
  readonly request: (place: TeamPlace, call: TeamCall, signal?: AbortSignal) => Promise<TeamAnswer>;
  /** Answers when it is open. A peer that says nothing for 20 s is taken for gone. */
  readonly open: (
    place: TeamPlace,
    live: TeamLive,
    signal?: AbortSignal,
  ) => Promise<
    | { readonly kind: 'open'; readonly socket: TeamSocket }
    | { readonly kind: 'refused'; readonly status: number }
    | TeamSilence
  >;
}
