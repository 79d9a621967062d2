import type { SwarmLogGap } from '../../../../preload/contract/swarm-logs.ts';
import type { ObservedStack } from '../../../core/swarm/observed.ts';
import { requireServices } from '../../../core/swarm/operate.ts';
import { deploysOf } from '../../../core/swarm/record.ts';
import type { LogOptions } from '../../../services/ports.ts';
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

/** @param ports each published port is tried once on each of its nodes */
export const stackStatus =
  (name?: string, { ports = false }: { readonly ports?: boolean } = {}): Command =>
  async (context) => {
    const { io } = context;
    const observed = await lookAt(context, name);
    const tried = ports ? await context.services.swarm.tryPorts(stackTarget(context, name)) : undefined;
    const status = toStatus(observed, tried?.ports);
    io.data({ stack: observed.stack, services: status, ...(tried === undefined ? {} : { findings: tried.findings }) });
    io.say(columns(statusRows(status, io.paint)).join('\n'));
    for (const finding of tried?.findings ?? []) io.say(diagnosticText(finding, io.paint));
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

/** A row of lines, and between them where some are missing. */
export const stackLogs =
  (service: string, options: LogOptions): Command =>
  async (context) => {
    const { io, services, signal } = context;
    await services.swarm.logs(
      stackTarget(context),
      { service, wanted: options },
      (frame) => {
        if (frame.kind === 'gap') {
          const { seq: _seq, ...gap } = frame.gap;
          io.data({ type: 'gap', service, ...gap });
          io.say(io.paint('yellow', gapText(gap)));
          return;
        }
        if (frame.kind !== 'lines') return;
        for (const { seq: _seq, taskId, at, ...line } of frame.lines) {
          const time = options.timestamps ? at : undefined;
          io.data({ service, ...line, taskId, ...(time === undefined ? {} : { at: time }) });
          const place = `${line.task}@${line.node}`;
          io.say(`${io.paint('cyan', place)}  ${time === undefined ? '' : `${time} `}${keepColours(line.text)}`);
        }
      },
      signal,
    );
    return exitCodes.done;
  };

/** `— no lines from web.2 on n3 since 10:02: the node does not answer —` */
export function gapText({ tasks, node, since, reason, over }: Omit<SwarmLogGap, 'seq'>): string {
  const what = `${tasks.join(', ')} on ${node}`;
  if (over) return `— ${node} answers again: what ${what} wrote meanwhile follows, as far as it was kept —`;
  const time = since === undefined ? '' : ` since ${new Date(since).toTimeString().slice(0, 5)}`;
  return `— no lines from ${what}${time}: ${reason} —`;
}
