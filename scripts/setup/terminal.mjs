import { createInterface } from 'node:readline/promises';

/** Stops a script with a message and an exit code instead of a stack trace. */
export class SetupError extends Error {
  /**
   * @param {string} message what is wrong
   * @param {{ hint?: string, exitCode?: number }} [options] `hint`: the exact command or step that mends it
   */
  constructor(message, { hint, exitCode = 1 } = {}) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** @type {NodeJS.WritableStream} */
let out = process.stdout;

/** For commands whose standard output is for programs. */
export function sayOnStderr() {
  out = process.stderr;
}

/** @param {string} text */
export const say = (text) => out.write(`claude-env: ${text}\n`);

/** For a terminal that someone reads: both ways. */
export const hasTerminal = () => Boolean(process.stdin.isTTY && process.stdout.isTTY);

/**
 * Runs work that may take long and says every ten seconds that it still does.
 * @template T
 * @param {string} title
 * @param {(note: (text: string) => void) => Promise<T>} work `note` sets what the next line says it is doing
 * @returns {Promise<T>}
 */
export async function withProgress(title, work) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  let doing = '';
  say(`${title} …`);
  const ticker = setInterval(() => say(`${title}: ${seconds()} s${doing === '' ? '' : `, ${doing}`}`), 10_000);
  try {
    const result = await work((text) => {
      doing = text;
    });
    say(`${title}: done in ${seconds()} s`);
    return result;
  } finally {
    clearInterval(ticker);
  }
}

/**
 * May we do this? `--yes` and root without a terminal mean yes; an ordinary user without a terminal means no.
 * @param {string} question ends without a question mark
 * @param {{ yes: boolean, root: boolean, terminal: boolean, ask?: (text: string) => Promise<string> }} who
 */
export async function mayWe(question, { yes, root, terminal, ask = askTerminal }) {
  if (yes) return true;
  if (!terminal) return root;
  const answer = (await ask(`claude-env: ${question}? [Y/n] `)).trim().toLowerCase();
  return answer === '' || answer === 'y' || answer === 'yes';
}

/** @param {string} text */
async function askTerminal(text) {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await prompt.question(text);
  } finally {
    prompt.close();
  }
}

/**
 * Runs a script's main function; a SetupError becomes its message and exit code.
 * @param {() => Promise<number>} main
 */
export async function runScript(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`claude-env: ${error.message}`);
    if (error.hint) console.error(`\n${error.hint}\n`);
    process.exitCode = error.exitCode;
  }
}
