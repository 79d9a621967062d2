import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { AppFailure } from '../core/app-failure.ts';
import type { SwarmStep } from '../core/swarm/steps.ts';
import type { EngineConnection, StepReport } from '../services/ports.ts';
import { dialStream } from './dial.ts';
import { toEngineError } from './errors.ts';
import { readJsonLines } from './json-lines.ts';
import { inspectImage } from './observe.ts';

/* An image from one engine to another, through this machine and never whole in its memory. */

export interface SendImage {
  readonly step: Extract<SwarmStep, { kind: 'send-image' }>;
  readonly docker: Docker;
  readonly target: Pick<EngineConnection, 'image' | 'loadImage'>;
  readonly report: (progress: StepReport) => void;
  readonly signal: AbortSignal;
}

/** `docker tag`; `name` has a tag. */
export async function tagImage(docker: Docker, image: string, name: string, signal: AbortSignal): Promise<void> {
  const at = name.lastIndexOf(':');
  await docker.getImage(image).tag({ repo: name.slice(0, at), tag: name.slice(at + 1), abortSignal: signal });
}

/** Under a tag of its own: an image without one is what `docker image prune` takes. Rejects unless the id has arrived. */
export async function sendImage({ step, docker, target, report, signal }: SendImage): Promise<void> {
  const { image, tag, hostname } = step;
  await tagImage(docker, image, tag, signal);
  const size = (await inspectImage(docker, image, signal))?.Size ?? 0;
  const stream = await dialStream(docker, { method: 'GET', path: `/images/${tag}/get`, signal });
  await target.loadImage(counted(stream, size, `to ${hostname}`, report), signal);
  if ((await target.image(image, signal)) !== undefined) return;
  throw new AppFailure({
    code: 'engine.error',
    message: `${tag} was copied to ${hostname} and has another id there: the two engines keep images in different ways.`,
    hint: 'Push it to a registry that every node reaches, and name it there in the file.',
  });
}

/** Tells how much has gone by; of an unknown size (0) without how much is left. Tars are about as large as their image says. */
export async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
  where: string,
  report: SendImage['report'],
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of chunks) {
    sent += chunk.length;
    const fraction = size === 0 ? {} : { fraction: Math.min(1, sent / size) };
    report({ message: `${where}: ${Math.round(sent / 1e6)} MB`, ...fraction });
    yield chunk;
  }
}

/** What `docker load` does. A failure after the first byte is a line of the answer, not its status. */
export async function loadImage(docker: Docker, chunks: AsyncIterable<Uint8Array>, abort: AbortSignal): Promise<void> {
  const body = new PassThrough();
  // What the archive comes from may end early: the engine would wait for the rest.
  const broken = new AbortController();
  const signal = AbortSignal.any([abort, broken.signal]);
  const sent = pipeline(Readable.from(chunks, { objectMode: false }), body, { signal });
  const answer = docker.loadImage(body, { quiet: true, abortSignal: signal } as object).then(async (stream) => {
    for await (const line of readJsonLines(stream)) {
      const { error } = line as { readonly error?: string };
      if (error !== undefined) throw new AppFailure(toEngineError('Loading an image', error));
    }
  });
  try {
    await Promise.all([sent, answer]);
  } catch (error) {
    broken.abort();
    await Promise.allSettled([sent, answer]);
    throw error;
  }
}
