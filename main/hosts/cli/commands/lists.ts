import type { Engine, Stack } from '../../../../preload/contract/model.ts';
import { programName } from '../../shared/program-name.ts';
import { exitCodes } from '../exit-codes.ts';
import { lookAtAll } from '../live-view.ts';
import { mark } from '../present/services.ts';
import { columns, count } from '../present/table.ts';
import type { Command } from '../run.ts';

const stackData = (stack: Stack) => ({
  project: stack.project,
  title: stack.title,
  kind: stack.kind,
  stack: stack.id,
  engine: stack.engine,
  aggregate: stack.aggregate,
  ...(stack.reason === undefined ? {} : { reason: stack.reason }),
  services: stack.services.length,
  files: stack.files,
  filesFound: stack.filesFound,
});

/** Every compose project on every engine that answers, whoever made it. */
export const ls: Command = async ({ io, services, signal }) => {
  const state = await lookAtAll(services, signal);
  const stacks = Object.values(state.stacks).sort((a, b) => a.id.localeCompare(b.id));
  io.data({ engines: Object.values(state.engines).map(engineData), stacks: stacks.map(stackData) });
  io.say(
    stacks.length === 0
      ? `No stacks yet. \`${programName()} up\` starts the local one.`
      : columns(
          [
            ['', 'STACK', 'STATE', 'SERVICES', 'ENGINE', 'FILES'],
            ...stacks.map((stack) => [
              mark(stack.aggregate, io.paint),
              stack.project,
              stack.aggregate,
              String(stack.services.length),
              stack.engine,
              `${stack.files.join(', ')}${stack.filesFound || stack.files.length === 0 ? '' : ' (not found here)'}`,
            ]),
          ],
          '',
        ).join('\n'),
  );
  const all = Object.values(state.engines);
  for (const engine of all) {
    if (engine.state.kind === 'unreachable') io.warn(`${engine.id}: ${engine.state.error.message}`);
  }
  return all.some(({ state: { kind } }) => kind === 'connected') ? exitCodes.done : exitCodes.unreachable;
};

const engineData = (engine: Engine) => ({
  id: engine.id,
  title: engine.title,
  address: engine.address,
  source: engine.source,
  preferred: engine.preferred,
  local: engine.local,
  state: engine.state,
});

function engineLines(engine: Engine): readonly string[] {
  const { state } = engine;
  const head = `${engine.preferred ? '*' : ' '} ${engine.id}`;
  const place = [`    ${engine.address}`, `    ${engine.source}`];
  switch (state.kind) {
    case 'connected':
      return [
        `${head}  connected  ${state.product} ${state.version} (API ${state.apiVersion}) on ${state.os}/${state.arch}` +
          (state.swarm === 'none' ? '' : `, Swarm ${state.swarm}`),
        ...place,
      ];
    case 'connecting':
      return [`${head}  connecting`, ...place];
    case 'unreachable':
      return [
        `${head}  unreachable  ${state.error.message}`,
        ...place,
        ...(state.error.hint === undefined ? [] : [`    ${state.error.hint}`]),
      ];
  }
}

/** The engines that were found, why, and how they are. Exit code 3 when none answers. */
export const engines: Command = async ({ io, services, signal }) => {
  const { engines: found } = await lookAtAll(services, signal);
  const list = Object.values(found);
  io.data({ engines: list.map(engineData) });
  io.say(list.length === 0 ? 'No engine was found.' : list.flatMap(engineLines).join('\n'));
  return list.some(({ state }) => state.kind === 'connected') ? exitCodes.done : exitCodes.unreachable;
};

const words = { ok: '✓', warning: '▲', problem: '■', skipped: '○' } as const;
const styles = { ok: 'green', warning: 'yellow', problem: 'red', skipped: 'gray' } as const;

/** What was looked at on this machine, what was found, what to do. Exit code 1 when something stands in the way. */
export const doctor: Command = async ({ io, services }) => {
  const checks = await services.doctor();
  const problems = checks.filter(({ status }) => status === 'problem').length;
  io.data({ checks, problems });
  for (const { status, title, found, nextStep } of checks) {
    io.say(`${io.paint(styles[status], words[status])} ${io.paint('bold', title)}  ${found}`);
    if (nextStep !== undefined) io.say(`    ${nextStep}`);
  }
  io.say(problems === 0 ? 'No problems found.' : `${count(problems, 'problem')} found.`);
  return problems === 0 ? exitCodes.done : exitCodes.failed;
};
