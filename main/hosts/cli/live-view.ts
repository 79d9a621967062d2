import { splitId } from '../../../preload/contract/ids.ts';
import { applyPatch, emptyLiveState } from '../../../preload/contract/live-state.ts';
import type { EngineId, LiveState, Service, StackId } from '../../../preload/contract/model.ts';
import { AppFailure } from '../../core/app-failure.ts';
import type { Project } from '../../core/compose/project.ts';
import type { Services } from '../../services/services.ts';
import { unlessInterrupted } from './interrupt.ts';

/** Follows the live state; the listener gets every new one, beginning with the present. */
export function followLive(services: Services, listener: (state: LiveState) => void): () => void {
  let state = emptyLiveState;
  return services.live.subscribe((frame) => {
    state = frame.kind === 'snapshot' ? frame.state : frame.patches.reduce(applyPatch, state);
    listener(state);
  });
}

/** Resolves with the first state that fits, or with the latest one when the time is up or the signal fires. */
function waitForLive(
  services: Services,
  fits: (state: LiveState) => boolean,
  options: { readonly milliseconds: number; readonly signal: AbortSignal },
): Promise<LiveState> {
  return new Promise((resolve) => {
    let stop: (() => void) | undefined;
    let over = false;
    let latest = emptyLiveState;
    const end = () => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      options.signal.removeEventListener('abort', end);
      stop?.();
      resolve(latest);
    };
    const timer = setTimeout(end, options.milliseconds);
    options.signal.addEventListener('abort', end, { once: true });
    stop = followLive(services, (state) => {
      latest = state;
      if (fits(state)) end();
    });
    if (over) stop();
  });
}

const patience = 3000;

const refuse = (): AppFailure => new AppFailure({ code: 'cancelled', message: 'Cancelled.' });

/** The engine answers and its containers have been looked at; or the failure that says why not. */
export async function lookAt(services: Services, id: EngineId, signal: AbortSignal): Promise<void> {
  const connection = services.engines.get(id);
  await unlessInterrupted(services.live.ready(id), signal, refuse);
  const state = connection.state();
  if (state.kind === 'unreachable') throw new AppFailure(state.error);
}

/** Every engine that was found, each looked at once or known not to answer. */
export async function lookAtAll(services: Services, signal: AbortSignal): Promise<LiveState> {
  const all = services.engines.list().map(({ id }) => services.live.ready(id));
  await unlessInterrupted(Promise.all(all), signal, refuse);
  return services.live.state();
}

/** A service says nothing about its MCP servers until its supervisor has been asked. */
const mcpKnown = (service: Service | undefined): boolean =>
  service === undefined ||
  service.state !== 'running' ||
  service.mcp?.every(({ state }) => state !== 'unknown') === true;

export interface Settle {
  readonly stack: StackId;
  readonly project: Project | undefined;
  readonly signal: AbortSignal;
}

/** The stack's services as they are now, MCP servers included: waited for, 3 s at most, where the file has some. */
export async function settledServices(
  services: Services,
  { stack, project, signal }: Settle,
): Promise<{ readonly state: LiveState; readonly list: readonly Service[] }> {
  await services.live.ready(splitId(stack).engine);
  const bundles = [...(project?.services.values() ?? [])]
    .filter(({ labels }) => labels?.has('io.claude-env.mcp'))
    .map(({ name }) => `${stack}/${name}`);
  const state = await waitForLive(services, (now) => bundles.every((id) => mcpKnown(now.services[id])), {
    milliseconds: patience,
    signal,
  });
  return { state, list: stackServices(state, stack) };
}

export const stackServices = (state: LiveState, stack: StackId): readonly Service[] =>
  (state.stacks[stack]?.services ?? []).flatMap((id) => {
    const service = state.services[id];
    return service === undefined ? [] : [service];
  });
