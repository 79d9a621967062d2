import { noRedactor } from '../../core/redact.ts';
import type { Log } from '../../services/ports.ts';

/**
 * What nobody caught goes to the log and to standard error, without values in use: Node's own report would have them.
 * `end` is told the text and ends the process, or tells the user.
 */
export function watchCrashes(log: Log, end: (text: string) => void): void {
  const { redact } = log.redactor ?? noRedactor;
  // A rejection that nobody handles comes here as well.
  process.on('uncaughtException', (error: unknown) => {
    const text = redact(error instanceof Error ? (error.stack ?? error.message) : String(error));
    log('error', 'crash', { found: text });
    process.stderr.write(`${text}\n`);
    end(text);
  });
}
