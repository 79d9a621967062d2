import type { EngineId, LiveState, Service, StackId } from '../../../preload/contract/model.ts';
import { applyPatch, emptyLiveState } from '../../../preload/contract/patch.ts';
import { AppFailure } from '../../core/app-failure.ts';
import type { Project } from '../../core/compose/project.ts';
import type { Services } from '../../services/services.ts';

/** Follows the live state; the listener gets every new one, beginning with the present. */
export function followLive(services: Services, listener: (state: LiveState) => void): () => void {
  let state = emptyLiveState;
  return services.live.subscribe((frame) => {
    state = frame.kind === 'snapshot' ? frame.state : frame.patches.reduce(applyPatch, state);
    listener(state);
  });
}

/** Resolves with the first state that fits, or with the latest one when the time is up or the signal fires. */
export function waitForLive(
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

const bySeconds = 10_000;
const mcpSeconds = 3000;

/** The engine answers, or the failure that says why not. */
export async function connectedEngine(services: Services, id: EngineId, signal: AbortSignal): Promise<void> {
  const state = await waitForLive(
    services,
    ({ engines }) => engines[id] !== undefined && engines[id].state.kind !== 'connecting',
    { milliseconds: bySeconds, signal },
  );
  const engine = state.engines[id];
  if (engine?.state.kind === 'unreachable') throw new AppFailure(engine.state.error);
  if (engine?.state.kind !== 'connected') {
    const known = Object.keys(state.engines).join(', ');
    throw new AppFailure({
      code: 'engine.unreachable',
      message: engine === undefined ? `There is no engine ${id}.` : `The engine ${id} does not answer.`,
      hint: engine === undefined ? `Known engines: ${known === '' ? 'none' : known}.` : 'Look at `claude-env doctor`.',
    });
  }
}

/** A service says nothing about its MCP servers until its supervisor has been asked. */
const mcpKnown = (service: Service | undefined): boolean =>
  service === undefined ||
  service.state !== 'running' ||
  service.mcp?.every(({ state }) => state !== 'unknown') === true;

/** The stack's services as they are now, MCP servers included: waited for, 3 s at most, where the file has some. */
export async function settledServices(
  services: Services,
  stack: StackId,
  project: Project | undefined,
  signal: AbortSignal,
): Promise<{ readonly state: LiveState; readonly list: readonly Service[] }> {
  const bundles = [...(project?.services.values() ?? [])]
    .filter(({ labels }) => labels?.has('io.claude-env.mcp'))
    .map(({ name }) => `${stack}/${name}`);
  const state = await waitForLive(services, (now) => bundles.every((id) => mcpKnown(now.services[id])), {
    milliseconds: mcpSeconds,
    signal,
  });
  return { state, list: stackServices(state, stack) };
}

export const stackServices = (state: LiveState, stack: StackId): readonly Service[] =>
  (state.stacks[stack]?.services ?? []).flatMap((id) => {
    const service = state.services[id];
    return service === undefined ? [] : [service];
  });
