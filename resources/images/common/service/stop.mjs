import { describeError } from './log.mjs';

/**
 * Ends the service in good order when it is told to: Swarm sends SIGTERM, and SIGKILL after its stop_grace_period.
 * @param {() => Promise<void>} finish stops accepting and finishes what is under way
 * @param {object} options
 * @param {import('./log.mjs').Log} options.log
 * @param {number} [options.withinMs] what takes longer is cut off
 * @param {(code: number) => void} [options.exit]
 */
export function stopOnSignal(finish, { log, withinMs = 9000, exit = (code) => process.exit(code) }) {
  let stopping = false;
  /** @param {string} signal */
  const stop = (signal) => {
    if (stopping) return;
    stopping = true;
    log.info('stopping', { signal });
    setTimeout(() => {
      log.warn('cut off what was still under way', { withinMs });
      exit(0);
    }, withinMs).unref();
    finish().then(
      () => exit(0),
      (error) => {
        log.error('could not stop in good order', describeError(error));
        exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stop(signal));
}
