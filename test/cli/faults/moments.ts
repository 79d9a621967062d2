import type { TestEngine } from '../../support/engine.ts';

/** When something is broken: after so many milliseconds, or when the engine says so. */
export type Moment = { readonly after: number } | { readonly event: EngineMoment; readonly count: number };

export const engineMoments = [
  'create',
  'kill',
  'die',
  'destroy',
  'rename',
  'start',
  'network',
  'exec_start: sh',
] as const;
/** Actions of containers (`network`: any action of a network) in the project. */
export type EngineMoment = (typeof engineMoments)[number];

export const describeMoment = (moment: Moment): string =>
  'after' in moment ? `after ${moment.after} ms` : `at ${moment.event} number ${moment.count}`;

/** Numbers from 0 up to 1 that are the same in every run. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

interface Said {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> };
}

/** A network's events have its name, but not its labels. */
function fits({ Type, Action, Actor }: Said, event: EngineMoment, project: string): boolean {
  const { Attributes } = Actor;
  if (event === 'network') return Type === 'network' && (Attributes.name ?? '').startsWith(`${project}_`);
  const ours = Attributes['com.docker.compose.project'] === project;
  return ours && Type === 'container' && Action.startsWith(event);
}

/**
 * Starts something and resolves at the moment, or when it has ended before. An event stream is open before it starts, so
 * nothing of it is missed.
 */
export async function startUntil<T extends { readonly finished: Promise<unknown> }>(
  engine: TestEngine,
  project: string,
  moment: Moment,
  start: () => T,
): Promise<T> {
  if ('after' in moment) {
    const running = start();
    await Promise.race([running.finished, new Promise((resolve) => setTimeout(resolve, moment.after))]);
    return running;
  }
  const stream = await engine.docker.getEvents();
  let seen = 0;
  const happened = new Promise<void>((resolve) => {
    let rest = '';
    stream.on('data', (chunk: Buffer) => {
      rest += chunk.toString();
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.filter((one) => one.trim() !== '')) {
        seen += fits(JSON.parse(line), moment.event, project) ? 1 : 0;
      }
      if (seen >= moment.count) resolve();
    });
    // Not for the engine's end: that is what some tests are about.
    stream.on('error', () => resolve());
  });
  const running = start();
  await Promise.race([running.finished, happened]);
  if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
  return running;
}
