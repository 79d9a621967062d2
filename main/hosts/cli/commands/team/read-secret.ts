import { text as readAll } from 'node:stream/consumers';
import { askHidden } from '../../hidden-prompt.ts';
import { type Context, usage } from '../../run.ts';

/** What must not be an argument, which everybody on the machine sees: asked for, or read from standard input. */
export async function readSecret({ io, signal }: Context, question: string): Promise<string> {
  const value = io.canAsk ? await askHidden(question, signal) : await readAll(process.stdin);
  if (value.trim() === '') throw usage('Nothing was given.', 'Paste it when asked, or pipe it to standard input.');
  return value.trim();
}
