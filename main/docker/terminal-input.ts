import { type Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ExecOptions } from '../services/ports.ts';
import { createDemux } from './demux.ts';

/** Ctrl-P Ctrl-Q: docker's keys for leaving a terminal without ending what runs in it. */
const [first, second] = [0x10, 0x11];

export interface DetachWatch {
  /** Passes the input on; at the keys `leave` is called, and nothing follows. */
  readonly watch: (input: AsyncIterable<Uint8Array>, leave: () => void) => AsyncIterable<Uint8Array>;
  readonly seen: () => boolean;
}

/**
 * Only a terminal has detach keys; without one every byte belongs to the command. They are taken out on this side, as the
 * docker CLI does it: an engine that finds them in an exec's input writes an error into its output (seen on 20.10).
 */
export function createDetachWatch(tty: boolean): DetachWatch {
  let seen = false;
  return {
    watch: async function* (input, leave) {
      let held = false;
      for await (const chunk of input) {
        if (!tty) {
          yield chunk;
          continue;
        }
        const bytes: number[] = [];
        for (const byte of chunk) {
          if (held && byte === second) {
            if (bytes.length > 0) yield Uint8Array.from(bytes);
            seen = true;
            leave();
            return;
          }
          if (held) bytes.push(first);
          held = byte === first;
          if (!held) bytes.push(byte);
        }
        if (bytes.length > 0) yield Uint8Array.from(bytes);
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

/**
 * All output until the command's end, or until the terminal was left; not faster than it is taken, so that what the reader
 * leaves waiting waits in the container, not in this process.
 */
export async function readUntilLeft(stream: Duplex, options: ReadOptions): Promise<void> {
  let taking: unknown[] = [];
  const demux = createDemux(options.tty, (name, data) => taking.push(options.onOutput(name, data)));
  try {
    for await (const chunk of stream) {
      demux(chunk as Buffer);
      await Promise.all(taking);
      taking = [];
    }
  } catch (error) {
    // Leaving closes it from this side, in the middle of a read.
    if (!options.keys.seen()) throw error;
  }
}

interface ReadOptions {
  readonly tty: boolean;
  readonly onOutput: ExecOptions['onOutput'];
  readonly keys: Pick<DetachWatch, 'seen'>;
}
