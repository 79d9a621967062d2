import { AppFailure } from '../../core/app-failure.ts';
import type { SwarmMembership } from '../ports.ts';
import type { TeamContext } from './context.ts';
import { unlockAccount } from './records.ts';

/**
 * The key that a manager needs after each restart with autolock on. It goes into the keychain; where there is none it is
 * handed out once, to be written down, because without it the manager's data are lost.
 */
export async function keepUnlockKey(
  { keychain }: TeamContext,
  swarm: SwarmMembership,
  swarmId: string,
): Promise<{ readonly unlockKey?: string }> {
  const key = await swarm.unlockKey();
  try {
    await keychain.set(unlockAccount(swarmId), key);
    return {};
  } catch (error) {
    if (error instanceof AppFailure && error.error.code.startsWith('keychain.')) return { unlockKey: key };
    throw error;
  }
}

export interface AutolockOptions {
  readonly engine?: string;
  readonly on: boolean;
}

/** Turns autolock on or off; on again: a new key. */
export async function setAutolock(
  context: TeamContext,
  { engine: wanted, on }: AutolockOptions,
): Promise<{ readonly autolock: boolean; readonly unlockKey?: string }> {
  const { swarm } = await context.engineOf(wanted);
  const before = await swarm.swarm();
  await swarm.change({ autolock: on, ...(on && before.autolock ? { rotate: 'unlock-key' as const } : {}) });
  if (on) return { autolock: true, ...(await keepUnlockKey(context, swarm, before.id)) };
  await context.keychain.delete(unlockAccount(before.id)).catch(() => false);
  return { autolock: false };
}

/** `key`: what was typed; without it the keychain's. */
export async function unlockTeam(
  context: TeamContext,
  { engine: wanted, key }: { readonly engine?: string; readonly key?: string },
): Promise<{ readonly waiting: boolean }> {
  const { id, swarm } = await context.engineOf(wanted);
  const known = key ?? (await storedKey(context, id));
  if (known === undefined) {
    throw new AppFailure({
      code: 'swarm.locked',
      message: 'The keychain has no unlock key for this engine’s Swarm.',
      hint: `Give it on standard input: ${context.program} team unlock --key-stdin`,
    });
  }
  const late = new AbortController();
  const callOff = context.clock.after(patience, () => late.abort());
  try {
    await swarm.unlock(known, late.signal);
    return { waiting: false };
  } catch (error) {
    if (late.signal.aborted) return { waiting: true };
    throw error;
  } finally {
    callOff();
  }
}

/** A wrong key is refused at once; the right one is taken, and then the others are waited for. */
const patience = 12_000;

/** A locked manager does not tell its Swarm's id, so what is remembered of the engine says whose key it is. */
async function storedKey({ keychain, records }: TeamContext, engine: string): Promise<string | undefined> {
  const record = await records.of(engine);
  return record?.swarm === undefined ? undefined : keychain.get(unlockAccount(record.swarm));
}
