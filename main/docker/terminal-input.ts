import { type Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Ctrl-P Ctrl-Q: the engine's own keys for leaving a terminal without ending what runs in it. */
const detachKeys = [0x10, 0x11] as const;

export interface DetachWatch {
  /** Passes the input on and looks for the keys; the engine finds them by itself and closes the stream. */
  readonly watch: (input: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  readonly seen: () => boolean;
}

/** Only a terminal has detach keys; without one every byte belongs to the command. */
export function createDetachWatch(tty: boolean): DetachWatch {
  let seen = false;
  let first = false;
  const look = (chunk: Uint8Array): void => {
    for (const byte of chunk) {
      if (first && byte === detachKeys[1]) seen = true;
      first = byte === detachKeys[0];
    }
  };
  return {
    watch: async function* (input) {
      for await (const chunk of input) {
        if (tty) look(chunk);
        yield chunk;
      }
    },
    seen: () => seen,
  };
}

/** Standard input until it ends or the command does; input that breaks breaks the conversation. */
export async function feed(stream: Duplex, input: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await pipeline(Readable.from(input), stream);
  } catch (error) {
    // Closed by the command's end: what was still coming in has no reader.
    if (!stream.destroyed) stream.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
