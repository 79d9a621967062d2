import { createInterface } from 'node:readline/promises';
import { cancelled } from './run.ts';

/** One line from the terminal; what is in brackets is taken for an empty answer. Ctrl-C and Ctrl-D cancel. */
export async function ask(question: string, preset: string, signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  // In line mode the interface takes Ctrl-C itself; both ways end here.
  terminal.once('SIGINT', () => stop.abort());
  terminal.once('close', () => stop.abort());
  try {
    const shown = preset === '' ? `${question} ` : `${question} [${preset}] `;
    const answer = await terminal.question(shown, { signal: both });
    return answer.trim() === '' ? preset : answer.trim();
  } catch (error) {
    if (both.aborted) throw cancelled();
    throw error;
  } finally {
    terminal.close();
  }
}

export async function confirm(question: string, preset: boolean, signal: AbortSignal): Promise<boolean> {
  const answer = await ask(question, preset ? 'Y/n' : 'y/N', signal);
  if (answer === 'Y/n') return true;
  return /^(y|yes)$/i.test(answer);
}
