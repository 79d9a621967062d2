import type { NodeAction } from '../../../../services/team/nodes.ts';
import { exitCodes } from '../../exit-codes.ts';
import { confirm } from '../../prompt.ts';
import { type Command, type Context, cancelled, usage } from '../../run.ts';

const on = (engine: string | undefined) => (engine === undefined ? {} : { engine });

/** What a change of the number of managers means is said first; what is doubtful has to be agreed to. */
async function heed(context: Context, node: string, kind: NodeAction['kind'] | 'rm'): Promise<void> {
  const { io, services, target, globals, signal } = context;
  const advice = await services.team.adviseNode({ ...on(target.engine), node }, kind);
  if (advice === undefined) return;
  io.say(`${advice.kind === 'fine' ? '' : `${io.paint('yellow', '▲')} `}${advice.advice}`);
  if (advice.kind !== 'doubtful' || globals.yes) return;
  if (!io.canAsk) throw usage(advice.advice, 'Add --yes to do it all the same.');
  if (!(await confirm('Do it all the same?', false, signal))) throw cancelled();
}

/** One change of one node. */
export const changeNode =
  (node: string, action: NodeAction): Command =>
  async (context) => {
    const { io, services, target } = context;
    await heed(context, node, action.kind);
    const changed = await services.team.changeNode({ ...on(target.engine), node }, action);
    io.data({ node: changed });
    io.say(`${changed.hostname}: ${changed.role}, ${changed.availability}, ${changed.state}.`);
    return exitCodes.done;
  };

/** `KEY=VALUE` sets, `KEY-` takes away. */
export function toLabels(texts: readonly string[]): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, key, value] = /^([^=\s]+)=(.*)$/.exec(text) ?? [];
      if (key !== undefined) return [key, value];
      if (/^[^=\s]+-$/.test(text)) return [text.slice(0, -1), undefined];
      throw usage(`${text} is no label.`, 'Write KEY=VALUE to set one, KEY- to take one away.');
    }),
  );
}

export const removeNode =
  (node: string, force: boolean): Command =>
  async (context) => {
    const { io, services, target } = context;
    await heed(context, node, 'rm');
    const removed = await services.team.removeNode({ ...on(target.engine), node, force });
    io.data({ removed });
    io.say(`${removed.hostname || removed.id} is off the list.`);
    return exitCodes.done;
  };

export const replaceNode =
  (old: string, by: string): Command =>
  async ({ io, services, target }) => {
    const done = await services.team.replaceNode({ ...on(target.engine), old, by });
    io.data({ replaced: done });
    io.say(
      `${done.by.hostname} has the labels of ${done.old.hostname} (${done.old.id.slice(0, 12)}), which is off the list.`,
    );
    return exitCodes.done;
  };
