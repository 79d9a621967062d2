import * as z from 'zod';
import { appError } from './errors.ts';

/** Raised when old and new pages and mains cannot talk; both say so instead of guessing. */
export const protocolVersion = 1;

const id = z.number().int().nonnegative();

/** What the page sends. `input` is parsed by the method's own schema after the envelope. */
export const clientMessage = z.discriminatedUnion('t', [
  /** First message on a WebSocket; IPC needs none, its sender is checked instead. */
  z.object({ t: z.literal('hello'), protocol: z.number().int(), key: z.string().max(256) }),
  z.object({ t: z.literal('call'), id, method: z.string().max(64), input: z.unknown() }),
  z.object({ t: z.literal('open'), id, stream: z.string().max(64), input: z.unknown() }),
  z.object({ t: z.literal('close'), id }),
]);
export type ClientMessage = z.infer<typeof clientMessage>;

export const serverMessage = z.discriminatedUnion('t', [
  z.object({ t: z.literal('welcome'), protocol: z.number().int() }),
  z.object({ t: z.literal('result'), id, output: z.unknown() }),
  z.object({ t: z.literal('error'), id, error: appError }),
  z.object({ t: z.literal('frame'), id, frame: z.unknown() }),
  /** The stream is over: by itself, or with the reason it broke. */
  z.object({ t: z.literal('end'), id, error: appError.optional() }),
]);
export type ServerMessage = z.infer<typeof serverMessage>;

/** What `preload/index.ts` puts on `window.claudeEnv`; the browser builds the same shape over a WebSocket. */
export interface Bridge {
  readonly post: (message: ClientMessage) => void;
  /** One listener at a time: the typed client. Returns how to take it off. */
  readonly listen: (listener: (message: ServerMessage) => void) => () => void;
  readonly capabilities: readonly ('dialogs' | 'tray')[];
}
