import { StringDecoder } from 'node:string_decoder';
import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import type { LogOptions, ServiceLogLine } from '../services/ports.ts';
import { createDemux, isFramed, type OutputStream } from './demux.ts';
import { dialStream } from './dial.ts';

const details = /(?:^|,)com\.docker\.swarm\.(node|task)\.id=([a-z0-9]+)/g;

/**
 * What the engine ends a log with when it is not whole (swarmkit manager/logbroker): `Error grabbing logs: rpc error: … warning:
 * incomplete log stream. some logs could not be retrieved for the following reasons: node ID is not available, node ID
 * disconnected unexpectedly, task ID has not been scheduled`. Of a task that never ran there is nothing to miss.
 */
const incomplete = /incomplete log stream/i;
const absent = /node ([a-z0-9]+) (?:is not available|disconnected)/gi;

/** Pure. Ids of the nodes that the engine's sentence calls missing; undefined: it says something else. */
export const missingNodes = (sentence: string): readonly string[] | undefined =>
  incomplete.test(sentence) ? [...sentence.matchAll(absent)].map(([, id = '']) => id) : undefined;

/** In the raw stream of tasks with a terminal, where a message begins: the time where it was asked for, and three ids. */
const ids = '(?=com\\.docker\\.swarm\\.node\\.id=[a-z0-9]+,[a-z0-9.=,]+ )';
const heading = { plain: new RegExp(ids), timed: new RegExp(`(?=\\d{4}-\\d\\d-\\d\\dT\\S+ ${ids})`) };

/**
 * With `details` each message begins with the ids of its node, service and task. A message is a line, or 16 KiB of a longer
 * one, of which each piece has such a beginning (seen with 20.10: no newline between them) and is handed on as a line.
 * Messages come in frames; those of a service with a terminal come as they are.
 */
export async function readServiceLogs(
  docker: Docker,
  service: string,
  { tail, since, follow, timestamps }: LogOptions,
  onLine: (line: ServiceLogLine) => void,
  signal: AbortSignal,
): Promise<{ readonly missing: readonly string[] }> {
  const query = new URLSearchParams({
    stdout: '1',
    stderr: '1',
    details: '1',
    follow: follow ? '1' : '0',
    timestamps: timestamps ? '1' : '0',
    tail: tail === undefined ? 'all' : String(tail),
    ...(since === undefined ? {} : { since }),
  });
  const stream = await dialStream(docker, { method: 'GET', path: `/services/${service}/logs?${query}`, signal });
  let said = '';
  const say = createSayer(timestamps, onLine);
  const pieces: Record<OutputStream, Buffer[]> = { stdout: [], stderr: [] };
  const framed = createDemux(
    false,
    (kind, data, isLast) => {
      pieces[kind].push(data);
      if (isLast) say(kind, Buffer.concat(pieces[kind].splice(0)));
    },
    (data) => {
      said += data.toString('utf8');
    },
  );
  let raw = '';
  const begins = timestamps ? heading.timed : heading.plain;
  const borders = new RegExp(`(?<=\\n)|${begins.source}`);
  /** What has no ids is the engine's own. */
  const takeRaw = (message: string): void => {
    if (begins.test(message)) say('stdout', Buffer.from(message, 'latin1'));
    else said += message;
  };
  let inFrames: boolean | undefined;
  for await (const chunk of stream) {
    const data = chunk as Buffer;
    inFrames ??= isFramed(data);
    if (inFrames) framed(data);
    else {
      const messages = (raw + data.toString('latin1')).split(borders).filter((message) => message !== '');
      raw = messages.at(-1)?.endsWith('\n') === true ? '' : (messages.pop() ?? '');
      messages.forEach(takeRaw);
    }
  }
  if (raw !== '') takeRaw(raw);
  for (const kind of ['stdout', 'stderr'] as const) {
    if (pieces[kind].length > 0) say(kind, Buffer.concat(pieces[kind]));
  }
  if (said === '') return { missing: [] };
  const missing = missingNodes(said);
  if (missing !== undefined) return { missing };
  throw new AppFailure({
    code: 'engine.error',
    message: `The log of ${service} broke off: ${said.trim().slice(0, 500)}`,
    hint: 'Ask for it again; `stack ps` says which of its tasks are where.',
    retry: true,
  });
}

/** Takes whole messages apart. A character that the border of a long line's pieces cuts is put together again. */
function createSayer(timestamps: boolean, onLine: (line: ServiceLogLine) => void) {
  const decoders = new Map<string, StringDecoder>();
  return (stream: OutputStream, message: Buffer): void => {
    let from = 0;
    const word = (): string => {
      const end = message.indexOf(' ', from);
      const found = message.toString('latin1', from, end === -1 ? from : end);
      from = end === -1 ? from : end + 1;
      return found;
    };
    const at = timestamps ? word() : undefined;
    const ids = new Map([...word().matchAll(details)].map(([, key = '', id = '']) => [key, id]));
    const task = ids.get('task') ?? '';
    const who = `${stream} ${task}`;
    const decoder = decoders.get(who) ?? new StringDecoder('utf8');
    const isWhole = message.at(-1) === 10;
    const text = decoder.write(message.subarray(from)) + (isWhole ? decoder.end() : '');
    if (isWhole) decoders.delete(who);
    else decoders.set(who, decoder);
    onLine({
      stream,
      text: text.replace(/\r?\n$/, ''),
      task,
      node: ids.get('node') ?? '',
      ...(at === undefined ? {} : { at }),
    });
  };
}
