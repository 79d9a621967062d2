import type { ActionOptions } from '../../preload/contract/api.ts';
import type { PlanAction, Service, Stack } from '../../preload/contract/model.ts';
import { toAppError } from '../client/call-error.ts';
import type { AppStores } from './context.ts';
import { selectServices } from './live.ts';

/**
 * What a button or a key does. Start, stop and restart lose nothing and run straight away; everything else shows its
 * plan first. A plan that turns out to lose something or to be in conflict is shown as well.
 */
export async function act(
  app: AppStores,
  stack: string,
  action: PlanAction,
  options: ActionOptions = {},
): Promise<void> {
  const { ui, plans } = app;
  if (action === 'start' || action === 'stop' || action === 'restart') {
    const outcome = await plans.actions.runNow(stack, action, options);
    if (outcome === 'shown') ui.actions.goStack(stack, 'plan');
    return;
  }
  ui.actions.goStack(stack, 'plan');
  await plans.actions.request(stack, action, options);
}

/** What can be done with a stack as it is now. */
export interface Possible {
  readonly start: boolean;
  readonly stop: boolean;
  /** Nothing of it exists yet: starting it means applying the file. */
  readonly fresh: boolean;
}

/** Pure. */
export function possibleActions(stack: Stack, services: readonly Service[]): Possible {
  const fresh = services.length === 0 || services.every((service) => service.state === 'absent');
  const up = services.filter((service) => ['running', 'restarting', 'paused'].includes(service.state));
  const down = services.filter((service) => service.state === 'exited' || service.state === 'created');
  return {
    fresh: fresh && stack.filesFound,
    start: !fresh && down.some((service) => service.aggregate !== 'completed'),
    stop: up.length > 0,
  };
}

/** The service that "Open in VS Code" means: ours by name, otherwise the selected one, if it runs. */
export function editorService(stack: Stack, services: readonly Service[], selected: string | undefined) {
  const wanted = stack.kind === 'local' ? 'claude-env' : services.find((service) => service.id === selected)?.name;
  return services.find((service) => service.name === wanted && service.state === 'running');
}

/** Opens VS Code inside the service's container, by its own link; the system decides what opens it. */
export async function openEditor(app: AppStores, service: Service): Promise<void> {
  try {
    const { uri } = await app.client.call('editor.link', { service: service.id });
    if (app.capabilities.includes('dialogs')) {
      await app.client.call('desktop.openExternal', { url: uri });
      return;
    }
    const link = document.createElement('a');
    link.href = uri;
    link.rel = 'noreferrer';
    link.click();
  } catch (thrown) {
    app.plans.actions.report(service.stack, `Could not open ${service.name} in VS Code`, toAppError(thrown));
  }
}

/** The service whose details are shown: the chosen one, otherwise the first in trouble, otherwise the first. */
export function shownService(app: AppStores, stack: string): Service | undefined {
  const services = selectServices(app.live.getState(), stack);
  const chosen = app.ui.getState().services[stack];
  return pickService(services, chosen);
}

/** Pure. */
export function pickService(services: readonly Service[], chosen: string | undefined): Service | undefined {
  return (
    services.find((service) => service.id === chosen) ??
    services.find((service) => service.aggregate === 'failed' || service.aggregate === 'degraded') ??
    services[0]
  );
}
