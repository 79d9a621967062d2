import type { EngineEvent, SeenContainer } from './seen.ts';

/*
 * A container that died is held by the engine while its network and ports are taken down: seen on 20.10.24, an inspect
 * answered 1.5 s after the event when eleven ports were published. The event itself already says what matters, so it is
 * shown at once and the inspect only confirms it.
 */

/** The policy starts a container again that ended by itself, but not one that somebody stopped. */
function startsAgain(policy: string | undefined, exitCode: number, asked: boolean): boolean {
  if (asked) return false;
  return policy === 'always' || policy === 'unless-stopped' || (policy === 'on-failure' && exitCode !== 0);
}

/**
 * The container as it is right after its `die` event. `asked`: a `kill` event came before, so somebody wanted it to end.
 * A later look corrects what the event cannot tell (out of memory, retries used up).
 */
export function afterDeath(container: SeenContainer, event: EngineEvent, asked: boolean): SeenContainer {
  const exitCode = Number.parseInt(event.attributes.exitCode ?? '', 10);
  const known = Number.isNaN(exitCode) ? {} : { exitCode };
  return {
    ...container,
    ...known,
    state: startsAgain(container.restartPolicy, exitCode, asked) ? 'restarting' : 'exited',
    health: 'none',
    finishedAt: new Date(Number(BigInt(event.timeNano) / 1_000_000n)).toISOString(),
  };
}
