import type { ActionOptions } from '../../../../preload/contract/api.ts';
import type { PlanAction } from '../../../../preload/contract/model.ts';
import { findObstacle } from '../../../services/obstacles.ts';
import { exitCodes, toExitCode } from '../exit-codes.ts';
import { unlessInterrupted } from '../interrupt.ts';
import { planText } from '../present/plan.ts';
import { type Command, cancelled } from '../run.ts';
import { requirePrepared } from './first-run.ts';
import { requireServices } from './named-services.ts';

/** What an action would do and why; nothing is done. The exit code is the one that running it would end with at once. */
export const plan =
  (action: PlanAction, options: ActionOptions): Command =>
  async (context) => {
    const { io, services, target, signal } = context;
    await requirePrepared(context);
    await requireServices(context, options.services);
    const found = await unlessInterrupted(services.stacks.plan(target, action, options), signal, cancelled);
    io.data(found);
    io.say(planText(found, io.paint));
    const obstacle = findObstacle(found);
    return obstacle === undefined ? exitCodes.done : toExitCode(obstacle.error.code);
  };
