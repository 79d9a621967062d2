import { splitId } from '../../../../preload/contract/ids.ts';
import type { LiveState } from '../../../../preload/contract/model.ts';
import { programName } from '../../shared/program-name.ts';
import { exitCodes } from '../exit-codes.ts';
import { followLive, lookAt, settledServices, stackServices } from '../live-view.ts';
import { diagnosticText } from '../present/errors.ts';
import { mark, serviceData, serviceLines } from '../present/services.ts';
import type { Command, Context } from '../run.ts';
import { isPrepared } from './first-run.ts';

const statusData = (state: LiveState, stack: string) => {
  const { engine, project } = splitId(stack);
  const found = state.stacks[stack];
  return {
    engine,
    stack,
    project,
    aggregate: found?.aggregate ?? 'stopped',
    ...(found?.reason === undefined ? {} : { reason: found.reason }),
    services: stackServices(state, stack).map(serviceData),
  };
};

function statusText(context: Context, state: LiveState, stack: string): string {
  const { paint } = context.io;
  const found = state.stacks[stack];
  const { project, engine } = splitId(stack);
  const services = stackServices(state, stack);
  const aggregate = found?.aggregate ?? 'stopped';
  return [
    `${mark(aggregate, paint)} ${paint('bold', found?.title ?? project)}  ${aggregate}  ${paint('dim', `${project} on ${state.engines[engine]?.title ?? engine}`)}`,
    ...(found?.reason === undefined ? [] : [`  ${found.reason}`]),
    ...(services.length === 0
      ? [`  Nothing here yet. \`${programName()} up\` makes it.`]
      : serviceLines(services, Date.now(), paint)),
  ].join('\n');
}

/**
 * The stack as it is. A file with mistakes is no hindrance: what runs is still shown. With `watch`: again whenever
 * something changes, as JSON one line a change of one service.
 */
export const status =
  (options: { readonly watch: boolean }): Command =>
  async (context) => {
    const { io, services, target, signal } = context;
    const loaded = await services.stacks.load(target);
    const prepared = await isPrepared(context);
    for (const diagnostic of loaded.diagnostics) {
      if (diagnostic.severity === 'error' && prepared) io.warn(diagnosticText(diagnostic, io.paint));
    }
    await lookAt(services, splitId(loaded.stack).engine, signal);
    const { state } = await settledServices(services, { ...loaded, signal });
    io.say(statusText(context, state, loaded.stack));
    io.data(statusData(state, loaded.stack));
    if (options.watch) await watch(context, state, loaded.stack);
    return exitCodes.done;
  };

function watch(context: Context, first: LiveState, stack: string): Promise<void> {
  const { io, services, signal } = context;
  let before = first;
  const show = (state: LiveState) => {
    const changed = stackServices(state, stack).filter((service) => before.services[service.id] !== service);
    const lost = stackServices(before, stack).filter((service) => state.services[service.id] === undefined);
    before = state;
    for (const service of changed) io.data({ type: 'service', ...serviceData(service) });
    for (const service of lost) io.data({ type: 'gone', name: service.name });
    const lines = serviceLines(changed, Date.now(), io.paint);
    if (lines.length + lost.length > 0) {
      io.say(
        [io.paint('dim', new Date().toISOString()), ...lines, ...lost.map(({ name }) => `  ${name} is gone`)].join(
          '\n',
        ),
      );
    }
  };
  return new Promise((resolve) => {
    const stop = followLive(services, show);
    signal.addEventListener(
      'abort',
      () => {
        stop();
        resolve();
      },
      { once: true },
    );
  });
}
