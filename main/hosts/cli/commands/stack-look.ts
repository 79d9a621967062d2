import type { ObservedStack } from '../../../core/swarm/observed.ts';
import { findService, requireServices } from '../../../core/swarm/operate.ts';
import { deploysOf } from '../../../core/swarm/record.ts';
import type { LogOptions } from '../../../services/ports.ts';
import { toEngineSince } from '../../../services/since.ts';
import { exitCodes } from '../exit-codes.ts';
import { keepColours, oneLine } from '../io.ts';
import { diagnosticText } from '../present/errors.ts';
import { statusRows, taskRows, toStatus, toTasks } from '../present/stack.ts';
import { columns, count } from '../present/table.ts';
import type { Command, Context } from '../run.ts';
import { stackTarget } from './stack.ts';

export const listStacks: Command = async ({ io, services, target }) => {
  const stacks = await services.swarm.list(target);
  io.data({ stacks });
  io.say(
    stacks.length === 0
      ? 'This Swarm has no stacks.'
      : columns(stacks.map((one) => [one.name, count(one.services, 'service')])).join('\n'),
  );
  return exitCodes.done;
};

/** Throws `stack.not-found`. */
async function lookAt(context: Context, name: string | undefined): Promise<ObservedStack> {
  const observed = await context.services.swarm.look(stackTarget(context, name));
  requireServices(observed);
  return observed;
}

export const stackStatus =
  (name?: string): Command =>
  async (context) => {
    const { io } = context;
    const observed = await lookAt(context, name);
    const status = toStatus(observed);
    io.data({ stack: observed.stack, services: status });
    io.say(columns(statusRows(status, io.paint)).join('\n'));
    return exitCodes.done;
  };

/** Who deployed what, the last five times. */
export const stackHistory =
  (name?: string): Command =>
  async (context) => {
    const { io } = context;
    const observed = await lookAt(context, name);
    const deploys = deploysOf(observed).map(({ data, ...one }) => ({ ...one, back: data !== undefined }));
    io.data({ stack: observed.stack, deploys });
    const rows = deploys.map(({ number, at, who, hash, changes, back }) => [
      `${number}${back ? '' : ' (no way back)'}`,
      at,
      who,
      hash.slice(0, 12),
      oneLine(changes, 200),
    ]);
    io.say(rows.length === 0 ? `Nobody deployed ${observed.stack} with claude-env.` : columns(rows).join('\n'));
    return exitCodes.done;
  };

export const stackTasks =
  (name: string | undefined, all: boolean): Command =>
  async (context) => {
    const { io } = context;
    const observed = await lookAt(context, name);
    const tasks = toTasks(observed, all);
    io.data({ stack: observed.stack, tasks });
    io.say(
      tasks.length === 0 ? `The stack ${observed.stack} has no tasks.` : columns(taskRows(tasks, io.paint)).join('\n'),
    );
    return exitCodes.done;
  };

/** Everything that is wrong with the file on this Swarm; nothing is planned for it. */
export const lintStack =
  (name?: string): Command =>
  async (context) => {
    const { io, services } = context;
    const plan = await services.swarm.plan(stackTarget(context, name), { kind: 'deploy', options: {} });
    const findings = [...plan.problems, ...plan.warnings];
    io.data({ stack: plan.stack, findings });
    io.say(findings.length === 0 ? 'Nothing to say.' : findings.map((one) => diagnosticText(one, io.paint)).join('\n'));
    return findings.length === 0 ? exitCodes.done : exitCodes.failed;
  };

export const stackLogs =
  (service: string, options: LogOptions): Command =>
  async (context) => {
    const { io, services, signal } = context;
    const target = stackTarget(context);
    const observed = await services.swarm.look(target);
    const nodes = new Map(observed.nodes.map(({ id, hostname }) => [id, hostname]));
    const slots = new Map(
      observed.tasks.map(({ id, slot, node = '' }) => [
        id,
        slot === undefined || slot === 0 ? (nodes.get(node) ?? node) : String(slot),
      ]),
    );
    const { name } = findService(observed, service);
    const wanted =
      options.since === undefined ? options : { ...options, since: toEngineSince(options.since, Date.now()) };
    await services.swarm.logs(
      target,
      name,
      wanted,
      ({ stream, text, task, node, at }) => {
        const place = `${service}.${slots.get(task) ?? task.slice(0, 8)}@${nodes.get(node) ?? node.slice(0, 8)}`;
        if (io.json)
          io.data({ service, task, node: nodes.get(node) ?? node, stream, text, ...(at === undefined ? {} : { at }) });
        else io.say(`${io.paint('cyan', place)}  ${at === undefined ? '' : `${at} `}${keepColours(text)}`);
      },
      signal,
    );
    return exitCodes.done;
  };
