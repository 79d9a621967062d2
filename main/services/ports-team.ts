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
/** Whatever the status is; a redirect is an answer and is not followed. */
export interface TeamAnswer {
  readonly status: number;
  /** Seconds, where the services say when to come again. */
  readonly retryAfter?: number;
  readonly body: Uint8Array;
}

export interface TeamLive {
  /** One message, a JSON text. */
  readonly onMessage: (text: string) => void;
  /** Called once; `code` is the WebSocket's (4401: the token holds no longer), 1006 where it just went. */
  readonly onClose: (code: number) => void;
}
export interface TeamLiveSocket {
  readonly send: (text: string) => void;
  readonly close: () => void;
}

/**
 * Requests and a live stream over TLS to one place. Rejects with `team.unreachable`, `team.other-certificate` or `cancelled`;
 * nothing that it says has the token in it.
 */
export interface TeamLink {
  /** What `/ca.pem` has there, one certificate, with the SHA-256 of its DER in hex: not yet believed. */
  readonly fetchCa: (
    address: string,
    signal?: AbortSignal,
  ) => Promise<{ readonly pem: string; readonly sha256: string }>;
  readonly request: (place: TeamPlace, call: TeamCall, signal?: AbortSignal) => Promise<TeamAnswer>;
  /**
   * Resolves when it is open; a peer that says nothing for 40 s is taken for gone. A refused upgrade rejects with
   * `team.revoked` (401), `team.refused` (403) or `team.unreachable`.
   */
  readonly open: (place: TeamPlace, live: TeamLive, signal?: AbortSignal) => Promise<TeamLiveSocket>;
}
