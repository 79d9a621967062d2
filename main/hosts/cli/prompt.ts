import { createInterface, type Interface } from 'node:readline/promises';
import { cancelled } from './run.ts';

/** One line, and no more: the terminal is closed after it. Ctrl-C and Ctrl-D cancel. */
export async function askOn(terminal: Interface, shown: string, signal: AbortSignal): Promise<string> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  // The interface takes Ctrl-C itself; both ways end here.
  terminal.once('SIGINT', () => stop.abort());
  terminal.once('close', () => stop.abort());
  try {
    return await terminal.question(shown, { signal: both });
  } catch (error) {
    if (both.aborted) throw cancelled();
    throw error;
  } finally {
    terminal.close();
  }
}

/** One line from the terminal; what is in brackets is taken for an empty answer. Ctrl-C and Ctrl-D cancel. */
export async function ask(question: string, preset: string, signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const shown = preset === '' ? `${question} ` : `${question} [${preset}] `;
  return (await askOn(terminal, shown, signal)).trim() || preset;
}

export async function confirm(question: string, preset: boolean, signal: AbortSignal): Promise<boolean> {
  const answer = await ask(question, preset ? 'Y/n' : 'y/N', signal);
  if (answer === 'Y/n') return true;
  return /^(y|yes)$/i.test(answer);
}
