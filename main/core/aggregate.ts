import type { Aggregate } from '../../preload/contract/model.ts';
import { type Diagnosis, diagnose } from './diagnose.ts';
import type { SeenContainer } from './seen.ts';

/*
 * The one place that turns what the engine says into the seven states of the app. One word a container, folded into one
 * a service, folded into one a stack.
 *
 *   container                                         word
 *   running, no health check or healthy               healthy
 *   running, health starting                          working
 *   running, unhealthy                                failed      its health check fails
 *   running, its secrets in memory gone               degraded    (unhealthy, or started again: failed)
 *   removing                                          working
 *   restarting, up to twice since its creation        working     it ended, the engine starts it again
 *   restarting, more often                            failed      crash loop
 *   paused                                            degraded
 *   dead                                              failed
 *   created, the engine said why it would not start   failed
 *   created                                           stopped     created, not started yet
 *   exited, engine error or out of memory             failed
 *   exited, policy always or unless-stopped           stopped     only a person's stop ends those
 *   exited 0                                          completed   (with another policy)
 *   exited 143, 130                                   stopped     asked to end
 *   exited 137                                        stopped if everything in the stack has stopped, otherwise failed
 *   exited, any other code                            failed
 *
 *   several words                                     folded
 *   all the same                                      that one
 *   (completed counts as nothing beside others)
 *   failed beside healthy or working                  degraded
 *   failed beside stopped only                        failed
 *   degraded                                          degraded
 *   stopped beside healthy                            degraded
 *   working beside healthy or stopped                 working
 *   unknown                                           unknown
 */

export interface Verdict {
  readonly aggregate: Aggregate;
  readonly reason?: string;
  readonly nextStep?: string;
}

const withDiagnosis = (aggregate: Aggregate, diagnosis: Diagnosis | undefined): Verdict =>
  diagnosis === undefined ? { aggregate } : { aggregate, reason: diagnosis.cause, nextStep: diagnosis.nextStep };

/** `allStopped`: nothing in the whole stack has a process. */
export function judgeContainer(container: SeenContainer, allStopped: boolean): Verdict {
  const failed = (): Verdict => withDiagnosis('failed', diagnose(container));
  const lost = missingSecrets(container);
  if (lost !== undefined) {
    const works = container.state !== 'restarting' && container.health !== 'unhealthy';
    return { aggregate: works ? 'degraded' : 'failed', ...lost };
  }
  switch (container.state) {
    case 'running':
      if (container.health === 'unhealthy') return failed();
      if (container.health === 'starting') {
        return { aggregate: 'working', reason: 'Its health check has not passed yet' };
      }
      return { aggregate: 'healthy' };
    case 'removing':
      return { aggregate: 'working', reason: 'It is being removed' };
    case 'restarting':
      return container.restarts >= loopFrom ? failed() : restarting(container);
    case 'dead':
      return failed();
    case 'paused':
      return withDiagnosis('degraded', diagnose(container));
    case 'created':
      if (hasError(container)) return failed();
      return { aggregate: 'stopped', reason: 'Created, not started yet', nextStep: 'Start it' };
    case 'exited':
      return judgeExited(container, allStopped, failed);
    case 'absent':
      return { aggregate: 'stopped' };
  }
}

/** What is kept in memory is brought by a start of ours alone: not by a restart policy, nor after the engine's own restart. */
function missingSecrets({ missingSecrets: paths = [] }: SeenContainer): Omit<Verdict, 'aggregate'> | undefined {
  if (paths.length === 0) return undefined;
  const names = paths.map((path) => path.split('/').at(-1) ?? path);
  const what = names.length === 1 ? `Secret ${names[0]} is` : `Secrets ${names.join(', ')} are`;
  return {
    reason: `${what} missing: it was started by something that cannot bring what is kept in memory`,
    nextStep: 'Start it again: Restart brings its secrets from the keychain',
  };
}

/** Restarts since its creation from which on it is called a loop: the engine waits 0.1, 0.2, 0.4 s, … between them. */
const loopFrom = 3;

function restarting(container: SeenContainer): Verdict {
  const ended = diagnose({ ...container, state: 'exited' });
  return { aggregate: 'working', reason: `${ended?.cause ?? 'It ended'}; the engine starts it again` };
}

const hasError = (container: SeenContainer): boolean => container.error !== undefined && container.error !== '';

function judgeExited(container: SeenContainer, allStopped: boolean, failed: () => Verdict): Verdict {
  if (hasError(container) || container.oomKilled) return failed();
  const policy = container.restartPolicy ?? '';
  if (policy === 'always' || policy === 'unless-stopped') return { aggregate: 'stopped' };
  switch (container.exitCode) {
    case 0:
      return { aggregate: 'completed' };
    case 130:
    case 143:
      return { aggregate: 'stopped' };
    case 137:
      return allStopped ? { aggregate: 'stopped' } : failed();
    default:
      return failed();
  }
}

/** Several words as one; undefined when there is none. */
export function foldAggregates(words: readonly Aggregate[]): Aggregate | undefined {
  const [first] = words;
  if (words.every((word) => word === first)) return first;
  const some = new Set(words);
  some.delete('completed');
  if (some.has('unknown')) return 'unknown';
  if (some.has('degraded')) return 'degraded';
  if (some.has('failed')) return some.has('healthy') || some.has('working') ? 'degraded' : 'failed';
  if (some.has('working')) return 'working';
  if (some.has('healthy')) return some.has('stopped') ? 'degraded' : 'healthy';
  return 'stopped';
}

/** Worst first: whose reason speaks for the whole. */
export const severity: readonly Aggregate[] = [
  'failed',
  'degraded',
  'unknown',
  'stopped',
  'working',
  'completed',
  'healthy',
];
