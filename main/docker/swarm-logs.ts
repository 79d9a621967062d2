import { StringDecoder } from 'node:string_decoder';
import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import type { LogOptions, ServiceLogLine } from '../services/ports.ts';
import { createDemux } from './demux.ts';
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

/** With `details` each line begins with the ids of its node, service and task. */
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
  const half = () => ({ decoder: new StringDecoder('utf8'), text: '' });
  const rest = { stdout: half(), stderr: half() };
  let said = '';
  const say = (kind: 'stdout' | 'stderr', line: string): void => {
    const words = line.split(' ');
    const at = timestamps ? words.shift() : undefined;
    const ids = new Map([...(words.shift() ?? '').matchAll(details)].map(([, key = '', id = '']) => [key, id]));
    onLine({
      stream: kind,
      text: words.join(' '),
      task: ids.get('task') ?? '',
      node: ids.get('node') ?? '',
      ...(at === undefined ? {} : { at }),
    });
  };
  const demux = createDemux(
    false,
    (kind, data) => {
      // A chunk's border may cut a character.
      const lines = (rest[kind].text + rest[kind].decoder.write(data)).split('\n');
      rest[kind].text = lines.pop() ?? '';
      for (const line of lines) say(kind, line);
    },
    (data) => {
      said += data.toString('utf8');
    },
  );
  for await (const chunk of stream) demux(chunk as Buffer);
  for (const kind of ['stdout', 'stderr'] as const) {
    const last = rest[kind].text + rest[kind].decoder.end();
    if (last !== '') say(kind, last);
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
