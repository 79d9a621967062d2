import { splitId, toServiceId } from '../../../../preload/contract/ids.ts';
import type { LogLine, ServiceId } from '../../../../preload/contract/model.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Io, keepColours, type Style } from '../io.ts';
import { lookAt, stackServices } from '../live-view.ts';
import { type Command, usage } from '../run.ts';

export interface LogsOptions {
  readonly services: readonly string[];
  readonly follow: boolean;
  readonly tail: number | undefined;
  readonly since: string | undefined;
  readonly timestamps: boolean;
  readonly prefix: boolean;
}

const colours: readonly Style[] = ['cyan', 'yellow', 'green', 'magenta', 'blue'];

function createPrinter(io: Io, options: LogsOptions, ids: readonly ServiceId[]) {
  const width = Math.max(...ids.map((id) => splitId(id).name.length));
  const colour = new Map(ids.map((id, index) => [id, colours[index % colours.length] ?? 'cyan']));
  return (line: LogLine) => {
    const { name } = splitId(line.service);
    io.data({
      service: name,
      container: line.container,
      stream: line.stream,
      ...(line.at === undefined ? {} : { at: line.at }),
      text: line.text,
    });
    const prefix = options.prefix ? `${io.paint(colour.get(line.service) ?? 'cyan', `${name.padEnd(width)} |`)} ` : '';
    const at = options.timestamps && line.at !== undefined ? `${io.paint('dim', line.at)} ` : '';
    io.say(`${prefix}${at}${io.live ? keepColours(line.text) : line.text}`);
  };
}

/** Logs of some services, or of all; with `follow` through restarts until Ctrl-C. */
export const logs =
  (options: LogsOptions): Command =>
  async ({ io, services, target, signal }) => {
    const { stack, project } = await services.stacks.load(target);
    await lookAt(services, splitId(stack).engine, signal);
    const known = new Set([
      ...stackServices(services.live.state(), stack).map(({ name }) => name),
      ...(project?.services.keys() ?? []),
    ]);
    const wrong = options.services.filter((name) => !known.has(name));
    if (wrong.length > 0) {
      throw usage(
        `There is no service ${wrong.join(', ')} in ${splitId(stack).project}.`,
        `It has: ${[...known].join(', ')}.`,
      );
    }
    const names = options.services.length > 0 ? options.services : [...known];
    if (names.length === 0) return exitCodes.done;
    const ids = names.map((name) => toServiceId(stack, name));
    const print = createPrinter(io, options, ids);
    await services.logs(
      {
        services: ids,
        follow: options.follow,
        ...(options.tail === undefined ? {} : { tail: options.tail }),
        ...(options.since === undefined ? {} : { since: options.since }),
      },
      (frame) => {
        if (frame.kind === 'lines') for (const line of frame.lines) print(line);
        else if (io.json) io.data({ service: splitId(frame.service).name, gap: frame.reason });
        else io.warn(`${splitId(frame.service).name}: ${frame.reason}`);
      },
      signal,
    );
    return exitCodes.done;
  };
