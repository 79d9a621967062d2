import type Docker from 'dockerode';
import type { LogChunk, LogOptions } from '../services/ports.ts';
import { createDemux } from './demux.ts';
import { dialStream } from './dial.ts';
import { createLineSplitter } from './log-lines.ts';

export interface ReadLogs {
  readonly docker: Docker;
  readonly container: string;
  readonly options: LogOptions;
  readonly onChunk: (chunk: LogChunk) => void;
  readonly signal: AbortSignal;
}

/** The engine takes `since` as seconds with nanoseconds, although it writes RFC 3339 (seen: "strconv.ParseInt" on 20.10). */
export function toEngineTime(instant: string): string {
  const fraction = /\.(\d+)/.exec(instant)?.[1] ?? '';
  const seconds = Math.floor(Date.parse(instant.replace(/\.\d+/, '')) / 1000);
  return Number.isNaN(seconds) ? instant : `${seconds}.${fraction.padEnd(9, '0').slice(0, 9)}`;
}

const logQuery = ({ tail, since, follow, timestamps }: LogOptions): string => {
  const query = new URLSearchParams({ stdout: '1', stderr: '1', follow: follow ? '1' : '0' });
  if (timestamps) query.set('timestamps', '1');
  query.set('tail', tail === undefined ? 'all' : String(tail));
  if (since !== undefined) query.set('since', toEngineTime(since));
  return query.toString();
};

/**
 * A container's log, a chunk a line (lines past 16 KiB in pieces). Resolves when the engine ends the stream; rejects when
 * the connection breaks or the signal fires. The engine waits for a slow reader: chunks are handed on as they are read.
 */
export async function readLogs({ docker, container, options, onChunk, signal }: ReadLogs): Promise<void> {
  const info = await docker.getContainer(container).inspect({ abortSignal: signal });
  const stream = await dialStream(docker, {
    method: 'GET',
    path: `/containers/${encodeURIComponent(info.Id)}/logs?${logQuery(options)}`,
    signal,
  });
  const lines = createLineSplitter(options.timestamps, onChunk);
  const demux = createDemux(info.Config.Tty, lines.write);
  for await (const chunk of stream) demux(chunk as Buffer);
  lines.end();
}
