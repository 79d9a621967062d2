import { StringDecoder } from 'node:string_decoder';
import type { LogChunk } from '../services/ports.ts';
import type { OutputStream } from './demux.ts';

/** A line longer than this arrives in pieces of this size (characters), each a chunk of its own. */
export const lineLimit = 16 * 1024;

/** With timestamps the engine writes RFC 3339 with nanoseconds and a space before each line. */
const stamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) /;

interface Half {
  readonly decoder: StringDecoder;
  pending: string;
  /** Time of the line whose first piece has been handed on. */
  at: string | undefined;
  continued: boolean;
}

/**
 * Puts lines together per stream. Bytes that are no UTF-8 become U+FFFD; a character cut by a chunk's border is whole
 * again. `end` hands on what had no newline.
 */
export function createLineSplitter(
  timestamps: boolean,
  onLine: (chunk: LogChunk) => void,
): { readonly write: (stream: OutputStream, data: Buffer) => void; readonly end: () => void } {
  const half = (): Half => ({ decoder: new StringDecoder('utf8'), pending: '', at: undefined, continued: false });
  const halves: Readonly<Record<OutputStream, Half>> = { stdout: half(), stderr: half() };

  const emit = (stream: OutputStream, text: string, complete: boolean) => {
    const state = halves[stream];
    const match = timestamps && !state.continued ? stamp.exec(text) : null;
    if (match) state.at = match[1];
    const body = match ? text.slice(match[0].length) : text;
    onLine({ stream, ...(state.at && { at: state.at }), text: body.replace(/\r$/, '') });
    state.continued = !complete;
    if (complete) state.at = undefined;
  };

  const drain = (stream: OutputStream) => {
    const state = halves[stream];
    let from = 0;
    for (let at = state.pending.indexOf('\n'); at >= 0; at = state.pending.indexOf('\n', from)) {
      let start = from;
      while (at - start > lineLimit) {
        emit(stream, state.pending.slice(start, start + lineLimit), false);
        start += lineLimit;
      }
      emit(stream, state.pending.slice(start, at), true);
      from = at + 1;
    }
    state.pending = state.pending.slice(from);
    while (state.pending.length > lineLimit) {
      emit(stream, state.pending.slice(0, lineLimit), false);
      state.pending = state.pending.slice(lineLimit);
    }
  };

  return {
    write: (stream, data) => {
      halves[stream].pending += halves[stream].decoder.write(data);
      drain(stream);
    },
    end: () => {
      for (const stream of ['stdout', 'stderr'] as const) {
        halves[stream].pending += halves[stream].decoder.end();
        drain(stream);
        if (halves[stream].pending !== '') emit(stream, halves[stream].pending, true);
        halves[stream].pending = '';
      }
    },
  };
}
