import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { askOn } from './prompt.ts';

/** One line from the terminal that is not shown while it is typed. Ctrl-C and Ctrl-D cancel. */
export async function askHidden(question: string, signal: AbortSignal): Promise<string> {
  // What readline echoes goes nowhere.
  const dark = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: dark, terminal: true });
  // Asked once the terminal itself echoes no more: a quick answer, or a paste, must not come before that.
  process.stdout.write(`${question} `);
  try {
    return await askOn(terminal, '', signal);
  } finally {
    process.stdout.write('\n');
  }
}
