import type { Engine, EngineId } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { EngineConnection, Engines } from './ports.ts';

const find = (engines: Engines, id: EngineId): Engine | undefined => engines.list().find((engine) => engine.id === id);

/** Starts connecting where that has not happened, and resolves when it has succeeded or failed once. */
export function settled(engines: Engines, id: EngineId, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const isSettled = () => find(engines, id)?.state.kind !== 'connecting';
    const end = () => {
      stop();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const stop = engines.onChange((engine) => {
      if (engine.id === id && isSettled()) end();
    });
    signal?.addEventListener('abort', end, { once: true });
    engines.get(id);
    if (isSettled() || signal?.aborted) end();
  });
}

const noEngine = (): AppFailure =>
  new AppFailure({
    code: 'engine.unreachable',
    message: 'No Docker engine was found on this machine.',
    hint: 'Install and start Docker (or another engine that speaks its API), then try again.',
    retry: true,
  });

/**
 * The engine that is meant when nothing is said. Others are asked only when the preferred one does not answer; which one
 * counts then is for `Engines` to say (a configured engine that is down is not silently replaced by another).
 */
export async function chooseEngine(engines: Engines): Promise<EngineId> {
  const first = engines.preferred();
  if (first === undefined) throw noEngine();
  await settled(engines, first);
  if (find(engines, first)?.state.kind !== 'connected') {
    await Promise.all(engines.list().map(({ id }) => settled(engines, id)));
  }
  return engines.preferred() ?? first;
}

/** The connection to an engine that answers; throws what `Engines` says about one that does not. */
export async function connectTo(engines: Engines, id: EngineId): Promise<EngineConnection> {
  const connection = engines.get(id);
  await settled(engines, id);
  const state = connection.state();
  if (state.kind === 'unreachable') throw new AppFailure(state.error);
  return connection;
}
