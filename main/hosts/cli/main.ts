import { CommanderError } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { runProgram } from './program.ts';

/** `claude-env logs | head`: the reader went away, which is no failure of ours. */
const onPipeError = (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  throw error;
};
process.stdout.on('error', onPipeError);
process.stderr.on('error', onPipeError);

async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  try {
    return await runProgram(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander has printed the text; --help is no mistake.
    if (error.exitCode === 0) return exitCodes.done;
    if (argv.includes('--json')) {
      const message = error.message.replace(/^error: /, '');
      process.stdout.write(`${JSON.stringify({ error: { code: 'usage', message } })}\n`);
    }
    return exitCodes.usage;
  }
}

main().then(
  // Open handles (a terminal's input, a browser that was opened) must not keep a finished command alive.
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`claude-env: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(exitCodes.failed);
  },
);
